// A request edited for its upstream: as JSON it is what editing the parsed body gives, and every
// byte outside of the edits is as it was.

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "protocol/request_facts.h"
#include "providers/vendors.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::Operation;
using aigw::protocol::Edit;
using aigw::protocol::RequestFacts;
using Json = nlohmann::ordered_json;  // in the order of the text

constexpr std::string_view kDefaultModel = "default-model";

void edit_parsed(Json& body, const RequestFacts& facts, std::string_view model) {
    body["model"] = model;
    if (facts.stream && !facts.asks_usage) {
        Json& options = body["stream_options"];
        if (options.is_null()) options = Json::object();
        options["include_usage"] = true;
    }
}

void check_edits(std::string_view body, const std::vector<Edit>& edits) {
    std::size_t at = 0;
    for (const Edit& edit : edits) {
        aigw::fuzz::must_hold(at <= edit.begin && edit.begin <= edit.end && edit.end <= body.size(),
                              "edits are in order, within the body, and do not overlap");
        at = edit.end;
    }
}

// The spliced body, with the edits taken back.
std::string undo(std::string_view spliced, std::string_view body, const std::vector<Edit>& edits) {
    std::string undone(spliced);
    for (auto edit = edits.begin(); edit != edits.end(); ++edit) {
        undone.replace(edit->begin, edit->text.size(),
                       body.substr(edit->begin, edit->end - edit->begin));
    }
    return undone;
}

void check(const aigw::providers::Adapter& adapter, const RequestFacts& facts,
           std::string_view body, std::string_view upstream_model) {
    std::vector<Edit> edits;
    if (!adapter.edit(facts, upstream_model, edits)) return;
    check_edits(body, edits);
    const std::string spliced = aigw::protocol::splice(body, edits);
    aigw::fuzz::must_hold(undo(spliced, body, edits) == body, "bytes outside of edits stay");

    Json want = Json::parse(body, nullptr, false);
    if (want.is_discarded()) return;  // a number too large for this parser
    edit_parsed(want, facts, upstream_model.empty() ? facts.model : upstream_model);
    const Json got = Json::parse(spliced, nullptr, false);
    aigw::fuzz::must_hold(!got.is_discarded(), "an edited body is JSON");
    // Without the order: where a new field stands is the adapter's choice.
    aigw::fuzz::must_hold(nlohmann::json::parse(got.dump()) == nlohmann::json::parse(want.dump()),
                          "an edited body says what the edited JSON says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static aigw::protocol::FactsReader reader;
    static const auto adapter = aigw::providers::find_vendor("openai")->make();
    const aigw::protocol::OwnedPaddedBody owned(
        std::string_view(reinterpret_cast<const char*>(data), size));
    for (const Operation operation :
         {Operation::Chat, Operation::Completions, Operation::Embeddings}) {
        const auto facts = reader.read(operation, owned.body(), kDefaultModel);
        if (!facts) continue;
        check(*adapter, *facts, owned.body().bytes(), "");
        check(*adapter, *facts, owned.body().bytes(), "other \"model\"\n");
    }
    return 0;
}
