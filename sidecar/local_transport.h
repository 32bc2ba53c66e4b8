// The pipeline in this process, for commands: one loop of its own, no socket, no key: the caller is
// whoever the command says.
#pragma once

#include <memory>

#include "base/principal.h"
#include "base/result.h"
#include "config/config.h"
#include "http/transport.h"

namespace aigw::sidecar {

class LocalTransport final : public http::Transport {
public:
    // Errors: config. Only warnings and errors are logged, whatever the configuration says: the
    // answer is the command's.
    static Result<std::unique_ptr<LocalTransport>> make(config::Config config, Principal caller);
    ~LocalTransport() override;

    // The sink is called on the loop's thread while this one waits.
    Result<void> send(const http::Request& request, http::ReplySink& sink) override;

private:
    LocalTransport();
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace aigw::sidecar
