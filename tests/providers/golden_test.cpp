// Walks tests/golden/<vendor>/<case>/: what a caller sent, what went up, what came back, what the
// caller got. `case.json` says the rest; AIGW_UPDATE_GOLDEN=1 writes upstream.http and
// response.http anew.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "protocol/chat_stream_relay.h"
#include "protocol/error_envelope.h"
#include "protocol/reply_usage.h"
#include "protocol/request_facts.h"
#include "protocol/splice.h"
#include "providers/vendors.h"

using namespace aigw;
using namespace aigw::providers;
namespace fs = std::filesystem;

namespace {

const fs::path kRoot = fs::path(AIGW_SOURCE_DIR) / "tests/golden";

std::string read_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void check_golden(const fs::path& path, const std::string& text) {
    if (std::getenv("AIGW_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << text;
    }
    INFO(path);
    CHECK(read_text(path) == text);
}

struct Case {
    fs::path folder;
    const VendorRow* vendor;
    std::set<std::string> capabilities;
    Operation operation = Operation::Chat;
    std::string base_url;
    std::string upstream_model;
    std::vector<std::pair<std::string, std::string>> headers;

    bool has_body() const { return operation != Operation::Models; }
};

Operation operation_of(const std::string& name) {
    for (const auto operation : {Operation::Chat, Operation::Embeddings, Operation::Models}) {
        if (name_of(operation) == name) return operation;
    }
    FAIL("no operation " << name);
    return Operation::Chat;
}

Case load_case(const fs::path& folder) {
    const auto json = nlohmann::json::parse(read_text(folder / "case.json"));
    Case c;
    c.folder = folder;
    c.vendor = find_vendor(folder.parent_path().filename().string());
    INFO(folder);
    REQUIRE(c.vendor != nullptr);
    c.capabilities = json.at("capabilities").get<std::set<std::string>>();
    c.operation = operation_of(json.at("operation"));
    c.base_url = json.value("base_url", std::string(c.vendor->default_base_url));
    c.upstream_model = json.value("upstream_model", "");
    const auto headers = json.value("headers", nlohmann::json::object());
    for (const auto& [name, value] : headers.items())
        c.headers.emplace_back(name, value.get<std::string>());
    return c;
}

std::vector<Case> load_cases() {
    std::vector<Case> cases;
    for (const VendorRow& vendor : vendors()) {
        for (const auto& folder : fs::directory_iterator(kRoot / vendor.name))
            cases.push_back(load_case(folder.path()));
    }
    std::sort(cases.begin(), cases.end(),
              [](const Case& a, const Case& b) { return a.folder < b.folder; });
    return cases;
}

// The facts and the texts they look into.
struct Asked {
    protocol::OwnedPaddedBody body;
    protocol::FactsReader reader;
    protocol::RequestFacts facts{};

    explicit Asked(const Case& c) : body(read_text(c.folder / "request.json")) {
        if (!c.has_body()) return;
        auto read = reader.read(c.operation, body.body());
        REQUIRE(read);
        facts = *read;
    }
};

std::string render_upstream(const Case& c, const Adapter& adapter, const Asked& asked) {
    const auto url = http::parse_url(c.base_url);
    REQUIRE(url);
    std::string text = (c.has_body() ? "POST " : "GET ") + adapter.target(*url, c.operation) + "\n";
    text += "host: " + url->authority() + "\n";
    for (const http::Header& field : adapter.headers(Secret("sk-golden", ""), c.headers))
        text.append(field.name).append(": ").append(field.value).append("\n");
    text += "\n";
    if (!c.has_body()) return text;
    std::vector<protocol::Edit> edits;
    REQUIRE(adapter.edit(asked.facts, c.upstream_model, edits));
    return text + protocol::splice(asked.body.body().bytes(), edits);
}

http::Response read_reply(const fs::path& path) {
    const std::string text = read_text(path);
    const std::size_t blank = text.find("\n\n");
    REQUIRE(blank != std::string::npos);
    http::Response reply{.body = text.substr(blank + 2)};
    std::istringstream head(text.substr(0, blank));
    std::string line;
    std::getline(head, line);
    reply.status = std::stoi(line.substr(line.find(' ') + 1));
    while (std::getline(head, line))
        reply.headers.add(line.substr(0, line.find(": ")), line.substr(line.find(": ") + 2));
    return reply;
}

std::string render_usage(const std::optional<Usage>& usage) {
    if (!usage) return "usage: none\n";
    return "usage: input " + std::to_string(usage->input_tokens) + ", cached " +
           std::to_string(usage->cached_input_tokens) + ", cache write " +
           std::to_string(usage->cache_write_tokens) + ", output " +
           std::to_string(usage->output_tokens) + ", reasoning " +
           std::to_string(usage->reasoning_tokens) + "\n";
}

std::string render_failure(const Error& error) {
    const auto rendered = protocol::render_error(error, protocol::Envelope::OpenAi, "req_golden");
    std::string text = "HTTP/1.1 " + std::to_string(rendered.status) + "\n";
    if (const auto delay = protocol::retry_after_header(error))
        text += "retry-after: " + *delay + "\n";
    return text + "retryable: " + (is_retryable(error) ? "yes" : "no") + "\n\n" + rendered.body;
}

std::string relay_stream(const std::string& body, bool asks_usage, std::size_t first,
                         std::size_t piece) {
    protocol::OpenAiStreamRelay relay(asks_usage ? protocol::UsageChunk::Pass
                                                 : protocol::UsageChunk::Hide);
    std::string text(relay.feed(std::string_view(body).substr(0, first)));
    for (std::size_t at = first; at < body.size(); at += piece)
        text += relay.feed(std::string_view(body).substr(at, piece));
    text += relay.finish();
    return "HTTP/1.1 200\n" + render_usage(relay.usage()) + "\n" + text;
}

std::string render_response(const Case& c, const Adapter& adapter, const Asked& asked) {
    const http::Response reply = read_reply(c.folder / "reply.http");
    if (reply.status != 200) return render_failure(adapter.decode_error(reply));
    if (asked.facts.stream) {
        const bool asks = asked.facts.asks_usage;
        const std::string whole = relay_stream(reply.body, asks, reply.body.size(), 1);
        CHECK(relay_stream(reply.body, asks, 0, 1) == whole);
        for (std::size_t cut = 0; cut < reply.body.size(); ++cut)
            CHECK(relay_stream(reply.body, asks, cut, reply.body.size()) == whole);
        return whole;
    }
    if (const auto checked = adapter.check_reply(reply); !checked)
        return render_failure(checked.error());
    return "HTTP/1.1 200\n" + render_usage(protocol::read_usage(reply.body)) + "\n" + reply.body;
}

std::set<std::string> claimed_capabilities(const VendorRow& vendor) {
    std::set<std::string> claims;
    if (vendor.chat == Chat::Yes) claims.insert("chat");
    if (vendor.chat_stream == ChatStream::Yes) claims.insert("chat_stream");
    if (vendor.embeddings == Embeddings::Yes) claims.insert("embeddings");
    if (vendor.models == Models::Yes) claims.insert("models");
    if (vendor.stream_options == StreamOptions::Yes) claims.insert("stream_options");
    return claims;
}

}  // namespace

TEST_CASE("providers: golden exchanges are translated as written", "[providers]") {
    for (const Case& c : load_cases()) {
        DYNAMIC_SECTION(fs::relative(c.folder, kRoot).string()) {
            const auto adapter = c.vendor->make();
            const Asked asked(c);
            check_golden(c.folder / "upstream.http", render_upstream(c, *adapter, asked));
            check_golden(c.folder / "response.http", render_response(c, *adapter, asked));
        }
    }
}

TEST_CASE("providers: every claimed capability has a golden case", "[providers]") {
    const auto cases = load_cases();
    for (const VendorRow& vendor : vendors()) {
        DYNAMIC_SECTION(vendor.name) {
            std::set<std::string> shown;
            for (const Case& c : cases) {
                if (c.vendor == &vendor) shown.insert(c.capabilities.begin(), c.capabilities.end());
            }
            CHECK(shown == claimed_capabilities(vendor));
        }
    }
}
