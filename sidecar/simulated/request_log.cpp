#include "sidecar/simulated/request_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sidecar/simulated/json.h"

namespace aigw::simulated {
namespace {

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::Open:
            return "open";
        case Outcome::Done:
            return "done";
        case Outcome::Aborted:
            return "aborted";
    }
    return "";
}

}  // namespace

std::uint64_t RequestLog::begin(const http::Request& request, int status) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t number = next_++;
    ++open_;
    entries_.push_back({number, request, status, Outcome::Open});
    if (entries_.size() > kept_) entries_.pop_front();
    return number;
}

void RequestLog::end(std::uint64_t number, Outcome outcome) {
    const std::lock_guard lock(mutex_);
    if (number < first_) return;
    --open_;
    if (outcome == Outcome::Aborted) ++aborted_;
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.number == number; });
    if (found != entries_.end()) found->outcome = outcome;
}

void RequestLog::clear() {
    const std::lock_guard lock(mutex_);
    first_ = next_;
    open_ = 0;
    aborted_ = 0;
    entries_.clear();
}

std::string RequestLog::render() const {
    const std::lock_guard lock(mutex_);
    Json requests = Json::array();
    for (const Entry& entry : entries_) {
        Json headers = Json::array();
        for (const http::Header& field : entry.request.headers) {
            headers.push_back(Json::array({field.name, field.value}));
        }
        requests.push_back({{"number", entry.number - first_ + 1},
                            {"method", entry.request.method},
                            {"target", entry.request.target},
                            {"headers", std::move(headers)},
                            {"body", entry.request.body},
                            {"status", entry.status},
                            {"outcome", name_of(entry.outcome)}});
    }
    return Json{{"count", next_ - first_},
                {"open", open_},
                {"aborted", aborted_},
                {"requests", std::move(requests)}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace aigw::simulated
