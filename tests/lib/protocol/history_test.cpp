#include "protocol/history.h"

#include <catch2/catch.hpp>

#include "crypto/digest.h"

using namespace aigw::protocol;

namespace {

// Turns of one call each, with its result behind it.
ChatRequest talk_of(const std::vector<std::string>& ids) {
    ChatRequest request;
    for (const std::string& id : ids) {
        Message turn{.role = Role::Assistant};
        turn.parts.push_back({.value = CallPart{.id = id, .name = "f", .arguments = "{}"}});
        Message answer{.role = Role::User};
        answer.parts.push_back({.value = ResultPart{.call_id = id, .content = {}}});
        request.messages.push_back(std::move(turn));
        request.messages.push_back(std::move(answer));
    }
    return request;
}

// The ids of the calls as they go on, each of which is its result's, too.
std::vector<std::string> ids_of(const ChatRequest& request) {
    std::vector<std::string> ids;
    for (const Message& message : request.messages) {
        for (const Part& part : message.parts) {
            if (const auto* call = part.as<CallPart>()) ids.push_back(call->id);
            if (const auto* result = part.as<ResultPart>()) CHECK(result->call_id == ids.back());
        }
    }
    return ids;
}

}  // namespace

TEST_CASE("history: no two calls go on under one id", "[protocol][conversion]") {
    using Ids = std::vector<std::string>;
    struct Row {
        const char* name;
        Ids asked;
        Ids want;
        bool is_repaired;
    };
    const std::string made_up = "toolu_000000000001000000000000";
    const Row rows[] = {
        {"each its own", {"a", "b"}, {"a", "b"}, false},
        {"one that comes again", {"a", "a", "a"}, {"a", "a_2", "a_3"}, true},
        {"the next number is somebody's", {"a", "a", "a_2"}, {"a", "a_3", "a_2"}, true},
        {"… who came before", {"a_2", "a", "a"}, {"a_2", "a", "a_3"}, true},
        {"… and comes again", {"a", "a", "a_2", "a_2"}, {"a", "a_3", "a_2", "a_2_2"}, true},
        {"none", {"", ""}, {made_up, "toolu_000000000002000000000000"}, false},
        {"none, and somebody has what is made up", {"", made_up}, {made_up + "_2", made_up}, true},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            ChatRequest request = talk_of(row.asked);
            Losses losses;
            REQUIRE(repair_history(request, {.sha256_hex = aigw::crypto::sha256_hex}, losses));
            CHECK(ids_of(request) == row.want);
            CHECK(losses.empty() == !row.is_repaired);
        }
    }
}
