#include "protocol/responses_output.h"

#include "protocol/openai_answer.h"

namespace aigw::protocol {

Stop read_responses_stop(JsonValue response, std::string_view refusal) {
    Stop stop{.reason = StopReason::EndTurn};
    if (response["status"].is("incomplete")) {
        const bool is_filtered = response["incomplete_details"]["reason"].is("content_filter");
        stop.reason = is_filtered ? StopReason::Refusal : StopReason::MaxTokens;
    }
    return refused_stop(std::move(stop), refusal);
}

}  // namespace aigw::protocol
