#include "identity/namespaces.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "base/text.h"

namespace aigw::identity {
namespace {

using matching::Condition;
using matching::Source;

// An address is equal to the blocks that it lies in, and what is missing equals nothing: neither is
// found by its text.
bool is_found_by_text(const std::vector<Condition>& list) {
    if (list.size() != 1) return false;
    const matching::ConditionOptions& only = list.front().options();
    return only.op == matching::Operator::Eq && only.source != Source::Ip &&
           only.source != Source::Body && !only.values.front().empty();
}

bool is_same_key(Source source, std::string_view a, std::string_view b) {
    return source == Source::Header ? equals_ignoring_case(a, b) : a == b;
}

}  // namespace

bool Namespace::may_read_body() const {
    return std::ranges::any_of(conditions.lists(), [](const std::vector<Condition>& list) {
        return std::ranges::any_of(list, &Condition::reads_body);
    });
}

Result<Namespaces> Namespaces::make(std::span<const NamespaceOptions> options) {
    if (options.size() > std::numeric_limits<NamespaceIndex>::max())
        return Error{ErrorCode::Config, "more than 65535 namespaces", "use several gateways"};
    Namespaces made;
    for (const NamespaceOptions& each : options) {
        auto conditions = matching::Conditions::make(each.match);
        if (!conditions)
            return Error{ErrorCode::Config, each.at.text() + ": " + conditions.error().message,
                         conditions.error().hint};
        if (each.name == kDefaultNamespace)
            made.default_ = static_cast<NamespaceIndex>(made.namespaces_.size());
        made.has_anonymous_ |= each.is_anonymous && each.is_enabled;
        made.namespaces_.push_back({.name = each.name,
                                    .is_enabled = each.is_enabled,
                                    .is_anonymous = each.is_anonymous,
                                    .conditions = std::move(conditions).take(),
                                    .at = each.at});
    }
    std::vector<NamespaceIndex> order(options.size());
    std::iota(order.begin(), order.end(), NamespaceIndex{0});
    std::ranges::stable_sort(order, std::greater{},
                             [&](NamespaceIndex i) { return options[i].priority; });
    std::uint32_t rank = 0;
    for (const NamespaceIndex i : order) {
        const auto lists = made.namespaces_[i].conditions.lists();
        for (std::uint32_t list = 0; list < lists.size(); ++list)
            made.index(lists[list], {rank++, {i, list}});
    }
    return made;
}

void Namespaces::index(const std::vector<Condition>& list, const Alternative& alternative) {
    if (!is_found_by_text(list)) {
        others_.push_back(alternative);
        return;
    }
    const matching::ConditionOptions& only = list.front().options();
    auto field = std::ranges::find_if(fields_, [&](const Field& known) {
        return known.source == only.source && is_same_key(only.source, known.key, only.key);
    });
    if (field == fields_.end())
        field = fields_.insert(field, Field{.source = only.source, .key = only.key, .values = {}});
    field->values.try_emplace(only.values.front(), alternative);
}

std::optional<Namespaces::Found> Namespaces::find(const matching::Asked& asked) const {
    std::optional<Alternative> best;
    for (const Field& field : fields_) {
        const auto found = field.values.find(matching::value_of(asked, field.source, field.key));
        if (found == field.values.end()) continue;
        if (!best || found->second.rank < best->rank) best = found->second;
    }
    for (const Alternative& other : others_) {
        if (best && best->rank < other.rank) break;
        const auto& list = namespaces_[other.found.index].conditions.lists()[*other.found.list];
        const auto holds = [&](const Condition& condition) { return condition.holds(asked); };
        if (!std::ranges::all_of(list, holds)) continue;
        best = other;
        break;
    }
    if (best) return best->found;
    if (default_) return Found{*default_, std::nullopt};
    return std::nullopt;
}

}  // namespace aigw::identity
