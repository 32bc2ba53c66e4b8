#include "cmd/input.h"

#include <istream>
#include <iterator>

#include "base/text.h"
#include "config/files.h"

namespace aigw::cmd {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;

std::string read_all(std::istream& in) {
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

Error usage_error(std::string message, std::string hint) {
    return {ErrorCode::Usage, std::move(message), std::move(hint)};
}

Result<std::string> read_input(const std::string& path, Program& program) {
    if (path == "-") return read_all(program.in);
    auto content = config::DiskFiles().read(path, kMaxFileBytes);
    if (!content) {
        return Error{ErrorCode::Usage,
                     "cannot read " + json_string(path) + ": " + content.error().message,
                     "name a readable file, or - for standard input"};
    }
    return content;
}

Result<std::string> read_text_or_file(const std::string& text, Program& program) {
    if (!text.starts_with('@')) return text;
    return read_input(text.substr(1), program);
}

std::string read_piped_input(Program& program) {
    return program.terminal.in_is_terminal ? std::string() : read_all(program.in);
}

}  // namespace aigw::cmd
