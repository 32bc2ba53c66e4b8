#include "config/diagnostic.h"

#include <algorithm>

namespace aigw::config {
namespace {

std::string render_place(const FilePosition& at) {
    if (at.file.empty()) return {};
    std::string text = at.file + ":";
    if (at.line > 0) text += std::to_string(at.line) + ":";
    if (at.line > 0 && at.column > 0) text += std::to_string(at.column) + ":";
    return text + " ";
}

}  // namespace

std::string render_line(const Diagnostic& diagnostic) {
    const std::string kind = diagnostic.severity == Severity::Warning ? "warning: " : "";
    const std::string hint = diagnostic.hint.empty() ? "" : ": " + diagnostic.hint;
    return render_place(diagnostic.at) + kind + diagnostic.message + hint;
}

std::string render_excerpt(const Diagnostic& diagnostic) {
    std::string text = render_line(diagnostic) + "\n";
    if (diagnostic.source_line.empty()) return text;
    std::string number = std::to_string(diagnostic.at.line);
    number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
    text += number + " | " + diagnostic.source_line + "\n";
    if (diagnostic.caret == 0) return text;

    // Tabs are repeated, so that the caret stands below its character whatever a tab is worth.
    std::string indent;
    std::uint32_t column = 0;
    for (const char c : diagnostic.source_line) {
        if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80U) continue;
        if (++column >= diagnostic.caret) break;
        indent.push_back(c == '\t' ? '\t' : ' ');
    }
    return text + std::string(number.size(), ' ') + " | " + indent + "^\n";
}

std::string render_lines(std::span<const Diagnostic> diagnostics) {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics) text += render_line(diagnostic) + "\n";
    return text;
}

Error to_error(const LoadFailure& failure) {
    const auto& all = failure.diagnostics;
    const auto is_error = [](const Diagnostic& d) { return d.severity == Severity::Error; };
    const auto first = std::ranges::find_if(all, is_error);
    if (first == all.end()) return Error{ErrorCode::Config, "the configuration is not usable"};
    const auto more = std::ranges::count_if(all, is_error) - 1;
    Diagnostic shown = *first;
    shown.hint.clear();
    std::string hint = first->hint;
    if (more > 0) {
        hint += (hint.empty() ? "" : " ") + ("(and " + std::to_string(more)) +
                (more == 1 ? " more error)" : " more errors)");
    }
    return Error{ErrorCode::Config, render_line(shown), std::move(hint)};
}

}  // namespace aigw::config
