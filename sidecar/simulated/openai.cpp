// The simulated OpenAI: chat completions, embeddings, models; responses and the older completions
// stand in files of their own.
//
// Source: OpenAI's API reference; chunk order and members as its service streams them.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/text.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/chat_stream.h"
#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/event_stream.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/openai_completions.h"
#include "sidecar/simulated/openai_responses.h"
#include "sidecar/simulated/openai_rules.h"
#include "sidecar/simulated/prose.h"
#include "sidecar/simulated/vendor.h"

namespace aigw::simulated::openai {
namespace {

constexpr std::string_view kMount = "/v1";

Json nullable(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

std::string render_error(const Refusal& refusal) {
    return Json{{"error",
                 {{"message", refusal.message},
                  {"type", refusal.type},
                  {"param", nullable(refusal.param)},
                  {"code", nullable(refusal.code)}}}}
        .dump(2, ' ', false, Json::error_handler_t::replace);
}

http::Headers common_headers(std::uint64_t seed) {
    Random random(hash_of("headers", seed));
    const std::uint64_t requests = 5000 - 1 - random.below(20);
    const std::uint64_t tokens = 800'000 - random.below(2000);
    return {{"content-type", "application/json"},
            {"openai-organization", "org-simulated"},
            {"openai-processing-ms", std::to_string(20 + random.below(400))},
            {"openai-version", "2020-10-01"},
            {"x-ratelimit-limit-requests", "5000"},
            {"x-ratelimit-limit-tokens", "800000"},
            {"x-ratelimit-remaining-requests", std::to_string(requests)},
            {"x-ratelimit-remaining-tokens", std::to_string(tokens)},
            {"x-ratelimit-reset-requests", std::to_string((5000 - requests) * 12) + "ms"},
            {"x-ratelimit-reset-tokens", std::to_string((800'000 - tokens) / 14) + "ms"},
            {"x-request-id", "req_" + make_id(32, random)}};
}

Plan whole(int status, std::string body, std::uint64_t seed) {
    Plan plan;
    plan.status = status;
    plan.headers = common_headers(seed);
    plan.pieces.push_back({Wait(0), std::move(body)});
    return plan;
}

Plan refused(const Refusal& refusal, std::uint64_t seed) {
    return whole(refusal.status, render_error(refusal), seed);
}

// Chat.

Json render_usage(const TokenCounts& tokens) {
    return {{"prompt_tokens", tokens.prompt},
            {"completion_tokens", tokens.completion},
            {"total_tokens", tokens.total()},
            {"prompt_tokens_details",
             {{"cached_tokens", tokens.cached}, {"cache_write_tokens", 0}, {"audio_tokens", 0}}},
            {"completion_tokens_details",
             {{"reasoning_tokens", tokens.reasoning},
              {"audio_tokens", 0},
              {"accepted_prediction_tokens", 0},
              {"rejected_prediction_tokens", 0}}}};
}

Json render_call(const ToolCall& call) {
    if (call.is_custom) {
        return {{"id", call.id},
                {"type", "custom"},
                {"custom", {{"name", call.name}, {"input", call.arguments}}}};
    }
    return {{"id", call.id},
            {"type", "function"},
            {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
}

Json bytes_of(std::string_view token) {
    Json bytes = Json::array();
    for (const char c : token) bytes.push_back(static_cast<unsigned char>(c));
    return bytes;
}

// Of one token; the runners-up are made up, each less likely than the one before.
Json render_logprob(std::string_view token, std::int64_t top, std::uint64_t seed) {
    Random random(hash_of(token, seed));
    const double logprob = -static_cast<double>(random.below(1000)) / 1000.0;
    Json entry = {{"token", token}, {"logprob", logprob}, {"bytes", bytes_of(token)}};
    Json others = Json::array();
    for (std::int64_t rank = 0; rank < top; ++rank) {
        const std::string other =
            rank == 0 ? std::string(token) : std::string(token) + std::to_string(rank);
        others.push_back({{"token", other},
                          {"logprob", logprob - static_cast<double>(rank)},
                          {"bytes", bytes_of(other)}});
    }
    entry["top_logprobs"] = std::move(others);
    return entry;
}

class ChatReply {
public:
    ChatReply(const Json& body, const Model& model, const Occasion& occasion)
        : body_(body), occasion_(occasion), seed_(seed_of_chat(body, occasion.seed)) {
        answer_ = compose(order(model), seed_);
        Random random(hash_of("id", seed_));
        id_ = "chatcmpl-" + make_id(29, random);
        fingerprint_ = "fp_" + make_uuid(random).substr(0, 8);
    }

    Plan plan() const {
        Random jitter(hash_of("pace", seed_));
        Plan plan;
        plan.headers = common_headers(seed_);
        plan.delay = occasion_.pace.first_token(jitter);
        if (is_true(body_, "stream")) {
            plan.headers.set("content-type", "text/event-stream; charset=utf-8");
            plan.framing = Framing::Chunked;
            plan.pieces = render_chunks();
        } else {
            plan.delay += occasion_.pace.tokens(answer_.tokens.completion, jitter);
            plan.pieces.push_back({Wait(0), render_whole()});
        }
        return plan;
    }

private:
    ChatOrder order(const Model& model) const {
        auto limit = integer_field(body_, "max_completion_tokens");
        if (!limit) limit = integer_field(body_, "max_tokens");
        const Json* parallel = find_field(body_, "parallel_tool_calls");
        return {.body = body_,
                .prompt = read_prompt(body_),
                .model = text_field(body_, "model"),
                .choices = integer_field(body_, "n").value_or(1),
                .max_tokens = limit,
                .is_thinking = is_thinking(body_, model),
                .may_call_in_parallel = parallel == nullptr || parallel->get<bool>(),
                .takes_functions = true};
    }

    Json head(const char* object) const {
        return {{"id", id_},
                {"object", object},
                {"created", occasion_.created()},
                {"model", text_field(body_, "model")}};
    }

    bool wants_logprobs() const { return is_true(body_, "logprobs"); }

    Json render_logprobs(std::string_view text) const {
        if (!wants_logprobs()) return Json(nullptr);
        const std::int64_t top = integer_field(body_, "top_logprobs").value_or(0);
        Json content = Json::array();
        for (const std::string_view token : split_tokens(text)) {
            content.push_back(render_logprob(token, top, seed_));
        }
        return {{"content", std::move(content)}, {"refusal", nullptr}};
    }

    Json render_message(const Choice& choice) const {
        Json message = {{"role", "assistant"},
                        {"content", choice.tool_calls.empty() ? Json(choice.content) : Json()},
                        {"refusal", nullptr},
                        {"annotations", Json::array()}};
        if (choice.tool_calls.empty()) return message;
        if (choice.is_function_call) {
            const ToolCall& call = choice.tool_calls.front();
            message["function_call"] = {{"name", call.name}, {"arguments", call.arguments}};
            return message;
        }
        Json calls = Json::array();
        for (const ToolCall& call : choice.tool_calls) calls.push_back(render_call(call));
        message["tool_calls"] = std::move(calls);
        return message;
    }

    std::string render_whole() const {
        Json reply = head("chat.completion");
        Json choices = Json::array();
        for (const Choice& choice : answer_.choices) {
            choices.push_back({{"index", choices.size()},
                               {"message", render_message(choice)},
                               {"logprobs", render_logprobs(choice.content)},
                               {"finish_reason", choice.finish_reason}});
        }
        reply["choices"] = std::move(choices);
        reply["usage"] = render_usage(answer_.tokens);
        reply["service_tier"] = "default";
        reply["system_fingerprint"] = fingerprint_;
        if (is_true(body_, "x_echo")) {
            reply["x_echo"] = unknown_fields(body_, chat_fields());
        }
        return reply.dump();
    }

    void add_call(std::vector<Delta>& deltas, const ToolCall& call, std::size_t index) const {
        const char* kind = call.is_custom ? "custom" : "function";
        const char* input = call.is_custom ? "input" : "arguments";
        const std::string at = "{\"tool_calls\":[{\"index\":" + std::to_string(index);
        deltas.push_back({.json = at + ",\"id\":" + json_string(call.id) + ",\"type\":\"" + kind +
                                  "\",\"" + kind + "\":{\"name\":" + json_string(call.name) +
                                  ",\"" + input + "\":\"\"}}]}",
                          .tokens = count_tokens(call.name)});
        for (const std::string_view piece : split_tokens(call.arguments)) {
            deltas.push_back(
                {.json = at + ",\"" + kind + "\":{\"" + input + "\":" + json_string(piece) + "}}]}",
                 .tokens = 1});
        }
    }

    static void add_function_call(std::vector<Delta>& deltas, const ToolCall& call) {
        const std::string at = "{\"function_call\":{";
        deltas.push_back(
            {.json = at + "\"name\":" + json_string(call.name) + ",\"arguments\":\"\"}}",
             .tokens = count_tokens(call.name)});
        for (const std::string_view piece : split_tokens(call.arguments)) {
            deltas.push_back(
                {.json = at + "\"arguments\":" + json_string(piece) + "}}", .tokens = 1});
        }
    }

    std::vector<Delta> render_deltas(const Choice& choice) const {
        std::vector<Delta> deltas;
        const bool has_calls = !choice.tool_calls.empty();
        deltas.push_back({.json = std::string(R"({"role":"assistant","content":)") +
                                  (has_calls ? "null" : "\"\"") + R"(,"refusal":null})"});
        for (const std::string_view token : split_tokens(choice.content)) {
            deltas.push_back({.json = "{\"content\":" + json_string(token) + "}",
                              .logprobs = wants_logprobs() ? render_logprobs(token).dump() : "null",
                              .tokens = 1});
        }
        for (std::size_t i = 0; i < choice.tool_calls.size(); ++i) {
            if (choice.is_function_call) {
                add_function_call(deltas, choice.tool_calls[i]);
            } else {
                add_call(deltas, choice.tool_calls[i], i);
            }
        }
        deltas.push_back({.json = "{}", .finish_reason = choice.finish_reason});
        return deltas;
    }

    std::vector<Piece> render_chunks() const {
        Json members = head("chat.completion.chunk");
        members["service_tier"] = "default";
        members["system_fingerprint"] = fingerprint_;
        StreamShape shape;
        shape.head = members.dump();
        shape.head = shape.head.substr(1, shape.head.size() - 2);
        shape.has_obfuscation = true;
        if (const Json* options = find_field(body_, "stream_options")) {
            if (is_true(*options, "include_usage")) {
                shape.usage = render_usage(answer_.tokens).dump();
            }
            const Json* obfuscation = find_field(*options, "include_obfuscation");
            shape.has_obfuscation = obfuscation == nullptr || *obfuscation != false;
        }
        if (is_true(body_, "x_echo")) {
            shape.first_extra = ",\"x_echo\":" + unknown_fields(body_, chat_fields()).dump();
        }
        std::vector<std::vector<Delta>> choices;
        for (const Choice& choice : answer_.choices) choices.push_back(render_deltas(choice));
        return render_stream(shape, choices, occasion_.pace, Random(hash_of("stream", seed_)));
    }

    const Json& body_;
    const Occasion& occasion_;
    std::uint64_t seed_;
    ChatAnswer answer_{};
    std::string id_{};
    std::string fingerprint_{};
};

Plan answer_chat(const Json& body, const Occasion& occasion) {
    if (auto refusal = refuse_model(body, Use::Chat)) {
        return refused(*refusal, occasion.request_seed);
    }
    const auto model = find_model(text_field(body, "model"));
    if (auto refusal = refuse_chat(body, *model)) return refused(*refusal, occasion.request_seed);
    return ChatReply(body, *model, occasion).plan();
}

// Responses and the older completions, with the headers that every answer has.

Plan with_headers(std::variant<Refusal, Plan> outcome, const Occasion& occasion) {
    const std::uint64_t seed = occasion.request_seed;
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return refused(*refusal, seed);
    Plan plan = std::get<Plan>(std::move(outcome));
    http::Headers headers = common_headers(seed);
    for (const http::Header& field : plan.headers) headers.set(field.name, field.value);
    plan.headers = std::move(headers);
    return plan;
}

Plan answer_responses(const Json& body, const Occasion& occasion) {
    return with_headers(make_response(body, occasion), occasion);
}

Plan answer_completions(const Json& body, const Occasion& occasion) {
    return with_headers(make_completion(body, occasion), occasion);
}

// Embeddings.

Json render_vector(const std::vector<float>& vector, bool is_base64) {
    if (is_base64) return Json(render_base64(vector));
    Json numbers = Json::array();
    for (const float component : vector) numbers.push_back(static_cast<double>(component));
    return numbers;
}

Plan answer_embeddings(const Json& body, const Occasion& occasion) {
    if (auto refusal = refuse_model(body, Use::Embeddings)) {
        return refused(*refusal, occasion.request_seed);
    }
    const auto model = find_model(text_field(body, "model"));
    if (auto refusal = refuse_embeddings(body, *model)) {
        return refused(*refusal, occasion.request_seed);
    }
    const std::uint64_t seed = hash_of(model->id, occasion.seed);
    const auto dimensions =
        static_cast<std::size_t>(integer_field(body, "dimensions").value_or(model->dimensions));
    const bool is_base64 = text_field(body, "encoding_format") == "base64";
    Json data = Json::array();
    std::int64_t tokens = 0;
    for (const EmbeddingInput& input : read_inputs(body["input"])) {
        tokens += input.tokens;
        data.push_back(
            {{"object", "embedding"},
             {"index", data.size()},
             {"embedding", render_vector(embed(input.text, dimensions, seed), is_base64)}});
    }
    Json reply = {{"object", "list"},
                  {"data", std::move(data)},
                  {"model", model->id},
                  {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
    if (is_true(body, "x_echo")) {
        reply["x_echo"] = unknown_fields(body, embedding_fields());
    }
    Random jitter(hash_of("pace", seed));
    Plan plan = whole(200, reply.dump(), occasion.request_seed);
    plan.delay = occasion.pace.first_token(jitter);
    return plan;
}

// Models.

Json render_model(const Model& model) {
    return {{"id", model.id},
            {"object", "model"},
            {"created", model.created},
            {"owned_by", "openai"},
            {"shutdown_date", nullable(std::string(model.shutdown_date))}};
}

Plan answer_models(const Occasion& occasion) {
    Json data = Json::array();
    for (const Model& model : models()) data.push_back(render_model(model));
    return whole(200, Json{{"object", "list"}, {"data", std::move(data)}}.dump(),
                 occasion.request_seed);
}

Plan answer_model(std::string_view id, const Occasion& occasion) {
    if (const auto model = find_model(id)) {
        return whole(200, render_model(*model).dump(), occasion.request_seed);
    }
    return refused({404, "The model '" + std::string(id) + "' does not exist",
                    "invalid_request_error", "model", "model_not_found"},
                   occasion.request_seed);
}

// The door.

Refusal refuse_path(const http::Request& request) {
    return {404, "Invalid URL (" + request.method + " " + std::string(path_of(request)) + ")",
            "invalid_request_error", "", ""};
}

Refusal refuse_method(const http::Request& request) {
    return {405, "Not allowed to " + request.method + " on " + std::string(path_of(request)) + ".",
            "invalid_request_error", "", "method_not_supported"};
}

std::optional<Refusal> refuse_key(const http::Request& request) {
    const auto key = bearer_key(request);
    if (!key) {
        return Refusal{401,
                       "You didn't provide an API key. You need to provide your API key in an "
                       "Authorization header using Bearer auth (i.e. Authorization: Bearer "
                       "YOUR_KEY), or as the password field (with blank username) if you're "
                       "accessing the API from your browser and are prompted for a username and "
                       "password. You can obtain an API key from "
                       "https://platform.openai.com/account/api-keys.",
                       "invalid_request_error", "", ""};
    }
    if (is_good_key(*key)) return std::nullopt;
    return Refusal{401,
                   "Incorrect API key provided: " + masked_key(*key) +
                       ". You can find your API key at "
                       "https://platform.openai.com/account/api-keys.",
                   "invalid_request_error", "", "invalid_api_key"};
}

std::optional<Refusal> refuse_body(const http::Request& request, const Json& body) {
    if (!has_json_content_type(request)) {
        const std::string type(*request.headers.find("content-type"));
        return Refusal{415,
                       "Unsupported content type: '" + type +
                           "'. This API method only accepts 'application/json' requests, but you "
                           "specified the header 'Content-Type: " +
                           type + "'. Please try again with a supported content type.",
                       "invalid_request_error", "", "unsupported_content_type"};
    }
    if (body.is_object()) return std::nullopt;
    return Refusal{400,
                   "We could not parse the JSON body of your request. (HINT: This likely means you "
                   "aren't using your HTTP library correctly. The OpenAI API expects a JSON "
                   "payload, but what was sent was not valid JSON. If you have trouble figuring "
                   "out how to fix this, please contact us through our help center at "
                   "help.openai.com.)",
                   "invalid_request_error", "", ""};
}

constexpr std::array kFailures = {
    FailureRow{400, false, "The request could not be understood.", "invalid_request_error",
               "invalid_value"},
    FailureRow{401, false,
               "Incorrect API key provided: sk-f****ault. You can find your API key at "
               "https://platform.openai.com/account/api-keys.",
               "invalid_request_error", "invalid_api_key"},
    FailureRow{403, false, "Country, region, or territory not supported", "request_forbidden",
               "unsupported_country_region_territory"},
    FailureRow{404, false, "The model `gpt-gone` does not exist or you do not have access to it.",
               "invalid_request_error", "model_not_found"},
    FailureRow{408, false, "Request timed out.", "timeout", "timeout"},
    FailureRow{409, false, "The request conflicts with another one.", "invalid_request_error",
               "conflict"},
    FailureRow{422, false, "The request could not be processed.", "invalid_request_error",
               "unprocessable_entity"},
    FailureRow{429, false,
               "Rate limit reached for requests per min (RPM): Limit 5000, Used 5000, Requested 1. "
               "Please try again in 2s.",
               "requests", "rate_limit_exceeded"},
    FailureRow{429, true,
               "You exceeded your current quota, please check your plan and billing details. For "
               "more information on this error, read the docs: "
               "https://platform.openai.com/docs/guides/error-codes/api-errors.",
               "insufficient_quota", "insufficient_quota"},
    FailureRow{500, false,
               "The server had an error while processing your request. Sorry about "
               "that!",
               "server_error", ""},
    FailureRow{502, false, "Bad gateway.", "server_error", ""},
    FailureRow{503, false,
               "That model is currently overloaded with other requests. Please try "
               "again later.",
               "server_error", "overloaded"},
    FailureRow{504, false, "The server took too long to answer.", "server_error", ""},
};

Refusal words_of(const Failure& failure) {
    return find_failure(kFailures, failure);
}

class OpenAi final : public SimulatedVendor {
public:
    explicit OpenAi(const VendorOptions& options) : options_(options) {}

    Plan answer(const http::Request& request, TimePoint now) const override {
        const Occasion occasion{options_.seed, seed_of(request), now, options_.pace};
        if (auto refusal = refuse_key(request)) return refused(*refusal, occasion.request_seed);
        const std::string_view path = path_of(request).substr(kMount.size());
        if (path == "/chat/completions") return post(request, occasion, answer_chat);
        if (path == "/embeddings") return post(request, occasion, answer_embeddings);
        if (path == "/responses") return post(request, occasion, answer_responses);
        if (path == "/completions") return post(request, occasion, answer_completions);
        constexpr std::string_view kModels = "/models";
        if (path != kModels && !path.starts_with("/models/")) {
            return refused(refuse_path(request), occasion.request_seed);
        }
        if (request.method != "GET") return refused(refuse_method(request), occasion.request_seed);
        if (path == kModels) return answer_models(occasion);
        return answer_model(path.substr(kModels.size() + 1), occasion);
    }

    Plan fail(const http::Request& request, const Failure& failure) const override {
        const std::uint64_t seed = seed_of(request);
        Plan plan = refused(words_of(failure), seed);
        if (failure.status == 429 && !failure.is_quota) {
            plan.headers.set("x-ratelimit-remaining-requests", "0");
            plan.headers.set("x-ratelimit-reset-requests", "2s");
            plan.headers.add("retry-after", "2");
            plan.headers.add("retry-after-ms", "2000");
        }
        if (failure.status == 503) plan.headers.add("retry-after", "1");
        return plan;
    }

    std::string error_event(const http::Request& request) const override {
        const Refusal refusal = words_of({.status = 500});
        if (path_of(request).ends_with("/responses")) {
            return render_event({{"type", "error"},
                                 {"code", refusal.type},
                                 {"message", refusal.message},
                                 {"param", nullptr}});
        }
        return sse_frame(Json{{"error",
                               {{"message", refusal.message},
                                {"type", refusal.type},
                                {"param", nullptr},
                                {"code", nullptr}}}}
                             .dump());
    }

private:
    using Operation = Plan (*)(const Json&, const Occasion&);

    std::uint64_t seed_of(const http::Request& request) const {
        return hash_of(request.body, hash_of(request.target, options_.seed));
    }

    static Plan post(const http::Request& request, const Occasion& occasion, Operation operation) {
        if (request.method != "POST") return refused(refuse_method(request), occasion.request_seed);
        const Json body = Json::parse(request.body, nullptr, false);
        if (auto refusal = refuse_body(request, body))
            return refused(*refusal, occasion.request_seed);
        return operation(body, occasion);
    }

    VendorOptions options_;
};

}  // namespace
}  // namespace aigw::simulated::openai

std::unique_ptr<aigw::simulated::SimulatedVendor> aigw::simulated::make_openai(
    const VendorOptions& options) {
    return std::make_unique<openai::OpenAi>(options);
}
