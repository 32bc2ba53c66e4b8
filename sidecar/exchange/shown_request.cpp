#include "sidecar/exchange/shown_request.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/inline_vector.h"
#include "base/text.h"
#include "config/references.h"
#include "config/report.h"
#include "protocol/vendor_error.h"
#include "sidecar/exchange/upstream_request.h"

namespace aigw::exchange {
namespace {

using HeaderPairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kMask = "***";
constexpr std::size_t kShortestSecret = 8;  // shorter ones are found in any text

bool is_hidden(const std::string& platform, const std::string& header,
               const config::Provenance& provenance) {
    if (config::names_a_secret(header)) return true;
    const std::string table =
        config::join_path(config::join_path("platforms", platform), "headers");
    const config::Provenance::Origin* origin = provenance.find(config::join_path(table, header));
    return origin != nullptr && !origin->written.empty();
}

// "NAME" of "${NAME}" and "${NAME:-…}"; empty of anything else.
std::string variable_of(std::string_view reference) {
    if (!reference.starts_with("${") || !reference.ends_with('}')) return {};
    const std::string_view inside = reference.substr(2, reference.size() - 3);
    const std::string_view name = inside.substr(0, inside.find(":-"));
    return config::is_variable_name(name) ? std::string(name) : std::string();
}

// The one whose turn is the first.
const Secret& first_key(const routing::PlatformOptions& options,
                        const assembly::Platform& platform) {
    if (options.keys.empty()) return options.api_key;
    InlineVector<routing::PlatformIndex, 16> order;
    for (std::size_t i = 0; i < options.keys.size(); ++i) order.push_back(0);
    platform.key_turns->order(0, {}, {order.begin(), order.size()});
    return options.keys[order[0]].key;
}

// One platform as it may be shown.
class Masked {
public:
    Masked(const routing::PlatformOptions& options, const assembly::Platform& platform,
           const config::Provenance& provenance)
        : key_(first_key(options, platform)) {
        add_secret(options.api_key.reveal());
        for (const routing::KeyOptions& key : options.keys) add_secret(key.key.reveal());
        HeaderPairs headers = options.headers;
        for (auto& [name, value] : headers) {
            if (!is_hidden(options.name, name, provenance)) continue;
            add_secret(value);
            value = kMask;
        }
        // Of two, one of which is the other's beginning, the longer one goes first.
        std::ranges::sort(secrets_, std::greater{}, &std::string::size);
        const Secret stand_in(key_.empty() ? "" : std::string(kMask), "");
        fields_ = "host: " + platform.base.authority() + "\r\n";
        fields_.append(platform.adapter->headers(stand_in, headers).lines());
        key_field_ = find_key_field(platform.adapter->headers(stand_in, {}));
    }

    const std::string& fields() const { return fields_; }
    const std::string& key_field() const { return key_field_; }
    std::string key_variable() const {
        return key_field_.empty() ? std::string() : variable_of(key_.masked());
    }
    std::string hide(std::string_view text) const {
        std::string hidden(text);
        protocol::hide_secrets(hidden, secrets_);
        return hidden;
    }

private:
    void add_secret(const std::string& value) {
        if (value.size() >= kShortestSecret) secrets_.push_back(value);
    }

    // No header of the platform's own can have its name: the configuration refuses credentials
    // there.
    static std::string find_key_field(const http::Headers& of_key) {
        for (const http::Header& field : of_key)
            if (field.value.ends_with(kMask)) return std::string(field.name);
        return {};
    }

    const Secret& key_;
    std::string fields_{};
    std::string key_field_{};
    std::vector<std::string> secrets_{};
};

// The next line of a head, without its end, which is taken off.
std::string_view take_line(std::string_view& head) {
    constexpr std::string_view kLineEnd = "\r\n";
    const std::size_t end = head.find(kLineEnd);
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(line.size() + kLineEnd.size());
    return line;
}

void read_head(std::string_view head, const http::Url& base, const Masked& masked,
               ShownRequest& shown) {
    const auto words = split(take_line(head), ' ');  // "POST /v1/chat/completions HTTP/1.1"
    shown.method = words[0];
    shown.url = masked.hide(base.origin() + std::string(words[1]));
    for (auto line = take_line(head); !line.empty(); line = take_line(head)) {
        const std::size_t colon = line.find(": ");
        shown.headers.add(line.substr(0, colon), masked.hide(line.substr(colon + 2)));
    }
}

Result<ShownRequest> make(UpstreamRequest& request, const Asked& asked, const Recipient& to,
                          std::span<const protocol::Edit> params, const Masked& masked) {
    TRY(request.prepare(asked, to, params));
    ShownRequest shown{.key_field = masked.key_field(), .key_variable = masked.key_variable()};
    if (request.needs_no_call()) return shown;
    std::string head;
    protocol::Pieces pieces;
    TRY(request.write(asked, to, masked.fields(), head, pieces));
    read_head(head, to.platform.base, masked, shown);
    std::string body;
    for (std::size_t i = 1; i < pieces.size(); ++i) body.append(pieces[i]);
    shown.body = masked.hide(body);
    if (request.conversion() != nullptr) shown.warnings = request.conversion()->losses().header();
    return shown;
}

// Those that would be asked, in turn.
std::vector<const decision::Candidate*> candidates_of(const ShowInput& input) {
    std::vector<const decision::Candidate*> candidates;
    const decision::Decision& decision = input.decision;
    if (input.platform.empty()) {
        for (std::size_t order = 1; decision.find_candidate(order) != nullptr; ++order)
            candidates.push_back(decision.find_candidate(order));
        return candidates;
    }
    for (const decision::Candidate& candidate : decision.candidates)
        if (decision.platform_of(candidate).name == input.platform)
            candidates.push_back(&candidate);
    return candidates;
}

}  // namespace

Shown show_request(const ShowInput& input) {
    Shown shown{.why_none = "it can't be said to any platform"};
    if (input.platform.empty() && input.decision.verdict() == decision::Verdict::Reject) {
        shown.why_none = "the call is refused";
        return shown;
    }
    const http::Request caller{.method = "POST", .headers = input.headers};
    const engine::RequestHead head = engine::head_of(caller);
    const Asked asked{.facts = input.facts,
                      .body = input.body,
                      .head = head,
                      .conversion = input.assembly.config.conversion,
                      .at = input.decision.at,
                      .path = input.path};
    UpstreamRequest request;
    for (const decision::Candidate* candidate : candidates_of(input)) {
        const Recipient to{.platform = input.assembly.platforms[candidate->platform],
                           .model = candidate->upstream_model};
        const auto& options = input.assembly.config.routing.platforms[candidate->platform];
        const auto params = decision::edits(input.decision, *candidate);
        auto made =
            make(request, asked, to, params, Masked(options, to.platform, input.provenance));
        if (made && request.needs_no_call()) {
            shown.why_none = "the gateway answers by itself";
            return shown;
        }
        if (made) {
            shown.request = std::move(made).take();
            shown.request->platform = options.name;
            return shown;
        }
        shown.passed_over.push_back({options.name, std::move(made).error()});
    }
    return shown;
}

}  // namespace aigw::exchange
