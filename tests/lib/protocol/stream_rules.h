// How a stream of any protocol is held to its rules: the first that does not hold ends the check.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lib/protocol/assembled_stream.h"

namespace aigw::protocol::testing {

// Ends the check of a stream: the first rule that does not hold.
struct Broken {
    std::string rule;
};

inline void must(bool holds, const std::string& rule) {
    if (!holds) throw Broken{rule};
}

inline void must_have_only(const nlohmann::ordered_json& object,
                           std::initializer_list<const char*> keys) {
    must(object.is_object(), "an object is expected: " + object.dump());
    for (const auto& [key, value] : object.items()) {
        const bool is_known =
            std::ranges::any_of(keys, [&](const char* known) { return key == known; });
        must(is_known, "no key of the protocol: " + key);
    }
}

inline nlohmann::ordered_json parsed(std::string_view text) {
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(text, nullptr, false);
    must(!json.is_discarded(), "no JSON: " + std::string(text));
    return json;
}

// The events' texts, each without its blank line.
inline std::vector<std::string_view> events_of(std::string_view stream) {
    std::vector<std::string_view> events;
    while (!stream.empty()) {
        const std::size_t end = stream.find("\n\n");
        must(end != std::string_view::npos, "the last event has no blank line");
        events.push_back(stream.substr(0, end));
        stream.remove_prefix(end + 2);
    }
    return events;
}

inline std::string text_of(const nlohmann::ordered_json& object, const char* key) {
    must(object.contains(key) && object[key].is_string(), std::string(key) + " must be a text");
    return object[key].get<std::string>();
}

inline std::int64_t count_of(const nlohmann::ordered_json& object, const char* key) {
    must(object.contains(key) && object[key].is_number_integer(),
         std::string(key) + " must be a number");
    const auto count = object[key].get<std::int64_t>();
    must(count >= 0, std::string(key) + " is negative");
    return count;
}

// `stream` takes one event after the other and gives the message of what has come by then.
template <class Stream>
void read_by_rules(std::string_view text, Stream& stream, Assembled& out) {
    try {
        for (const std::string_view event : events_of(text)) stream.take(event);
    } catch (const Broken& broken) {
        out.problem = broken.rule;
    }
    out.message = stream.message();
    if (out.problem.empty() && !out.is_ended && !out.is_failed)
        out.problem = "the stream does not end";
}

}  // namespace aigw::protocol::testing
