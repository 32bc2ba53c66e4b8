// Walks tests/golden/<vendor>/<case>/: what a caller sent, what went up, what came back, what the
// caller got, who speaks the vendor's protocol (OpenAI's where no caller does) or, as `caller` in
// case.json says, another one.
// `case.json` says the rest; AIGW_UPDATE_GOLDEN=1 writes upstream.http and
// response.http anew.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "crypto/digest.h"
#include "protocol/answer_restorer.h"
#include "protocol/anthropic_reply.h"
#include "protocol/anthropic_request.h"
#include "protocol/anthropic_stream.h"
#include "protocol/converting_relay.h"
#include "protocol/error_envelope.h"
#include "protocol/object_scanner.h"
#include "protocol/openai_reply.h"
#include "protocol/openai_request.h"
#include "protocol/openai_stream.h"
#include "protocol/reply_assembler.h"
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
    Protocol caller = Protocol::OpenAi;

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
    const Protocol usual = c.vendor->protocol.value_or(Protocol::OpenAi);
    const std::string caller = json.value("caller", std::string(name_of(usual)));
    REQUIRE((caller == "openai" || caller == "anthropic"));
    c.caller = caller == "anthropic" ? Protocol::Anthropic : Protocol::OpenAi;
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
        auto read = reader.read(c.operation, body.body(), {}, c.caller);
        REQUIRE(read);
        facts = *read;
    }
};

bool passes(const Case& c, const Adapter& adapter, const Asked& asked) {
    if (!c.has_body()) return true;
    return adapter.passes(c.caller, c.operation) &&
           adapter.takes(asked.facts, c.upstream_model, {});
}

// A body that does not pass, in the vendor's words, and what its answer must know.
struct Converted {
    protocol::Losses losses{};
    std::unique_ptr<protocol::AnswerPlan> plan = std::make_unique<protocol::AnswerPlan>();
    std::string body{};

    Converted(const Case& c, const Adapter& adapter, const Asked& asked) {
        protocol::JsonTree tree;
        const auto root = tree.parse(asked.body.body().bytes());
        REQUIRE(root);
        auto request = c.caller == Protocol::Anthropic
                           ? protocol::read_anthropic_request(*root, protocol::MaxTokens::Required)
                           : protocol::read_openai_request(*root, losses);
        REQUIRE(request);
        *plan = {.model = request->model,
                 .created = 1'760'000'000,
                 .fallback_id = "req_golden",
                 .wants_usage = request->wants_usage,
                 .uses_functions = request->uses_functions,
                 .stop = request->stop,
                 .input_tokens = asked.facts.input_tokens,
                 .sha256_hex = crypto::sha256_hex};
        const std::string model = c.upstream_model.empty() ? request->model : c.upstream_model;
        const protocol::ModelTraits traits = adapter.traits(model);
        const protocol::ConversionOptions options{.sha256_hex = crypto::sha256_hex};
        protocol::RequestConversion to{
            .model = model, .traits = traits, .options = options, .losses = losses, .plan = *plan};
        auto written = adapter.encode(std::move(request).take(), to);
        if (!written) FAIL(written.error().message);
        body = std::move(written).take();
    }
};

std::unique_ptr<protocol::StreamRelay> make_relay(const Case& c, const Adapter& adapter,
                                                  const Asked& asked) {
    if (passes(c, adapter, asked)) return adapter.make_relay(asked.facts, {});
    Converted made(c, adapter, asked);
    auto writer = c.caller == Protocol::Anthropic
                      ? protocol::make_anthropic_stream_writer(*made.plan, "req_golden")
                      : protocol::make_openai_stream_writer(*made.plan);
    return std::make_unique<protocol::ConvertingRelay>(std::move(made.plan), adapter.make_parser(),
                                                       std::move(writer),
                                                       std::span<const std::string>());
}

