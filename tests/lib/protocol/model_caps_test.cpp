#include "protocol/model_caps.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace aigw::protocol;
using Kind = Capability::Kind;

namespace {

const Capability& find(std::string_view name) {
    const auto found = std::ranges::find(capabilities(), name, &Capability::name);
    REQUIRE(found != capabilities().end());
    return *found;
}

ModelTraits with(std::string_view name, std::int64_t value) {
    const Cap cap{&find(name), value};
    return with_caps({}, std::span(&cap, 1));
}

}  // namespace

TEST_CASE("caps: every capability changes a model's traits, and has its own name", "[protocol]") {
    CHECK(std::ranges::is_sorted(capabilities(), {}, &Capability::name));
    CHECK(std::ranges::adjacent_find(capabilities(), {}, &Capability::name) ==
          capabilities().end());
    for (const Capability& known : capabilities()) {
        CAPTURE(known.name);
        CHECK((known.kind == Kind::Word || known.kind == Kind::Words) == !known.words.empty());
        // Of two values one at least is not what a model has by itself.
        CHECK(with(known.name, 0) != with(known.name, known.kind == Kind::Words ? 12 : 1));
    }
}

TEST_CASE("caps: words stand for what their names say", "[protocol]") {
    CHECK(with("thinking", 3).thinking == ModelTraits::Thinking::Both);
    CHECK(with("sampling", 2).sampling == ModelTraits::Sampling::None);
    CHECK(with("max_field", 1).max_field == ModelTraits::MaxField::MaxCompletionTokens);
    CHECK(with("reasoning_in", 2).reasoning_field == ModelTraits::ReasoningField::EnableThinking);
    CHECK(with("system_position", 1).system_position == ModelTraits::SystemPosition::FirstOnly);
    CHECK(with("cache_breakpoints", 1).cache_marks == ModelTraits::CacheMarks::CacheControl);
    CHECK(with("max_output", 8192).max_output == 8192);

    CHECK_FALSE(with("prefill", 0).prefill);
    CHECK(with("prefill", 1).prefill);
    CHECK(with("prefill", 1).continued_answer == ModelTraits::ContinuedAnswer::Partial);

    const Capability& efforts = find("efforts");
    for (std::size_t i = 0; i < efforts.words.size(); ++i) {
        CHECK(efforts.words[i] == name_of(static_cast<Effort>(i)));
        const ModelTraits traits = with("efforts", std::int64_t{1} << i);
        CHECK(traits.efforts == Efforts{static_cast<Effort>(i)});
    }
    const ModelTraits choices = with("tool_choice", 0b0111);
    CHECK(choices.choice_required);
    CHECK_FALSE(choices.choice_named);
}

TEST_CASE("caps: what a model can't be asked for", "[protocol]") {
    CHECK(missing_needs({}).empty());
    CHECK(names_of(missing_needs(with("images", 0))) == "vision");
    CHECK(names_of(missing_needs(with("content_arrays", 0))) == "vision");
    CHECK(names_of(missing_needs(with("audio", 0))) == "audio");
}
