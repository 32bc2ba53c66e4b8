// Google's Gemini, in its own words: generateContent, batchEmbedContents. No caller speaks them, so
// every call is converted.
//
// Address: the model stands in the path, and so does whether the answer is a stream.
// Keys:    `x-goog-api-key`; the vendor takes one in the query, too, where logs would show it.
// Errors:  Google's; its names of statuses mean nothing to callers and are not passed on. How long
//          to wait is said in the body. A model that is gone comes as 404.
// Source:  ai.google.dev/api, /gemini-api/docs/troubleshooting, /gemini-api/docs/rate-limits.
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "http/date.h"
#include "protocol/gemini_error.h"
#include "protocol/gemini_reply.h"
#include "protocol/gemini_request.h"
#include "protocol/gemini_stream.h"
#include "providers/addresses.h"
#include "providers/factories.h"
#include "providers/model_table.h"
#include "providers/vendor_failures.h"

namespace aigw::providers {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kRoot = "/v1beta";
constexpr std::string_view kModels = "models/";
constexpr int kBadRequest = 400;

// ---- Addresses -------------------------------------------------------------------------------

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

// The name is the caller's: it stays one segment of the path.
std::string segment_of(std::string_view name) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(c)) {
            out.push_back(c);
        } else {
            out.append({'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]});
        }
    }
    return out;
}

std::string_view without_kind(std::string_view model) {
    if (model.starts_with(kModels)) model.remove_prefix(kModels.size());
    return model;
}

std::string path_of(std::string_view model, std::string_view method) {
    return "/models/" + segment_of(without_kind(model)) + ":" + std::string(method);
}

// ---- Quotas ----------------------------------------------------------------------------------

// Quotas of a day begin anew at midnight in California: 08:00 UTC, in summer an hour before. By the
// vendor's own clock.
std::optional<milliseconds> until_next_day(const http::Headers& headers) {
    using Days = std::chrono::days;
    constexpr auto kMidnight = std::chrono::hours(8);
    const auto sent = headers.find("date");
    const auto now = sent ? http::parse_date(trim(*sent)) : std::nullopt;
    if (!now) return std::nullopt;
    const auto day = std::chrono::floor<Days>(*now);
    const auto next = *now < day + kMidnight ? day + kMidnight : day + Days(1) + kMidnight;
    return std::chrono::ceil<milliseconds>(next - *now);
}

class Gemini final : public Adapter {
public:
    http::Headers headers(
        const Secret& key,
        std::span<const std::pair<std::string, std::string>> extra) const override {
        http::Headers headers;
        if (!key.empty()) headers.add("x-goog-api-key", key.reveal());
        for (const auto& [name, value] : extra) headers.remove(name);
        for (const auto& [name, value] : extra) headers.add(name, value);
        return headers;
    }

    std::string target(const http::Url& base, const WireCall& call) const override {
        switch (call.operation) {
            case Operation::Chat:
            case Operation::Completions:
                break;
            case Operation::Embeddings:
                return target_below(base, kRoot, path_of(call.model, "batchEmbedContents"));
            case Operation::CountTokens:
                return target_below(base, kRoot, path_of(call.model, "countTokens"));
            case Operation::Models:
                return target_below(base, kRoot, "/models");
        }
        if (!call.is_stream)
            return target_below(base, kRoot, path_of(call.model, "generateContent"));
        std::string target =
            target_below(base, kRoot, path_of(call.model, "streamGenerateContent"));
        const bool has_query = target.find('?') != std::string::npos;
        return target.append(has_query ? "&" : "?").append("alt=sse");
    }

    Result<std::string> encode(protocol::ChatRequest request,
                               protocol::RequestConversion& to) const override {
        return protocol::write_gemini_request(std::move(request), to);
    }

    Result<protocol::ChatReply> decode(std::string_view body) const override {
        protocol::JsonTree tree;
        const protocol::JsonValue root = TRY(parse_reply(tree, body));
        return protocol::read_gemini_reply(root);
    }

    Result<std::string> encode_embeddings(const protocol::EmbeddingsRequest& request,
                                          protocol::RequestConversion& to) const override {
        return protocol::write_gemini_embeddings(request, to);
    }

    Result<protocol::EmbeddingsReply> decode_embeddings(std::string_view body) const override {
        protocol::JsonTree tree;
        const protocol::JsonValue root = TRY(parse_reply(tree, body));
        return protocol::read_gemini_embeddings(root);
    }

    std::unique_ptr<protocol::ChatStreamParser> make_parser() const override {
        return protocol::make_gemini_stream_parser();
    }

    protocol::ModelTraits traits(std::string_view model) const override {
        return find_traits(Dialect::Gemini, without_kind(model));
    }

    Error decode_error(const http::Response& reply) const override {
        protocol::GeminiError failed = protocol::read_gemini_error(reply.body, reply.status);
        const bool is_page = !is_json_object(reply.body) && !reply.body.starts_with('[');
        if (is_page) failed.said = read_words(reply);
        failed.said.type.clear();
        if (failed.code != ErrorCode::UpstreamCredentials) failed.said.code.clear();
        if (failed.code == ErrorCode::NotFound) failed.said.code = "model_not_found";
        Error error =
            make_failure(failed.code, reply.status, std::move(failed.said), reply.headers);
        const bool may_wait =
            error.code == ErrorCode::RateLimited || error.code == ErrorCode::Overloaded;
        if (!may_wait) return error;
        if (failed.retry_after) error.retry_after = failed.retry_after;
        if (!failed.is_daily) return error;
        if (const auto wait = until_next_day(reply.headers))
            error.retry_after = std::max(*wait, error.retry_after.value_or(milliseconds(0)));
        return error;
    }

    Result<void> check_reply(const http::Response& reply) const override {
        if (reply.status >= kBadRequest || !is_json_object(reply.body)) return decode_error(reply);
        if (!protocol::find_vendor_error(reply.body)) return {};
        return decode_error(reply);
    }
};

}  // namespace

std::unique_ptr<Adapter> make_gemini() {
    return std::make_unique<Gemini>();
}

}  // namespace aigw::providers
