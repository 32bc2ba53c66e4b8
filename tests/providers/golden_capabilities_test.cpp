// What the table of vendors and the table of their models claim, against what the golden cases
// show: each claim has a case of each vendor, and of each pair of caller and dialect.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <set>

#include "protocol/object_scanner.h"
#include "tests/providers/golden_exchange.h"

using namespace aigw;
using namespace aigw::providers;
using namespace aigw::providers::tests;

namespace {

using protocol::ChatReply;
using protocol::ChatRequest;
using protocol::ModelTraits;
using Capabilities = std::set<std::string>;
using Format = protocol::ResponseFormat::Kind;

// ---- What is claimed
// -----------------------------------------------------------------------------

bool sees(const ModelTraits& traits) {
    return !missing_needs(traits).has(protocol::Need::Vision);
}

bool thinks(const ModelTraits& traits) {
    return traits.thinks_by_default || traits.thinking != ModelTraits::Thinking::None ||
           traits.reasoning_field != ModelTraits::ReasoningField::None;
}

bool any_model(const VendorRow& vendor, bool (*can)(const ModelTraits&)) {
    return std::ranges::any_of(known_traits(vendor.dialect),
                               [&](const ModelTraits* traits) { return can(*traits); });
}

// Every way in which a chat can fail at a vendor.
constexpr std::array kFailures = {
    ErrorCode::InvalidRequest, ErrorCode::ContextTooLong,  ErrorCode::UpstreamCredentials,
    ErrorCode::NotFound,       ErrorCode::TooLarge,        ErrorCode::RateLimited,
    ErrorCode::Overloaded,     ErrorCode::UpstreamTimeout, ErrorCode::UpstreamInvalid,
};

std::string failure(ErrorCode code) {
    return "error " + std::string(error_row(code).name);
}

// JSON is promised of every chat: a model that has no such mode is given a tool or words for it.
Capabilities chat_claims(const VendorRow& vendor) {
    Capabilities claims;
    if (vendor.chat == Chat::Yes)
        claims = {"plain", "tools", "parallel tools", "JSON object", "JSON schema", "usage"};
    if (vendor.chat_stream == ChatStream::Yes) claims.insert({"stream", "usage of a stream"});
    if (any_model(vendor, sees)) claims.insert("vision");
    if (any_model(vendor, thinks)) claims.insert("thinking");
    return claims;
}

Capabilities claims_of(const VendorRow& vendor) {
    Capabilities claims = chat_claims(vendor);
    if (vendor.chat == Chat::Yes) {
        for (const ErrorCode code : kFailures) claims.insert(failure(code));
    }
    if (vendor.embeddings == Embeddings::Yes) claims.insert("embeddings");
    if (vendor.models == Models::Yes) claims.insert("models");
    if (vendor.stream_options == StreamOptions::Yes) claims.insert("stream_options");
    return claims;
}

// What a caller of that protocol can ask for at all: Anthropic's has JSON by a schema only.
Capabilities claims_of(const VendorRow& vendor, Protocol caller) {
    Capabilities claims = chat_claims(vendor);
    if (caller == Protocol::Anthropic) claims.erase("JSON object");
    return claims;
}

// ---- What is shown
// -------------------------------------------------------------------------------

bool has_image(const ChatRequest& request) {
    return std::ranges::any_of(request.messages, [](const protocol::Message& message) {
        return std::ranges::any_of(message.parts, [](const protocol::Part& part) {
            return part.is<protocol::ImagePart>();
        });
    });
}

template <class T>
std::ptrdiff_t count_parts(const ChatReply& reply) {
    return std::ranges::count_if(reply.parts,
                                 [](const protocol::Part& part) { return part.is<T>(); });
}

Capabilities shown_by_request(const ChatRequest& request, const ModelTraits& traits) {
    Capabilities shown;
    if (has_image(request) && sees(traits)) shown.insert("vision");
    if (request.format.kind == Format::JsonObject) shown.insert("JSON object");
    if (request.format.kind == Format::JsonSchema) shown.insert("JSON schema");
    return shown;
}

Capabilities shown_by_reply(const ChatReply& reply, bool is_stream) {
    Capabilities shown = {is_stream ? "stream" : "plain"};
    if (reply.usage && reply.usage->output_tokens > 0)
        shown.insert(is_stream ? "usage of a stream" : "usage");
    const bool has_thoughts = count_parts<protocol::ThinkingPart>(reply) > 0;
    if (has_thoughts || (reply.usage && reply.usage->reasoning_tokens > 0))
        shown.insert("thinking");
    const auto calls = count_parts<protocol::CallPart>(reply);
    if (calls > 0) shown.insert("tools");
    if (calls > 1) shown.insert("parallel tools");
    return shown;
}

Capabilities shown_by_chat(const GoldenCase& golden) {
    const GoldenExchange exchange(golden);
    const auto reply = exchange.reply();
    if (!reply) return {failure(reply.error().code)};
    Capabilities shown = shown_by_reply(*reply, exchange.is_stream());
    shown.merge(shown_by_request(exchange.request(), exchange.adapter().traits(exchange.model())));
    if (golden.text("upstream.http").find("\"include_usage\":true") != std::string::npos)
        shown.insert("stream_options");
    return shown;
}

Capabilities shown_by(const GoldenCase& golden) {
    if (golden.operation == Operation::Chat) return shown_by_chat(golden);
    return {std::string(name_of(golden.operation))};
}

Capabilities missing(const Capabilities& claims, const Capabilities& shown) {
    Capabilities rest;
    std::ranges::set_difference(claims, shown, std::inserter(rest, rest.end()));
    return rest;
}

bool is_failure(const std::string& capability) {
    return capability.starts_with("error ");
}

}  // namespace

TEST_CASE("providers: every claimed capability of a vendor has a golden case", "[providers]") {
    const auto cases = load_golden_cases();
    for (const VendorRow& vendor : vendors()) {
        DYNAMIC_SECTION(vendor.name) {
            Capabilities shown;
            for (const GoldenCase& golden : cases) {
                if (golden.vendor == &vendor) shown.merge(shown_by(golden));
            }
            CHECK(missing(claims_of(vendor), shown) == Capabilities{});
        }
    }
}

TEST_CASE("providers: every dialect answers the callers of every protocol", "[providers]") {
    const auto cases = load_golden_cases();
    for (const VendorRow& vendor : vendors()) {
        for (const auto caller : {Protocol::OpenAi, Protocol::Anthropic, Protocol::Responses}) {
            DYNAMIC_SECTION(vendor.name << " and " << name_of(caller)) {
                Capabilities shown;
                for (const GoldenCase& golden : cases) {
                    if (golden.vendor->dialect == vendor.dialect && golden.caller == caller)
                        shown.merge(shown_by(golden));
                }
                CHECK(missing(claims_of(vendor, caller), shown) == Capabilities{});
                CHECK(std::ranges::any_of(shown, is_failure));
            }
        }
    }
}
