// What a platform is sent for a caller's request: the one place that makes it, for `serve`, which
// sends it, and for commands that only show it.
//
// Shape:   no I/O. A body that passes keeps its bytes, but for the adapter's edits; any other is
//          written anew, in the vendor's words. prepare() is for a candidate, write() for each call
//          of it: from one call to the next only the key changes.
// Borrows: what is asked and of whom, during each call. What write() gives are views of the asked
//          body, of `head` and of this request.
// Errors:  invalid_request: what can't be said to this platform (Conversion, Adapter::edit).
// Threads: one per exchange.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "protocol/request_facts.h"
#include "protocol/splice.h"
#include "sidecar/assembly/assembly.h"
#include "sidecar/engine/http_message.h"
#include "sidecar/exchange/conversion.h"

namespace aigw::exchange {

// What a caller asks for: the same for every candidate.
struct Asked {
    const protocol::RequestFacts& facts;
    std::string_view body{};
    const engine::RequestHead& head;  // of its fields some go along
    const config::ConversionOptions& conversion;
    std::string_view request_id{};
    TimePoint at{};
    // Where a location's rewriting has it go; empty: to the platform's own path. A body that does
    // not pass goes there all the same.
    std::string_view path{};
};

// A candidate.
struct Recipient {
    const assembly::Platform& platform;
    std::string_view model{};  // as the vendor calls it; empty: as the caller does

    std::string_view model_of(const protocol::RequestFacts& facts) const {
        return model.empty() ? facts.model : model;
    }
};

class UpstreamRequest {
public:
    // Makes the request ready for the candidate: as it is, or in its vendor's words; with its
    // parameters changed first.
    Result<void> prepare(const Asked& asked, const Recipient& to,
                         std::span<const protocol::Edit> params = {});
    // What was prepared is answered here: tokens that are counted here, and an answer of no token.
    // Anthropic itself does either.
    bool needs_no_call() const { return is_answered_here_; }
    // As it was prepared: the head with `fields`, the header lines of the platform and its key,
    // and the pieces of all, the head first.
    Result<void> write(const Asked& asked, const Recipient& to, std::string_view fields,
                       std::string& head, protocol::Pieces& pieces);

    // Where the caller's body did not pass; else nullptr.
    Conversion* conversion() { return conversion_ ? &*conversion_ : nullptr; }
    const Conversion* conversion() const { return conversion_ ? &*conversion_ : nullptr; }
    // What the upstream is asked for; not always what the caller wants.
    bool asks_for_stream(const protocol::RequestFacts& facts) const {
        return facts.stream || (conversion_ && conversion_->is_assembled());
    }
    // It has been sent, and will not be again.
    void forget();

private:
    // The caller's body with other parameters, and what is to be known of it.
    struct Changed {
        protocol::OwnedPaddedBody body;
        protocol::FactsReader reader{};
        protocol::RequestFacts facts{};
    };

    Result<void> change(const Asked& asked, std::span<const protocol::Edit> params);
    Asked effective(const Asked& asked) const;
    Result<void> convert(const Asked& asked, const Recipient& to);
    void append_head(const Asked& asked, const Recipient& to, std::string_view fields,
                     std::string& head) const;
    void append_converted_head(const Asked& asked, const Recipient& to, std::string_view fields,
                               std::string& head) const;

    std::unique_ptr<Changed> changed_{};
    std::optional<Conversion> conversion_{};
    std::vector<protocol::Edit> edits_{};
    bool is_answered_here_ = false;
};

}  // namespace aigw::exchange
