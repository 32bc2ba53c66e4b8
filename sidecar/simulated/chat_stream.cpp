#include "sidecar/simulated/chat_stream.h"

#include <algorithm>

#include "sidecar/simulated/ids.h"

namespace aigw::simulated {
namespace {

class FrameWriter {
public:
    FrameWriter(const StreamShape& shape, Random& random) : shape_(shape), random_(random) {}

    std::string delta(std::size_t index, const Delta& delta, bool is_first) {
        std::string json = "{" + shape_.head + ",\"choices\":[{\"index\":" + std::to_string(index) +
                           ",\"delta\":" + delta.json;
        if (shape_.has_logprobs) json += ",\"logprobs\":" + delta.logprobs;
        json += ",\"finish_reason\":";
        if (delta.finish_reason.empty()) {
            json += "null";
        } else {
            json.append("\"").append(delta.finish_reason).append("\"");
        }
        json.append(delta.extra).append("}]");
        if (is_first) json += shape_.first_extra;
        tokens_ += delta.tokens;
        if (shape_.running_usage) {
            json += ",\"usage\":" + shape_.running_usage(tokens_);
        } else if (!shape_.usage.empty() && shape_.has_null_usage) {
            json += ",\"usage\":null";
        }
        return close(std::move(json));
    }

    std::string usage() {
        return close("{" + shape_.head + ",\"choices\":[],\"usage\":" + shape_.usage);
    }

private:
    std::string close(std::string json) {
        if (shape_.has_obfuscation) {
            json += ",\"obfuscation\":\"" + make_id(1 + random_.below(12), random_) + "\"";
        }
        return sse_frame(json + "}");
    }

    const StreamShape& shape_;
    Random& random_;
    std::int64_t tokens_ = 0;  // so far
};

}  // namespace

std::vector<Piece> render_stream(const StreamShape& shape,
                                 const std::vector<std::vector<Delta>>& choices, const Pace& pace,
                                 Random random) {
    FrameWriter writer(shape, random);
    Random jitter(random.next());
    std::vector<Piece> pieces;
    std::size_t rounds = 0;
    for (const auto& deltas : choices) rounds = std::max(rounds, deltas.size());
    bool is_first_token = true;
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t index = 0; index < choices.size(); ++index) {
            if (round >= choices[index].size()) continue;
            const Delta& delta = choices[index][round];
            // The head has waited for the first token; the choices are written side by side.
            const bool is_free = index > 0 || delta.tokens == 0 || is_first_token;
            if (delta.tokens > 0) is_first_token = false;
            pieces.push_back({is_free ? Wait(0) : pace.tokens(delta.tokens, jitter),
                              writer.delta(index, delta, pieces.empty())});
        }
    }
    if (!shape.usage.empty()) pieces.push_back({Wait(0), writer.usage()});
    pieces.push_back({Wait(0), sse_frame(shape.last)});
    return pieces;
}

std::string sse_frame(std::string_view json) {
    return "data: " + std::string(json) + "\n\n";
}

}  // namespace aigw::simulated
