// Parameters changed on their way: a valid object stays one, with the fields that the rules leave,
// and every field that no rule names keeps its value; any other text is edited within its bounds.
// A query is looked through, too.

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "matching/request.h"
#include "policy/params.h"
#include "protocol/splice.h"
#include "tests/fuzz/target.h"

namespace {

using Json = nlohmann::json;
using aigw::policy::ParamOptions;

const ParamOptions& rules() {
    static const ParamOptions kRules = {.rename = {{"max_completion_tokens", "max_tokens"}},
                                        .defaults = {{"temperature", "0.7"}, {"stop", R"(["a"])"}},
                                        .clamp = {{"max_tokens", 1, 100}, {"temperature", 0, 1}},
                                        .drop = {"logit_bias", "user"},
                                        .set = {{"store", "false"}}};
    return kRules;
}

// Names that a rule may change.
bool is_named(const std::string& key) {
    static const std::set<std::string, std::less<>> kNamed = {
        "max_completion_tokens", "max_tokens", "temperature", "stop", "logit_bias", "user", "store",
        "max_output_tokens"};
    return kNamed.contains(key);
}

// The facts refuse keys that come twice, and no rule's name is written with escapes.
bool is_plain_object(const std::string& text) {
    std::set<std::string> keys;
    bool is_plain = text.find('\\') == std::string::npos;
    const auto see = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth == 1 && event == Json::parse_event_t::key)
            is_plain = keys.insert(parsed.get<std::string>()).second && is_plain;
        return true;
    };
    const Json json = Json::parse(text, see, false);
    return json.is_object() && is_plain;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    aigw::policy::ParamEditor editor(text);
    editor.apply(rules(), "fuzz");
    editor.limit_output(50, "max_tokens", "fuzz");
    const auto edits = editor.edits();
    std::size_t at = 0;
    for (const aigw::protocol::Edit& edit : edits) {
        const bool is_in_order = at <= edit.begin && edit.begin <= edit.end && edit.end <= size;
        aigw::fuzz::must_hold(is_in_order, "edits lie within the text, one after the other");
        at = edit.end;
    }
    const std::string made = aigw::protocol::splice(text, edits);
    aigw::matching::find_in_query(text, "a");
    if (!is_plain_object(text)) return 0;

    const Json before = Json::parse(text, nullptr, false);
    const Json after = Json::parse(made, nullptr, false);
    aigw::fuzz::must_hold(after.is_object(), "an object stays one");
    for (const auto& [key, value] : before.items())
        if (!is_named(key))
            aigw::fuzz::must_hold(after.contains(key) && after[key] == value,
                                  "what no rule names stays");
    aigw::fuzz::must_hold(after.contains("store") && after["store"] == false, "what is set is set");
    aigw::fuzz::must_hold(!after.contains("logit_bias"), "what is dropped is gone");
    const Json most = after.value("max_tokens", Json());
    aigw::fuzz::must_hold(!most.is_number() || most.get<double>() <= 50, "an answer has its bound");
    return 0;
}
