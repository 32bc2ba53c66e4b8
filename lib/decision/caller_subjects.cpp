#include "decision/caller_subjects.h"

#include <utility>

#include "limits/limit.h"

namespace aigw::decision {
namespace {

std::optional<std::string_view> unless_empty(std::string_view text) {
    if (text.empty()) return std::nullopt;
    return text;
}

}  // namespace

std::optional<std::string_view> CallerSubjects::find(limits::Subjects by) {
    if (by == limits::Subject::Key) return part(limits::Subject::Key);
    if (by != last_by_) {
        last_by_ = by;
        last_ = by.is_single() ? part_of(by) : put_together(by);
    }
    return last_;
}

std::optional<std::string_view> CallerSubjects::part_of(limits::Subjects one) {
    for (const limits::Subject subject : limits::kSubjects)
        if (one.has(subject)) return part(subject);
    return std::nullopt;
}

std::optional<std::string_view> CallerSubjects::put_together(limits::Subjects by) {
    std::string subject;
    for (const limits::Subject each : limits::kSubjects) {
        if (!by.has(each) || each == limits::Subject::Global) continue;
        const auto one = part(each);
        if (!one) return std::nullopt;
        limits::append_part(subject, *one);
    }
    return made_.emplace_front(std::move(subject));
}

std::optional<std::string_view> CallerSubjects::part(limits::Subject subject) {
    using limits::Subject;
    const bool is_local = principal_.kind == PrincipalKind::Local;
    switch (subject) {
        case Subject::Key:
            return is_local ? std::nullopt : unless_empty(principal_.key);
        case Subject::User:
            return is_local ? std::nullopt : unless_empty(principal_.user);
        case Subject::Tenant:
            return is_local ? std::nullopt : unless_empty(principal_.tenant);
        case Subject::Namespace:
            return unless_empty(names_.channel);
        case Subject::Ip:
            return address();
        case Subject::Global:
            return std::string_view();
        case Subject::Platform:
            return unless_empty(names_.platform);
        case Subject::Model:
            return unless_empty(names_.model);
    }
    return std::nullopt;
}

std::optional<std::string_view> CallerSubjects::address() {
    if (ip_.empty() && !names_.address.empty())
        ip_ = made_.emplace_front(limits::ip_subject(names_.address));
    return unless_empty(ip_);
}

}  // namespace aigw::decision
