// Any bytes as an upstream's stream whose answer is cut, passing or converted: what goes out does
// not depend on how they were split, never counts more than the cap, and a converted stream keeps
// its grammar.

#include <memory>
#include <string>
#include <utility>

#include "policy/capped_parser.h"
#include "policy/capped_relay.h"
#include "protocol/anthropic_stream_relay.h"
#include "protocol/chat_stream_relay.h"
#include "protocol/converting_relay.h"
#include "protocol/responses_stream_relay.h"
#include "tests/fuzz/target.h"
#include "tests/lib/protocol/converted_stream.h"
#include "tests/lib/tokens/agreement.h"

namespace {

using namespace aigw;
using fuzz::must_hold;
using policy::Truncation;
using protocol::testing::Wire;

struct Chosen {
    std::int64_t most = 1;
    std::string notice{};
    policy::Measure measure{};
    bool wants_usage = false;
};

Chosen choose(std::uint8_t byte) {
    constexpr const char* kModels[] = {"gpt-4o", "qwen3-8b", "claude-sonnet-4-5"};
    Chosen chosen{.most = byte % 16, .notice = (byte & 16U) != 0 ? "[cut]" : ""};
    chosen.wants_usage = (byte & 32U) != 0;
    chosen.measure.model = tokens::ModelCounters().find(kModels[(byte >> 6U) % 3]);
    if (byte >> 6U != 3)
        chosen.measure.counter = &tokens::built_counter(chosen.measure.model.encoding);
    return chosen;
}

std::unique_ptr<protocol::StreamRelay> passing(Protocol protocol, const Chosen& chosen,
                                               Truncation& truncation) {
    std::unique_ptr<protocol::StreamRelay> relay;
    if (protocol == Protocol::Anthropic) {
        relay = std::make_unique<protocol::AnthropicStreamRelay>();
    } else if (protocol == Protocol::Responses) {
        relay = std::make_unique<protocol::ResponsesStreamRelay>();
    } else {
        relay = std::make_unique<protocol::OpenAiStreamRelay>(protocol::UsageChunk::Pass);
    }
    auto wire = policy::make_capped_wire({.protocol = protocol, .wants_usage = chosen.wants_usage},
                                         {.max_tokens = chosen.most, .notice = chosen.notice},
                                         chosen.measure);
    return std::make_unique<policy::CappedRelay>(std::move(relay), std::move(wire), 7, truncation);
}

std::unique_ptr<protocol::StreamRelay> converting(Wire from, Wire to, const Chosen& chosen,
                                                  Truncation& truncation) {
    auto plan = std::make_unique<const protocol::AnswerPlan>(
        protocol::AnswerPlan{.model = "m", .fallback_id = "f", .wants_usage = chosen.wants_usage});
    auto writer = protocol::testing::make_writer(to, *plan);
    auto parser = std::make_unique<policy::CappedParser>(
        protocol::testing::make_parser(from),
        policy::OutputCap{.max_tokens = chosen.most, .notice = chosen.notice}, chosen.measure, 7,
        truncation);
    return std::make_unique<protocol::ConvertingRelay>(
        std::move(plan), std::move(parser), std::move(writer), std::span<const std::string>{});
}

template <class Make>
std::string relay(std::string_view text, std::size_t first, std::size_t second,
                  const Chosen& chosen, Make make) {
    Truncation truncation;
    const auto relay = make(chosen, truncation);
    std::string out;
    for (const std::string_view piece :
         {text.substr(0, first), text.substr(first, second - first), text.substr(second)}) {
        const std::string own(piece);
        if (!relay->is_over()) out += relay->feed(own);
    }
    if (!relay->is_over()) out += relay->finish();
    if (!truncation.is_cut) return out;
    const bool is_ended = relay->is_over() && relay->is_complete();
    must_hold(is_ended || relay->failure().has_value(), "a stream that is cut ends");
    if (is_ended)
        must_hold(relay->usage() && relay->usage()->total_output() <= chosen.most,
                  "a stream that is cut has no more than the cap");
    return out;
}

template <class Make>
std::string relay_in_splits(std::string_view text, std::size_t first, std::size_t second,
                            const Chosen& chosen, Make make) {
    const std::string whole = relay(text, text.size(), text.size(), chosen, make);
    must_hold(relay(text, first, second, chosen, make) == whole,
              "a capped stream is the same however it was split");
    return whole;
}

}  // namespace

// The first byte chooses the cap, the next two the places of the splits, the rest is the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kHead = 3;
    if (size < kHead) return 0;
    const Chosen chosen = choose(data[0]);
    const std::string_view text(reinterpret_cast<const char*>(data) + kHead, size - kHead);
    const auto [first, second] =
        std::minmax({text.size() * data[1] / 256, text.size() * data[2] / 256});
    for (const Protocol protocol : {Protocol::OpenAi, Protocol::Anthropic, Protocol::Responses}) {
        relay_in_splits(text, first, second, chosen, [&](const Chosen& of, Truncation& truncation) {
            return passing(protocol, of, truncation);
        });
    }
    const protocol::AnswerPlan plan{.wants_usage = chosen.wants_usage};
    for (const Wire from : {Wire::OpenAi, Wire::Anthropic, Wire::Responses}) {
        for (const Wire to : {Wire::OpenAi, Wire::Anthropic, Wire::Responses}) {
            const std::string out = relay_in_splits(text, first, second, chosen,
                                                    [&](const Chosen& of, Truncation& truncation) {
                                                        return converting(from, to, of, truncation);
                                                    });
            must_hold(protocol::testing::assemble(to, out, plan).problem.empty(),
                      "a capped stream keeps its grammar");
        }
    }
    return 0;
}
