#include "sidecar/engine/http_message.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::engine {
namespace {

std::optional<std::string_view> find_field(const std::vector<FieldView>& fields,
                                           std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const FieldView& field) {
        return equals_ignoring_case(field.name, name);
    });
    if (found == fields.end()) return std::nullopt;
    return found->value;
}

}  // namespace

std::optional<std::string_view> RequestHead::find(std::string_view name) const {
    return find_field(fields, name);
}

std::optional<std::string_view> ResponseHead::find(std::string_view name) const {
    return find_field(fields, name);
}

}  // namespace aigw::engine
