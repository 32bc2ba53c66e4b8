#include "sidecar/engine/http_message.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::engine {
namespace {

std::optional<std::string_view> find_field(const std::vector<FieldView>& fields, Field wanted) {
    for (const FieldView& field : fields) {
        if (field.field == wanted) return field.value;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> RequestHead::find(Field field) const {
    return find_field(fields, field);
}

std::optional<std::string_view> RequestHead::find(std::string_view name) const {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const FieldView& field) {
        return equals_ignoring_case(field.name, name);
    });
    if (found == fields.end()) return std::nullopt;
    return found->value;
}

RequestHead head_of(const http::Request& request) {
    RequestHead head{.method = request.method, .target = request.target};
    const std::size_t query = head.target.find('?');
    head.path = head.target.substr(0, query);
    if (query != std::string_view::npos) head.query = head.target.substr(query + 1);
    for (const http::Header& field : request.headers)
        head.fields.push_back({field.name, field.value, field_of(field.name)});
    return head;
}

std::optional<std::string_view> ResponseHead::find(Field field) const {
    return find_field(fields, field);
}

}  // namespace aigw::engine