std::string render_upstream(const Case& c, const Adapter& adapter, const Asked& asked) {
    const auto url = http::parse_url(c.base_url);
    REQUIRE(url);
    const WireCall call{.operation = c.operation,
                        .caller = c.caller,
                        .model = c.upstream_model.empty() ? asked.facts.model : c.upstream_model,
                        .is_stream = asked.facts.stream};
    std::string text = (c.has_body() ? "POST " : "GET ") + adapter.target(*url, call) + "\n";
    text += "host: " + url->authority() + "\n";
    for (const http::Header& field : adapter.headers(Secret("sk-golden", ""), c.headers))
        text.append(field.name).append(": ").append(field.value).append("\n");
    text += "\n";
    if (!c.has_body()) return text;
    if (!passes(c, adapter, asked)) {
        const Converted made(c, adapter, asked);
        const std::string lost = made.losses.header();
        if (!lost.empty()) text += "(warnings: " + lost + ")\n";
        return text + made.body;
    }
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

std::string render_failure(const Error& error, Protocol caller) {
    const auto rendered =
        protocol::render_error(error, protocol::envelope_of(caller), "req_golden");
    std::string text = "HTTP/1.1 " + std::to_string(rendered.status) + "\n";
    if (const auto delay = protocol::retry_after_header(error))
        text += "retry-after: " + *delay + "\n";
    return text + "retryable: " + (is_retryable(error) ? "yes" : "no") + "\n\n" + rendered.body;
}

std::string relay_stream(protocol::StreamRelay& relay, const std::string& body, std::size_t first,
                         std::size_t piece) {
    std::string text(relay.feed(std::string_view(body).substr(0, first)));
    for (std::size_t at = first; at < body.size(); at += piece)
        text += relay.feed(std::string_view(body).substr(at, piece));
    text += relay.finish();
    return "HTTP/1.1 200\n" + render_usage(relay.usage()) + "\n" + text;
}

// Whole, byte by byte, and in every two pieces.
std::string render_stream(const Case& c, const Adapter& adapter, const Asked& asked,
                          const std::string& body) {
    const auto relayed = [&](std::size_t first, std::size_t piece) {
        return relay_stream(*make_relay(c, adapter, asked), body, first, piece);
    };
    const std::string whole = relayed(body.size(), 1);
    CHECK(relayed(0, 1) == whole);
    for (std::size_t cut = 0; cut < body.size(); ++cut) CHECK(relayed(cut, body.size()) == whole);
    return whole;
}

bool is_event_stream(const http::Response& reply) {
    return reply.headers.find("content-type") == "text/event-stream";
}

// A stream that the adapter asked for, though its caller wants the answer whole.
Result<protocol::ChatReply> assemble(const Adapter& adapter, const std::string& body) {
    protocol::ReplyAssembler assembler;
    const auto parser = adapter.make_parser();
    parser->feed(body, assembler);
    parser->finish(assembler);
    return std::move(assembler).reply();
}

std::string render_whole(const Case& c, const Adapter& adapter, const Asked& asked,
                         const http::Response& answer) {
    const std::string& body = answer.body;
    if (passes(c, adapter, asked)) {
        const auto place = protocol::find_field(body, "usage");
        const auto usage = place ? adapter.read_usage(place->of(body)) : std::nullopt;
        return "HTTP/1.1 200\n" + render_usage(usage) + "\n" + body;
    }
    const Converted made(c, adapter, asked);
    const bool is_stream = is_event_stream(answer);
    CHECK(made.plan->is_assembled == is_stream);
    auto reply = is_stream ? assemble(adapter, body) : adapter.decode(body);
    if (!reply) return render_failure(reply.error(), c.caller);
    protocol::restore_answer(*reply, *made.plan);
    const std::string text = c.caller == Protocol::Anthropic
                                 ? protocol::write_anthropic_reply(*reply, *made.plan)
                                 : protocol::write_openai_reply(*reply, *made.plan);
    return "HTTP/1.1 200\n" + render_usage(reply->usage) + "\n" + text;
}

std::string render_response(const Case& c, const Adapter& adapter, const Asked& asked) {
    const http::Response reply = read_reply(c.folder / "reply.http");
    if (reply.status != 200) return render_failure(adapter.decode_error(reply), c.caller);
    if (asked.facts.stream) return render_stream(c, adapter, asked, reply.body);
    if (is_event_stream(reply)) return render_whole(c, adapter, asked, reply);
    if (const auto checked = adapter.check_reply(reply); !checked)
        return render_failure(checked.error(), c.caller);
    return render_whole(c, adapter, asked, reply);
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
