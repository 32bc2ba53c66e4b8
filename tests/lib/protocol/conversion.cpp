#include "tests/lib/protocol/conversion.h"

#include "crypto/digest.h"
#include "protocol/anthropic_request.h"
#include "protocol/completions_request.h"
#include "protocol/openai_request.h"
#include "protocol/responses_request.h"

namespace aigw::protocol::tests {
namespace {

using Read = Result<ChatRequest> (*)(JsonValue body, Losses& losses);
using Write = Result<std::string> (*)(ChatRequest request, RequestConversion& to);

Converted convert(std::string_view body, Read read, Write write, const ModelTraits& traits,
                  ConversionOptions options) {
    Converted made;
    Losses losses;
    options.sha256_hex = crypto::sha256_hex;
    JsonTree tree;
    const auto root = tree.parse(body);
    if (!root) {
        made.error = root.error();
        return made;
    }
    auto request = read(*root, losses);
    if (!request) {
        made.error = request.error();
        return made;
    }
    RequestConversion to{.model = "claude",
                         .traits = traits,
                         .options = options,
                         .losses = losses,
                         .plan = made.plan};
    auto written = write(std::move(request).take(), to);
    made.losses = losses.header();
    made.ignored = losses.ignored_list();
    made.betas = to.betas;
    if (!written) {
        made.error = written.error();
        return made;
    }
    made.body = std::move(written).take();
    made.json = Json::parse(made.body);
    return made;
}

}  // namespace

ModelTraits old_claude() {
    return {.max_output = 64000, .thinking = ModelTraits::Thinking::Budget};
}

ModelTraits claude_4_5() {
    return {.max_output = 64000,
            .thinking = ModelTraits::Thinking::Budget,
            .sampling = ModelTraits::Sampling::OneOf,
            .structured_output = true};
}

ModelTraits adaptive_claude() {
    return {.max_output = 128000,
            .efforts = {Effort::Low, Effort::Medium, Effort::High, Effort::Max},
            .thinking = ModelTraits::Thinking::Adaptive,
            .sampling = ModelTraits::Sampling::None,
            .structured_output = true,
            .mid_system = true,
            .prefill = false};
}

Converted openai_to_anthropic(std::string_view body, const ModelTraits& traits,
                              ConversionOptions options) {
    return convert(body, read_openai_request, write_anthropic_request, traits, options);
}

Converted responses_to_anthropic(std::string_view body, const ModelTraits& traits) {
    return convert(body, read_responses_request, write_anthropic_request, traits, {});
}

Converted responses_to_openai(std::string_view body, const ModelTraits& traits) {
    return convert(body, read_responses_request, write_openai_request, traits, {});
}

Converted openai_to_responses(std::string_view body, const ModelTraits& traits) {
    return convert(body, read_openai_request, write_responses_request, traits, {});
}

Converted anthropic_to_responses(std::string_view messages, const ModelTraits& traits) {
    const auto read = [](JsonValue body, Losses& losses) {
        return read_anthropic_request(body, MaxTokens::Optional, losses);
    };
    std::string body = R"({"model":"m","messages":)";
    body.append(messages).append("}");
    return convert(body, read, write_responses_request, traits, {});
}

Converted completions_to_anthropic(std::string_view body, const ModelTraits& traits) {
    return convert(body, read_completions_request, write_anthropic_request, traits, {});
}

std::string hello(std::string_view members) {
    return talk(R"({"role":"user","content":"hi"})", members);
}

std::string talk(std::string_view messages, std::string_view members) {
    std::string body = R"({"model":"m","messages":[)";
    body.append(messages).append("]");
    if (!members.empty()) body.append(",").append(members);
    return body.append("}");
}

}  // namespace aigw::protocol::tests
