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

std::optional<std::string_view> ResponseHead::find(Field field) const {
    return find_field(fields, field);
}

}  // namespace aigw::engine
