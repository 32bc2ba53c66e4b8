#include "protocol/history.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <unordered_map>

namespace aigw::protocol {
namespace {

constexpr std::size_t kHashDigits = 8;

bool is_id_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

// The last place up to `at` that does not cut a character of UTF-8 in two.
std::size_t end_of_character(std::string_view text, std::size_t at) {
    const auto is_inside = [&](std::size_t place) {
        return (static_cast<unsigned char>(text[place]) & 0xC0U) == 0x80U;
    };
    while (at > 0 && is_inside(at)) --at;
    return at;
}

void append_parts(std::vector<Part>& to, std::vector<Part>&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

std::string text_of(const std::vector<Part>& content) {
    std::string text;
    for (const Part& part : content) {
        const auto* piece = part.as<TextPart>();
        if (piece == nullptr) continue;
        if (!text.empty()) text.push_back('\n');
        text.append(piece->text);
    }
    return text;
}

// What stands for a result that belongs to no call: its text, and what else it holds as it is.
std::vector<Part> as_user_content(Part&& part) {
    ResultPart& result = *part.as<ResultPart>();
    std::vector<Part> content;
    content.push_back(
        text_part("Tool result (" + result.call_id + "): " + text_of(result.content), part.place));
    for (Part& inner : result.content) {
        if (!inner.is<TextPart>()) content.push_back(std::move(inner));
    }
    return content;
}

class HistoryRepair {
public:
    HistoryRepair(ChatRequest& request, const HistoryRules& rules, Losses& losses)
        : request_(request), rules_(rules), losses_(losses) {}

    Result<void> run() {
        reserve_ids();
        for (Message& message : request_.messages) {
            if (message.role == Role::Assistant) {
                close_segment();
                open_segment(std::move(message));
            } else {
                after_.push_back(std::move(message));
            }
        }
        if (!calls_.empty() && !has_user_turn()) {
            return Error{.code = ErrorCode::InvalidRequest,
                         .message = "the conversation ends with tool calls that have no result",
                         .hint = "send one result for each call after them",
                         .wire_code = "invalid_value",
                         .param = std::string(path_of(calls_.front().place))};
        }
        close_segment();
        request_.messages = std::move(out_);
        return {};
    }

private:
    // One call of the assistant's turn that the segment answers.
    struct Call {
        std::string asked{};  // the id as the caller has it
        std::string id{};
        Place place{};
        std::optional<Part> result{};
    };

    // The calls of the turn that share an id; of these the first ones have their result.
    struct SameId {
        std::vector<std::size_t> calls{};
        std::size_t answered = 0;
    };

    bool has_user_turn() const {
        return std::ranges::any_of(
            after_, [](const Message& message) { return message.role == Role::User; });
    }

    void open_segment(Message&& turn) {
        calls_.clear();
        ++turns_;
        for (Part& part : turn.parts) {
            auto* call = part.as<CallPart>();
            if (call == nullptr) continue;
            calls_.push_back(
                {.asked = call->id, .id = new_id(call->id, part.place), .place = part.place});
            call->id = calls_.back().id;
        }
        out_.push_back(std::move(turn));
    }

    // What the callers' own ids become is theirs, wherever in the conversation they stand.
    void reserve_ids() {
        for (const Message& message : request_.messages) {
            for (const Part& part : message.parts) {
                const auto* call = part.as<CallPart>();
                if (call != nullptr && !call->id.empty())
                    owners_.try_emplace(safe_id(call->id, rules_), call->id);
            }
        }
    }

    std::string made_up_id() const {
        std::array<char, 32> text{};
        const int size =
            std::snprintf(text.data(), text.size(), "toolu_%012zu%012zu", turns_, calls_.size());
        return {text.data(), static_cast<std::size_t>(size)};
    }

    // The id under which this call and its result go on: no other call has it.
    std::string new_id(const std::string& asked, const Place& place) {
        const std::string wanted = asked.empty() ? made_up_id() : asked;
        std::size_t none = 0;  // what is made up is of one place
        std::size_t& uses = asked.empty() ? none : times_used_[asked];
        for (;;) {
            const bool is_first = ++uses == 1;
            std::string id =
                safe_id(is_first ? wanted : wanted + "_" + std::to_string(uses), rules_);
            const auto [owner, is_free] = owners_.try_emplace(id, asked);
            if (!is_free && (!is_first || owner->second != asked)) continue;
            if (!is_first) losses_.add(LossKind::Repaired, place);
            return id;
        }
    }

    // Everything between two turns of the assistant: results to the front, the rest in its order.
    void close_segment() {
        index_calls();
        std::vector<Message> rest;
        for (Message& message : after_) {
            if (message.role == Role::User) take_results(message);
            if (!message.parts.empty()) rest.push_back(std::move(message));
        }
        after_.clear();
        push_results();
        for (Message& message : rest) push(std::move(message));
        calls_.clear();
    }

    void index_calls() {
        by_id_.clear();
        for (std::size_t i = 0; i < calls_.size(); ++i) by_id_[calls_[i].asked].calls.push_back(i);
    }

    void take_results(Message& message) {
        std::vector<Part> kept;
        kept.reserve(message.parts.size());
        for (Part& part : message.parts) {
            if (!part.is<ResultPart>()) {
                kept.push_back(std::move(part));
            } else if (Call* call = find_call(part)) {
                if (call->result) losses_.add(LossKind::Repaired, part.place);
                part.as<ResultPart>()->call_id = call->id;
                call->result = std::move(part);
            } else {
                losses_.add(LossKind::Repaired, part.place);
                append_parts(kept, as_user_content(std::move(part)));
            }
        }
        message.parts = std::move(kept);
    }

    // The call that this result answers: of several with its id the first that has none yet, else
    // the last of them.
    Call* find_call(const Part& part) {
        const auto found = by_id_.find(part.as<ResultPart>()->call_id);
        if (found == by_id_.end()) return nullptr;
        SameId& same = found->second;
        if (same.answered < same.calls.size()) return &calls_[same.calls[same.answered++]];
        return &calls_[same.calls.back()];
    }

    void push_results() {
        if (calls_.empty()) return;
        Message results{.role = Role::User, .place = calls_.front().place};
        for (Call& call : calls_) {
            if (!call.result) {
                losses_.add(LossKind::Repaired, call.place);
                call.result =
                    Part{.value = ResultPart{.call_id = call.id,
                                             .is_error = true,
                                             .content = {text_part(std::string(kMissingResult))}},
                         .place = call.place};
            }
            results.parts.push_back(*std::move(call.result));
        }
        out_.push_back(std::move(results));
    }

    void push(Message&& message) {
        if (!out_.empty() && out_.back().role == message.role && message.role == Role::User) {
            append_parts(out_.back().parts, std::move(message.parts));
        } else {
            out_.push_back(std::move(message));
        }
    }

    ChatRequest& request_;
    const HistoryRules& rules_;
    Losses& losses_;
    std::vector<Message> out_;
    std::vector<Message> after_;  // since the last turn of the assistant
    std::vector<Call> calls_;     // of that turn
    std::unordered_map<std::string, SameId> by_id_;
    std::unordered_map<std::string, std::size_t> times_used_;
    std::unordered_map<std::string, std::string> owners_;  // of ids: as the caller has them
    std::size_t turns_ = 0;
};

}  // namespace

void merge_neighbours(std::vector<Message>& messages) {
    std::vector<Message> merged;
    merged.reserve(messages.size());
    for (Message& message : messages) {
        const bool continues =
            !merged.empty() && message.role != Role::System && merged.back().role == message.role;
        if (continues) {
            append_parts(merged.back().parts, std::move(message.parts));
        } else {
            merged.push_back(std::move(message));
        }
    }
    messages = std::move(merged);
}

std::string safe_id(std::string_view id, const HistoryRules& rules) {
    std::string safe(id);
    if (rules.restricts_ids)
        std::ranges::replace_if(safe, [](char c) { return !is_id_character(c); }, '_');
    const bool is_too_long = rules.max_id > 0 && safe.size() > rules.max_id;
    if (safe == id && !is_too_long) return safe;
    if (rules.max_id > 0 && safe.size() + 1 + kHashDigits > rules.max_id)
        safe.resize(end_of_character(safe, rules.max_id - 1 - kHashDigits));
    return safe + "_" + rules.sha256_hex(id).substr(0, kHashDigits);
}

Result<void> repair_history(ChatRequest& request, const HistoryRules& rules, Losses& losses) {
    merge_neighbours(request.messages);
    return HistoryRepair(request, rules, losses).run();
}

}  // namespace aigw::protocol
