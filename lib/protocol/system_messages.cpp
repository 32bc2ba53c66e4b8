#include "protocol/system_messages.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "protocol/history.h"

namespace aigw::protocol {

Message as_reminder(Message message) {
    message.role = Role::User;
    for (Part& part : message.parts) {
        auto* words = part.as<TextPart>();
        if (words != nullptr)
            words->text = "<system-reminder>\n" + words->text + "\n</system-reminder>";
    }
    return message;
}

bool keeps_late_system(const ModelTraits& traits, MidSystem wanted) {
    if (traits.system_position == ModelTraits::SystemPosition::Any) return true;
    return traits.mid_system && wanted == MidSystem::Native;
}

void place_system_messages(ChatRequest& request, RequestConversion& to) {
    if (keeps_late_system(to.traits, to.options.mid_system)) return;
    Message prompt{.role = Role::System};
    std::vector<Message> others;
    others.reserve(request.messages.size() + 1);
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
        Message& message = request.messages[i];
        if (message.role != Role::System) {
            others.push_back(std::move(message));
            continue;
        }
        if (i > 0) to.losses.add(LossKind::Rewritten, message.place);
        if (!others.empty() && to.options.mid_system == MidSystem::User) {
            others.push_back(as_reminder(std::move(message)));
            continue;
        }
        if (prompt.parts.empty()) prompt.place = message.place;
        std::ranges::move(message.parts, std::back_inserter(prompt.parts));
    }
    merge_neighbours(others);
    if (!prompt.parts.empty()) others.insert(others.begin(), std::move(prompt));
    request.messages = std::move(others);
}

}  // namespace aigw::protocol
