#include "cmd/upstream_view.h"

#include <algorithm>
#include <ostream>
#include <vector>

#include "base/text.h"
#include "cmd/terminal/style.h"
#include "decision/render.h"

namespace aigw::cmd {
namespace {

using exchange::PassedOver;
using exchange::Shown;
using exchange::ShownRequest;

constexpr std::string_view kMask = "***";
constexpr std::string_view kMadeUp = "the body is made up: give one with --request FILE";

// ---- JSON ------------------------------------------------------------------------------------

struct Member {
    std::string name{};
    std::string json{};
};

std::string object_of(const std::vector<Member>& members, std::size_t indent) {
    if (members.empty()) return "{}";
    const std::string outer(indent, ' ');
    std::string text;
    for (const Member& member : members) {
        text += (text.empty() ? "{\n" : ",\n") + outer + "  " + json_string(member.name) + ": " +
                member.json;
    }
    return text + "\n" + outer + "}";
}

std::string headers_json(const http::Headers& headers, std::size_t indent) {
    std::vector<Member> joined;
    for (const http::Header& field : headers) {
        const std::string name = to_lower(field.name);
        const auto known = std::ranges::find(joined, name, &Member::name);
        if (known == joined.end()) {
            joined.push_back({name, std::string(field.value)});
        } else {
            known->json.append(", ").append(field.value);
        }
    }
    for (Member& member : joined) member.json = json_string(member.json);
    return object_of(joined, indent);
}

std::string passed_over_json(const std::vector<PassedOver>& passed_over, std::size_t indent) {
    std::string text;
    for (const PassedOver& one : passed_over) {
        text += (text.empty() ? "[" : ", ") +
                object_of({{"platform", json_string(one.platform)},
                           {"error", json_string(render_line(one.error))}},
                          indent);
    }
    return text + "]";
}

std::string to_json(const Question& question, const Shown& shown, std::size_t indent) {
    std::vector<Member> members;
    if (shown.request) {
        const ShownRequest& request = *shown.request;
        members = {{"platform", json_string(request.platform)},
                   {"method", json_string(request.method)},
                   {"url", json_string(request.url)},
                   {"headers", headers_json(request.headers, indent + 2)},
                   {"body", std::string(trim(request.body))}};
        if (question.has_made_up_body()) members.push_back({"body_made_up", "true"});
        if (!request.warnings.empty())
            members.push_back({"warnings", json_string(request.warnings)});
    } else {
        members.push_back({"none", json_string(shown.why_none)});
    }
    if (!shown.passed_over.empty())
        members.push_back({"passed_over", passed_over_json(shown.passed_over, indent + 2)});
    return object_of(members, indent);
}

// ---- Text ------------------------------------------------------------------------------------

std::string render_text(const Question& question, const Shown& shown, bool has_colors) {
    std::string text = paint(Style::Bold, "upstream request", has_colors) + "\n";
    for (const PassedOver& one : shown.passed_over)
        text += "  not " + one.platform + ": " + render_line(one.error) + "\n";
    if (!shown.request) return text + "  none: " + shown.why_none + "\n";
    const ShownRequest& request = *shown.request;
    text += "  to " + request.platform + "\n";
    if (question.has_made_up_body()) text.append("  ").append(kMadeUp).append("\n");
    if (!request.warnings.empty()) text += "  warnings: " + request.warnings + "\n";
    text += "\n" + request.method + " " + request.url + "\n";
    for (const http::Header& field : request.headers)
        text.append(field.name).append(": ").append(field.value).append("\n");
    return text + "\n" + request.body + "\n";
}

// ---- Shell -----------------------------------------------------------------------------------

// A word that a shell takes as it is: POSIX, Shell Command Language, section 2.2.2.
std::string shell_word(std::string_view text) {
    std::string word = "'";
    for (const char c : text) {
        if (c == '\'')
            word += "'\\''";
        else
            word += c;
    }
    return word + "'";
}

// The field of the key, whose value a shell fills in.
std::string field_with_key(const http::Header& field, const std::string& variable) {
    const std::string_view before = field.value.substr(0, field.value.size() - kMask.size());
    return shell_word(std::string(field.name) + ": " + std::string(before)) + "\"$" + variable +
           "\"";
}

std::string curl_field(const http::Header& field, const ShownRequest& request) {
    const bool is_key = field.name == request.key_field && !request.key_variable.empty();
    if (is_key) return field_with_key(field, request.key_variable);
    // Without a value it would be left out: curl(1), --header.
    if (field.value.empty()) return shell_word(std::string(field.name) + ";");
    return shell_word(std::string(field.name) + ": " + std::string(field.value));
}

// What curl makes by itself, from the address and the body.
bool is_of_curl(const http::Header& field) {
    return equals_ignoring_case(field.name, "host") ||
           equals_ignoring_case(field.name, "content-length");
}

std::string render_curl(const ShownRequest& request) {
    std::string command = "curl " + shell_word(request.url);
    for (const http::Header& field : request.headers)
        if (!is_of_curl(field)) command += " \\\n  -H " + curl_field(field, request);
    return command + " \\\n  --data-binary " + shell_word(request.body) + "\n";
}

}  // namespace

std::string render_json(const Question& question, const Upstream& upstream) {
    constexpr auto kStyle = decision::JsonStyle::Indented;
    const bool is_repeated = question.distribution().decisions() > 1;
    std::string json = is_repeated
                           ? decision::render_json(question.decision(), question.distribution(),
                                                   question.path(), kStyle)
                           : decision::render_json(question.decision(), question.path(), kStyle);
    if (upstream)
        json.insert(json.rfind("\n}"), ",\n  \"upstream\": " + to_json(question, *upstream, 2));
    return json;
}

void print_text(const Question& question, const Upstream& upstream, Program& program) {
    using decision::Colour;
    const bool has_colors = program.colors_out();
    program.out << decision::render_text(question.decision(),
                                         has_colors ? Colour::Yes : Colour::No);
    if (question.distribution().decisions() > 1)
        program.out << "\n" << decision::render_text(question.distribution());
    if (upstream) program.out << "\n" << render_text(question, *upstream, has_colors);
}

void print_curl(const Question& question, const Shown& shown, Program& program) {
    for (const PassedOver& one : shown.passed_over)
        print_line(program, "not " + one.platform + ": " + render_line(one.error));
    if (!shown.request) return print_line(program, "no request is made: " + shown.why_none);
    if (question.has_made_up_body()) print_warning(program, kMadeUp);
    program.out << render_curl(*shown.request);
}

}  // namespace aigw::cmd
