#include "protocol/embeddings.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::protocol;

namespace {

struct Written {
    std::string body{};
    std::string losses{};
    std::string error{};
    std::string param{};
};

enum class Vendor { OpenAi, Gemini };

Written written(std::string_view asked, Vendor vendor, const EmbeddingLimits& limits = {}) {
    JsonTree tree;
    const auto root = tree.parse(asked);
    REQUIRE(root);
    const auto request = read_embeddings_request(*root);
    if (!request) return {.error = request.error().message, .param = request.error().param};
    Losses losses;
    AnswerPlan plan;
    const ModelTraits traits{};
    const ConversionOptions options{};
    RequestConversion to{
        .model = "m", .traits = traits, .options = options, .losses = losses, .plan = plan};
    const Result<std::string> body =
        vendor == Vendor::OpenAi ? write_openai_embeddings(*request, limits, to)
                                 : Result<std::string>(write_gemini_embeddings(*request, to));
    if (!body) return {.error = body.error().message, .param = body.error().param};
    return {.body = *body, .losses = losses.header()};
}

Result<EmbeddingsReply> read(Result<EmbeddingsReply> (*reader)(JsonValue), std::string_view body) {
    JsonTree tree;
    const auto root = tree.parse(body);
    REQUIRE(root);
    return reader(*root);
}

}  // namespace

TEST_CASE("embeddings: a server of OpenAI's protocol is asked for numbers", "[protocol]") {
    const Written one = written(
        R"({"model":"x","input":"a","encoding_format":"base64","dimensions":64,"user":"u","text_type":"query"})",
        Vendor::OpenAi);
    CHECK(
        one.body ==
        R"({"model":"m","input":"a","encoding_format":"float","dimensions":64,"text_type":"query","user":"u"})");
    CHECK(one.losses.empty());
    const Written list = written(R"({"model":"x","input":["a","b"],"user":"u"})", Vendor::OpenAi,
                                 {.max_texts = 2, .takes_user = false});
    CHECK(list.body == R"({"model":"m","input":["a","b"],"encoding_format":"float"})");
    CHECK(list.losses == "dropped:user");
}

TEST_CASE("embeddings: Gemini is asked for a batch", "[protocol]") {
    const Written made =
        written(R"({"model":"x","input":["a","\""],"dimensions":8,"user":"u"})", Vendor::Gemini);
    CHECK(
        made.body ==
        R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":8},)"
        R"({"model":"models/m","content":{"parts":[{"text":"\""}]},"outputDimensionality":8}]})");
    CHECK(made.losses == "dropped:user");
}

TEST_CASE("embeddings: what such a model can't be asked is refused", "[protocol]") {
    struct Case {
        const char* name;
        const char* body;
        const char* param;
        const char* error;
    };
    const Case cases[] = {
        {"token ids", R"({"model":"x","input":[1,2]})", "input",
         "input must be texts: this model has another vocabulary"},
        {"lists of token ids", R"({"model":"x","input":[[1],[2]]})", "input",
         "input must be texts: this model has another vocabulary"},
        {"too many texts", R"({"model":"x","input":["a","b","c"]})", "input",
         "input holds 3 texts: this model takes at most 2 at once"},
        {"another form", R"({"model":"x","input":"a","encoding_format":"hex"})", "encoding_format",
         "encoding_format must be one of float, base64"},
        {"no dimensions", R"({"model":"x","input":"a","dimensions":0})", "dimensions",
         "dimensions must be a whole number from 1"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Written made = written(c.body, Vendor::OpenAi, {.max_texts = 2});
            CHECK(made.error == c.error);
            CHECK(made.param == c.param);
        }
    }
}

TEST_CASE("embeddings: vectors come as the caller wants them", "[protocol]") {
    const auto openai = read(
        read_openai_embeddings,
        R"({"model":"v","data":[{"index":1,"embedding":[1, -2.5]},{"index":0,"embedding":[0.010000000707805157]}],"usage":{"prompt_tokens":3,"total_tokens":3}})");
    REQUIRE(openai);
    CHECK(
        write_embeddings(*openai, {.model = "x"}, VectorForm::Numbers) ==
        R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.010000000707805157]},)"
        R"({"object":"embedding","index":1,"embedding":[1,-2.5]}],"model":"x","usage":{"prompt_tokens":3,"total_tokens":3}})");
    // 0x3F800000 and 0xC0200000, the lowest byte first.
    CHECK(write_embeddings(*openai, {.model = "x"}, VectorForm::Base64)
              .find(R"("embedding":"AACAPwAAIMA=")") != std::string::npos);

    const auto gemini =
        read(read_gemini_embeddings, R"({"embeddings":[{"values":[1]},{"values":[-2.5]}]})");
    REQUIRE(gemini);
    CHECK(
        write_embeddings(*gemini, {.model = "x", .input_tokens = 7}, VectorForm::Numbers) ==
        R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]},)"
        R"({"object":"embedding","index":1,"embedding":[-2.5]}],"model":"x","usage":{"prompt_tokens":7,"total_tokens":7}})");
}

TEST_CASE("embeddings: an answer without vectors is none", "[protocol]") {
    for (const char* body : {R"({})", R"({"data":[{"embedding":"AAAA"}]})",
                             R"({"data":[{"index":1,"embedding":[1]}]})"}) {
        const auto reply = read(read_openai_embeddings, body);
        REQUIRE_FALSE(reply);
        CHECK(reply.error().code == ErrorCode::UpstreamInvalid);
        CHECK(reply.error().message == "the upstream's answer has no vectors in it");
    }
    CHECK_FALSE(read(read_gemini_embeddings, R"({"embeddings":[{}]})"));
}
