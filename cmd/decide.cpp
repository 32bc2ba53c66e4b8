#include "cmd/decide.h"

#include "base/ids.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "cmd/input.h"
#include "cmd/principal.h"
#include "decision/input_count.h"
#include "decision/observed.h"
#include "routing/tickets.h"
#include "sidecar/counting/counting.h"
#include "sidecar/exchange/request_view.h"
#include "sidecar/routes.h"

namespace aigw::cmd {
namespace {

Error no_such_path(std::string_view path) {
    std::string known;
    for (const sidecar::Route& route : sidecar::routes()) {
        const bool is_pattern = route.path.find('*') != std::string_view::npos;
        if (!route.relays || is_pattern || !route.path.starts_with("/v1/")) continue;
        known.append(known.empty() ? "" : ", ").append(route.path);
    }
    return usage_error("nothing is decided for the path " + json_string(path),
                       "use one of " + known);
}

// By a route, else by a location.
Result<sidecar::LocatedPath> located_by(std::string_view path, const http::Headers& headers,
                                        const routing::Router& router) {
    const std::string_view bare = path.substr(0, path.find('?'));
    const sidecar::Route* route = sidecar::find_route("POST", bare);
    const bool is_anthropic = headers.find("anthropic-version").has_value();
    auto located = sidecar::locate(router, bare, is_anthropic);
    if (route != nullptr && route->relays)
        return sidecar::LocatedPath{*route->relays, located ? located->upstream_path : ""};
    if (!located) return no_such_path(path);
    return *std::move(located);
}

// --ip; "unix" is the address of callers of a socket.
Result<void> check_address(const std::string& address) {
    if (address.empty() || address == "unix" || IpAddress::parse(address)) return {};
    return usage_error("--ip " + json_string(address) + " is no address",
                       "write it like 192.0.2.7 or 2001:db8::1");
}

// --at, or now.
Result<TimePoint> read_time(const std::string& at, const Program& program) {
    if (at.empty()) return program.started;
    auto time = parse_time(at);
    if (!time) return usage_error("--at: " + time.error().message, time.error().hint);
    return time;
}

}  // namespace

Result<std::unique_ptr<Question>> Question::ask(const QuestionOptions& options,
                                                const config::Config& config, Program& program) {
    std::unique_ptr<Question> question(new Question());
    question->path_ = options.path.empty() ? "/v1/chat/completions" : options.path;
    question->changes_ = {options.model, options.streams, options.max_tokens};
    question->headers_ = options.headers;
    const TimePoint at = TRY(read_time(options.at, program));
    TRY(check_address(options.client_ip));
    question->assembly_ = TRY(assembly::assemble(config, at));
    const sidecar::LocatedPath located = TRY(
        located_by(question->path_, question->headers_, question->assembly_->snapshot.router()));
    question->operation_ = located.relays.operation;
    question->protocol_ = located.relays.protocol;
    question->upstream_path_ = located.upstream_path;
    question->principal_ = TRY(find_principal(options.as, config.auth));
    protocol::RequestFacts facts = TRY(question->read_body(options, program));
    facts.client_ip = options.client_ip;
    decision::Selection selection = question->match(facts, at);
    if (question->body_) {
        if (const auto counted = question->count_input(selection); !counted)
            print_warning(program, "the input is only estimated: " + counted.error().message);
    }
    question->decide(selection, options.repeat);
    return question;
}

// The request as `serve` would see it.
decision::Selection Question::match(const protocol::RequestFacts& facts, TimePoint at) const {
    const http::Request request{.method = "POST", .target = path_, .headers = headers_};
    const engine::RequestHead head = engine::head_of(request);
    const std::string_view bytes = body_ ? body_->body().bytes() : std::string_view();
    const exchange::RequestView view(head, body_ ? &reader_ : nullptr, bytes);
    return decision::match(assembly_->snapshot, facts, principal_, at, view.request());
}

// The body as it would be sent, and what is to be known of it. Without one only what the options
// say is known.
Result<protocol::RequestFacts> Question::read_body(const QuestionOptions& options,
                                                   Program& program) {
    const std::string_view of_path = sidecar::model_of_path(path_);
    const bool has_body = !options.request.empty() || !options.body.empty();
    if (!has_body) {
        if (changes_.model.empty()) changes_.model = of_path;
        if (changes_.model.empty())
            return usage_error("neither a model nor a request is given",
                               "add -m MODEL or --request FILE");
        return protocol::RequestFacts{.operation = operation_,
                                      .protocol = protocol_,
                                      .model = changes_.model,
                                      .stream = changes_.streams,
                                      .max_output = changes_.max_tokens};
    }
    std::string text =
        options.body.empty() ? TRY(read_input(options.request, program)) : options.body;
    const std::string_view model = changes_.model.empty() ? of_path : changes_.model;
    body_.emplace(text);
    TRY(reader_.read(operation_, body_->body(), model, protocol_));
    body_.emplace(with_changes(std::move(text), operation_, protocol_, changes_));
    return reader_.read(operation_, body_->body(), model, protocol_);
}

Result<exchange::Shown> Question::show_upstream(const config::Provenance& provenance,
                                                const std::string& platform) const {
    std::string known;
    for (const decision::Candidate& candidate : decision_.candidates)
        known += (known.empty() ? "" : ", ") + json_string(decision_.platform_of(candidate).name);
    if (!platform.empty() && known.find(json_string(platform)) == std::string::npos) {
        return usage_error(json_string(platform) + " is no candidate of this request",
                           known.empty() ? "it has none" : "one of " + known);
    }
    if (body_) return show(decision_.facts, *body_, provenance, platform);
    const protocol::OwnedPaddedBody made_up(make_up_body(operation_, protocol_, changes_));
    protocol::FactsReader reader;
    const auto facts = TRY(reader.read(operation_, made_up.body(), {}, protocol_));
    return show(facts, made_up, provenance, platform);
}

exchange::Shown Question::show(const protocol::RequestFacts& facts,
                               const protocol::OwnedPaddedBody& body,
                               const config::Provenance& provenance,
                               std::string_view platform) const {
    return exchange::show_request({.assembly = *assembly_,
                                   .provenance = provenance,
                                   .decision = decision_,
                                   .facts = facts,
                                   .body = body.body().bytes(),
                                   .headers = headers_,
                                   .path = upstream_path_,
                                   .platform = platform});
}

// Each draws the ticket behind that of the one before. Random ones come from a generator that
// always begins alike: the same question has the same answer.
void Question::decide(const decision::Selection& selection, std::uint32_t repeat) {
    const decision::ObservedNothing observed;
    routing::Tickets tickets;
    Random random(1);
    for (std::uint32_t i = 0; i < repeat; ++i) {
        decision::Selection balanced = selection;
        decision::balance(balanced, observed, [&](const routing::Balance& group) {
            return group.is_random() ? random.next() : tickets.take(group.group());
        });
        decision::Decision decided = decision::rank(balanced, observed);
        distribution_.add(decided);
        if (i == 0) decision_ = std::move(decided);
    }
}

// As `serve` counts it, without what it may have learned of the vendor by then.
Result<void> Question::count_input(decision::Selection& selection) {
    const tokens::Options& options = assembly_->config.tokens;
    const tokens::Vocabularies vocabularies(options.vocabulary_folders);
    tokens::Counters counters(vocabularies);
    const auto counted = decision::counted_model(selection);
    input_count_ =
        TRY(counting::count_body({.body = body_->body().bytes(),
                                  .protocol = selection.facts.protocol,
                                  .operation = selection.facts.operation,
                                  .model = assembly_->counters.find(counted.model),
                                  .options = {.max_exact_bytes = options.max_exact_bytes}},
                                 counters));
    decision::apply(input_count_, selection.facts);
    return {};
}

}  // namespace aigw::cmd
