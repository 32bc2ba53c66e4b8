#include "protocol/anthropic_client_tools.h"

#include <algorithm>
#include <array>

namespace aigw::protocol {
namespace {

constexpr std::array kClientTools = {
    ClientTool{
        "bash_", "Run commands in a bash shell. The session is kept between calls.",
        R"({"type":"object","properties":{"command":{"type":"string","description":"The bash command to run. Required unless the tool is restarted."},"restart":{"type":"boolean","description":"True restarts the shell."}}})"},
    ClientTool{
        "text_editor_",
        "View, create and edit text files. `view` shows a file or lists a directory, `create` "
        "writes a file, `str_replace` replaces one exact and unique piece of text, `insert` adds "
        "text after a line.",
        R"({"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"]},"path":{"type":"string","description":"The file or directory."},"view_range":{"type":"array","items":{"type":"integer"},"description":"Of view: the first and the last line; -1 is the end of the file."},"file_text":{"type":"string","description":"Of create: the content of the file."},"old_str":{"type":"string","description":"Of str_replace: the text to replace."},"new_str":{"type":"string","description":"Of str_replace: the text that takes its place."},"insert_line":{"type":"integer","description":"Of insert: the line after which the text goes; 0 is the beginning."},"insert_text":{"type":"string","description":"Of insert: the text."}},"required":["command","path"]})"},
    ClientTool{
        "memory_",
        "Keep notes in files under /memories between conversations: view, create, str_replace, "
        "insert, delete, rename.",
        R"({"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},"path":{"type":"string","description":"The file or directory, under /memories."},"view_range":{"type":"array","items":{"type":"integer"},"description":"Of view: the first and the last line."},"file_text":{"type":"string","description":"Of create: the content of the file."},"old_str":{"type":"string","description":"Of str_replace: the text to replace."},"new_str":{"type":"string","description":"Of str_replace: the text that takes its place."},"insert_line":{"type":"integer","description":"Of insert: the line after which the text goes."},"insert_text":{"type":"string","description":"Of insert: the text."},"old_path":{"type":"string","description":"Of rename: the path as it is."},"new_path":{"type":"string","description":"Of rename: the path as it is to be."}},"required":["command"]})"},
};

}  // namespace

const ClientTool* find_client_tool(std::string_view type) {
    const auto* const found = std::ranges::find_if(
        kClientTools, [&](const ClientTool& tool) { return type.starts_with(tool.type_prefix); });
    return found == kClientTools.end() ? nullptr : found;
}

}  // namespace aigw::protocol
