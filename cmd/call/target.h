// Whom `aigw call` calls: a running gateway, or the pipeline in this process.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "cmd/program.h"
#include "http/message.h"
#include "http/transport.h"

namespace aigw::cmd {

struct TargetOptions {
    std::string url{};  // empty: $AIGW_URL, else in this process
    std::string key{};  // empty: $AIGW_KEY
    std::string as{};   // in this process: as find_principal() reads it; empty: local
    bool is_dry = false;
};

struct Target {
    std::unique_ptr<http::Transport> transport{};
    Secret key{};  // for a gateway elsewhere; in this process nobody asks for one
};

// --url, --key, --as and the common options.
void add_target_options(CLI::App& command, Program& program, TargetOptions& options);
// Errors: usage (a bad URL, --key without a gateway, --as with one), or what is wrong with the
// configuration.
// The gateway that is named, by an option or the environment; empty: none, it is this process.
std::string find_url(const TargetOptions& options, Program& program);
Result<Target> open_target(const TargetOptions& options, Program& program);

// A request with the key on it; with a body it says that it is JSON.
http::Request make_request(const Target& target, std::string method, std::string path,
                           std::string body = {});

}  // namespace aigw::cmd
