// A converted stream as a caller's library reads it: checked against its protocol's grammar, as
// strictly as the strictest library, and put together to the message that the caller gets.
//
// Source:  the conversion contract, sections 5 and 8 ("What the SDKs rely on").
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace aigw::protocol::testing {

struct Assembled {
    std::string problem{};             // where the grammar is broken; empty: nowhere
    bool is_ended = false;             // `[DONE]`, message_stop or the whole response came
    bool is_failed = false;            // an error came, last
    nlohmann::ordered_json message{};  // in the shape of the whole answer
    nlohmann::ordered_json error{};    // the error's `error`
};

enum class AsksUsage : bool { No, Yes };

Assembled assemble_openai(std::string_view stream, AsksUsage asks_usage);
Assembled assemble_anthropic(std::string_view stream);
Assembled assemble_responses(std::string_view stream);

}  // namespace aigw::protocol::testing
