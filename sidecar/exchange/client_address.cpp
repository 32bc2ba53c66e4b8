#include "sidecar/exchange/client_address.h"

#include <vector>

namespace aigw::exchange {

std::string client_address(const engine::Call& call, const assembly::Assembly& assembly) {
    if (call.principal() != nullptr) return {};
    std::vector<std::string_view> forwarded_for;
    if (assembly.trusted_proxies.trusts(call.peer())) {
        for (const engine::FieldView& field : call.head().fields) {
            if (field.field == engine::Field::XForwardedFor) forwarded_for.push_back(field.value);
        }
    }
    return assembly.trusted_proxies.client_of(call.peer(), forwarded_for);
}

}  // namespace aigw::exchange
