// The body of `aigw call chat`, as OpenAI's Chat Completions has it.
//
// Errors:  usage: a file that cannot be read or is not what its option wants, text that is not
//          UTF-8, a parameter that another option sets.
// Source:  platform.openai.com/docs/api-reference/chat/create.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/program.h"

namespace aigw::cmd {

struct ChatOptions {
    std::string model{};
    std::string system{};               // text, or @FILE
    std::vector<std::string> images{};  // files or URLs
    std::vector<std::string> tools{};   // files
    std::string json_schema{};          // file
    bool json_mode = false;             // any JSON object
    std::optional<std::int64_t> max_tokens{};
    std::optional<double> temperature{};
    std::vector<std::string> parameters{};  // name=value
    std::vector<std::string> prompt{};      // words; "-": standard input
    bool streams = true;
    bool wants_usage = false;
};

// Reads the files and, unless a person sits at it, standard input.
Result<std::string> render_chat_request(const ChatOptions& options, Program& program);

}  // namespace aigw::cmd
