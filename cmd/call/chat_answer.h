// The answer of `aigw call chat`, printed as it comes.
//
// Shape:   the text of the first choice goes out as it arrives, that of others after it; then one
//          line of JSON per tool call. An answer that does not stream is printed the same way.
// Errors:  that of an error status or an error event; upstream_invalid when the answer is not what
//          the protocol says, or a stream ends before its end mark. Text that came before stays
//          printed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/usage.h"
#include "cmd/program.h"
#include "http/message.h"
#include "http/transport.h"
#include "protocol/sse.h"

namespace aigw::cmd {

class ChatAnswer : public http::ReplySink {
public:
    // `on_first_byte` is called once, before anything is printed.
    ChatAnswer(Program& program, std::function<void()> on_first_byte)
        : program_(program), on_first_byte_(std::move(on_first_byte)) {}

    void on_head(int status, const http::Headers& headers) override;
    // False once nobody reads the output.
    bool on_bytes(std::string_view bytes) override;
    // After the last byte.
    Result<void> finish();

    const http::Headers& headers() const { return headers_; }
    const std::optional<Usage>& usage() const { return usage_; }
    // The whole body of an answer that did not stream.
    const std::string& body() const { return body_; }
    // Why the model stopped, its first answer first: "stop", "length", …; empty: it did not say.
    const std::string& finish_reason() const { return finish_reason_; }

private:
    struct ToolCall {
        std::string id{};
        std::string name{};
        std::string arguments{};
    };

    void read_events();
    void take_event(std::string_view data);
    void take_choice(const nlohmann::ordered_json& choice, const nlohmann::ordered_json& message);
    void take_tool_call(const nlohmann::ordered_json& call, std::size_t place);
    void print_text(std::size_t choice, const std::string& text);
    void print_rest();
    Result<void> finish_whole();

    Program& program_;
    std::function<void()> on_first_byte_;
    int status_ = 0;
    http::Headers headers_{};
    bool streams_ = false;
    protocol::SseReader events_{};
    std::string body_{};
    std::optional<Error> failure_{};
    bool is_complete_ = false;  // the end mark was there, or the model said why it stopped
    std::string finish_reason_{};
    std::optional<Usage> usage_{};
    char last_printed_ = '\n';
    std::map<std::size_t, std::string> other_choices_{};
    std::map<std::size_t, ToolCall> tool_calls_{};
};

}  // namespace aigw::cmd
