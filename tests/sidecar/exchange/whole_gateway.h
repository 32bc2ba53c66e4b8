// A whole gateway on sockets of its own, and the calls and answers that its tests are made of.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "config/load.h"
#include "sidecar/gateway.h"
#include "tests/fakes/client.h"
#include "tests/fakes/files.h"
#include "tests/fakes/upstream.h"

namespace aigw::sidecar {

inline std::unique_ptr<Gateway> start_gateway(const std::string& text) {
    const fakes::Files files;
    const fakes::Variables variables;
    auto loaded = config::parse_config(text, "test.toml", {files, variables.environment()});
    if (!loaded) FAIL(config::render_lines(loaded.error().diagnostics));
    auto gateway = Gateway::start(std::move(loaded->config), {.seed = 1});
    if (!gateway) FAIL(render_line(gateway.error()));
    return std::move(gateway).take();
}

// One caller, whose key is "sk-ci"; `server` is further lines of [server].
inline std::string one_caller(const std::string& server = "") {
    return "[server]\nlisten = [\"127.0.0.1:0\"]\nworkers = 2\ndrain_timeout = \"5s\"\n"
           "max_body = \"64KiB\"\n" +
           server +
           "[log]\nlevel = \"off\"\n[[auth.static_keys]]\nname = \"ci\"\nkey = \"sk-ci\"\n";
}

// A platform that is called once, with further lines of its own.
inline std::string platform(const std::string& name, const std::string& url,
                            const std::string& lines = "") {
    return "[platforms." + name + "]\nprovider = \"openai\"\nbase_url = \"" + url +
           "\"\napi_key = \"sk-up-" + name + "\"\nretry = { attempts = 1 }\n" + lines;
}

inline const std::string kChat =
    R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]})";
inline const std::string kChatStream =
    R"({"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]})";
inline const std::string kAnswer =
    R"({"id":"c1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}})";

// The head of a call up to and without its framing.
inline const std::string kChatHead =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer sk-ci\r\n"
    "Content-Type: application/json\r\n";

inline std::string sized(const std::string& body, const std::string& fields = "") {
    return kChatHead + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}
inline std::string in_chunks(const std::string& chunks) {
    return kChatHead + "Transfer-Encoding: chunked\r\n\r\n" + chunks;
}
inline std::string chunk(const std::string& bytes) {
    char size[20];
    std::snprintf(size, sizeof(size), "%zx\r\n", bytes.size());
    return size + bytes + "\r\n";
}

// An upstream's whole answer.
inline std::string answer(int status, const std::string& body, const std::string& fields = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-type: application/json\r\n" +
           fields + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string ask(const Gateway& gateway, const std::string& bytes) {
    fakes::RawClient client(gateway.addresses().front());
    client.send(bytes);
    return client.read_reply();
}

// Waits until it holds, for ten seconds.
template <class Condition>
bool eventually(const Condition& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

// Open descriptors of this process.
inline std::ptrdiff_t descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

}  // namespace aigw::sidecar
