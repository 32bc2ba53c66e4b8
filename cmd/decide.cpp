#include "cmd/decide.h"

#include "base/ids.h"
#include "base/text.h"
#include "cmd/input.h"
#include "decision/input_count.h"
#include "decision/observed.h"
#include "identity/identifier.h"
#include "routing/tickets.h"
#include "sidecar/counting/counting.h"

namespace aigw::cmd {
namespace {

Result<Operation> operation_of(std::string_view path) {
    const std::string_view bare = path.substr(0, path.find('?'));
    if (bare.ends_with("/chat/completions")) return Operation::Chat;
    if (bare.ends_with("/completions")) return Operation::Completions;
    if (bare.ends_with("/embeddings")) return Operation::Embeddings;
    return usage_error("nothing is decided for the path " + json_string(path),
                       "use /v1/chat/completions or /v1/embeddings");
}

// A key by its name, else by its value: what was given may be a secret, so it is never repeated.
Result<Principal> find_principal(const std::string& as, const identity::Options& auth,
                                 const identity::Identifier& identifier) {
    if (as.empty()) return identity::local_principal();
    std::string presented = as;
    std::string names;
    for (const identity::StaticKeyOptions& key : auth.static_keys) {
        if (key.name == as) presented = key.key.reveal();
        names += (names.empty() ? "" : ", ") + json_string(key.name);
    }
    if (names.empty())
        return usage_error("--as needs a key, and the configuration has none", "leave it out");
    const auto principal = identifier.identify({.x_api_key = presented});
    if (!principal) return usage_error("--as names no configured key", "one of " + names);
    return **principal;
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
    const bool has_body = !options.request.empty() || !options.body.empty();
    if (options.model.empty() && !has_body)
        return usage_error("neither a model nor a request is given",
                           "add -m MODEL or --request FILE");
    std::unique_ptr<Question> question(new Question());
    question->path_ = options.path.empty() ? "/v1/chat/completions" : options.path;
    question->model_ = options.model;
    const Operation operation = TRY(operation_of(question->path_));
    const TimePoint at = TRY(read_time(options.at, program));
    question->assembly_ = TRY(assembly::assemble(config, at));
    question->principal_ =
        TRY(find_principal(options.as, config.auth, question->assembly_->identifier));

    protocol::RequestFacts facts{.operation = operation};
    if (has_body) {
        question->body_.emplace(options.body.empty() ? TRY(read_input(options.request, program))
                                                     : options.body);
        facts = TRY(question->reader_.read(operation, question->body_->body()));
    }
    if (!question->model_.empty()) facts.model = question->model_;
    if (options.streams) facts.stream = true;
    if (options.max_tokens) facts.max_output = options.max_tokens;
    decision::Selection selection =
        decision::match(question->assembly_->snapshot, facts, question->principal_, at);
    if (question->body_) {
        if (const auto counted = question->count_input(selection); !counted)
            print_warning(program, "the input is only estimated: " + counted.error().message);
    }
    question->decide(selection, options.repeat);
    return question;
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
                                  .operation = selection.facts.operation,
                                  .model = assembly_->counters.find(counted.model),
                                  .options = {.max_exact_bytes = options.max_exact_bytes}},
                                 counters));
    decision::apply(input_count_, selection.facts);
    return {};
}

}  // namespace aigw::cmd
