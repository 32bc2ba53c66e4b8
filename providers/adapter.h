// What a vendor's wire wants: paths, headers, edits of a body; and what its failures mean.
//
// Shape:   an adapter translates and does nothing else: no sockets, clocks or retries. It is const
//          and holds no state, so one serves every platform of its vendor and every thread.
// Pass:    a caller who speaks the vendor's own protocol keeps its body byte for byte, but for the
//          edits named here, unless the model would refuse it. Every other caller's chat is read
//          into a ChatRequest and written anew.
// Errors:  decode_error() gives the vendor's words and our code; what the gateway itself is to
//          blame for (its key, its account) is upstream_credentials and never the caller's fault.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/operation.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/message.h"
#include "http/url.h"
#include "protocol/chat_events.h"
#include "protocol/conversion.h"
#include "protocol/embeddings.h"
#include "protocol/model_caps.h"
#include "protocol/model_traits.h"
#include "protocol/request_facts.h"
#include "protocol/splice.h"
#include "protocol/stream_relay.h"

namespace aigw::providers {

// What is called on the vendor's wire.
struct WireCall {
    Operation operation = Operation::Chat;
    Protocol caller = Protocol::OpenAi;  // of a body that passes; else what the vendor speaks
    std::string_view model{};            // as the vendor calls it, for vendors who have it in paths
    bool is_stream = false;
};

class Adapter {
public:
    virtual ~Adapter() = default;

    // The fields that every call of a platform carries: authorization, then the platform's own,
    // which replace those of the same name. Made once per platform. Content type and framing are
    // the sender's affair.
    virtual http::Headers headers(
        const Secret& key, std::span<const std::pair<std::string, std::string>> extra) const = 0;

    // Path on the wire: the base URL's, completed where the vendor's SDKs leave a part out
    // ("https://api.openai.com" and ".../v1" mean the same), and the operation's after it.
    virtual std::string target(const http::Url& base, const WireCall& call) const = 0;

    // The body of a chat that does not pass. What can't be said is named in `to.losses`.
    virtual Result<std::string> encode(protocol::ChatRequest request,
                                       protocol::RequestConversion& to) const = 0;
    // A whole answer to it.
    virtual Result<protocol::ChatReply> decode(std::string_view body) const = 0;
    // The same of embeddings, where no body of theirs passes.
    virtual Result<std::string> encode_embeddings(const protocol::EmbeddingsRequest& request,
                                                  protocol::RequestConversion& to) const;
    virtual Result<protocol::EmbeddingsReply> decode_embeddings(std::string_view body) const;
    // A streamed chat; the adapter outlives it.
    virtual std::unique_ptr<protocol::ChatStreamParser> make_parser() const = 0;
    // What a model takes and how the vendor wants it said.
    virtual protocol::ModelTraits traits(std::string_view model) const = 0;

    // ---- What passes. A vendor whose protocol no caller speaks leaves these as they are ----

    // True where a caller's body passes as it is, edits aside. Nobody's does.
    virtual bool passes(Protocol caller, Operation operation) const;
    // Whether the model, of which `caps` are said, takes what such a body says. False: it is
    // written anew, as if its caller spoke another protocol.
    virtual bool takes(const protocol::RequestFacts& facts, std::string_view upstream_model,
                       std::span<const protocol::Cap> caps) const;
    // Adds, in ascending order, what must change in a body that passes: the model's name when the
    // vendor calls it otherwise, and on streams the wish for usage.
    virtual Result<void> edit(const protocol::RequestFacts& facts, std::string_view upstream_model,
                              std::vector<protocol::Edit>& edits) const;
    // A stream that passes. `secrets` outlive the relay.
    virtual std::unique_ptr<protocol::StreamRelay> make_relay(
        const protocol::RequestFacts& facts, std::span<const std::string> secrets) const;
    // The `usage` of a whole answer that passes.
    virtual std::optional<Usage> read_usage(std::string_view usage_json) const;

    // ---- What goes wrong ----

    // What a reply with an error status means.
    virtual Error decode_error(const http::Response& reply) const = 0;
    // A reply with a good status may still hold an error: then that is returned.
    virtual Result<void> check_reply(const http::Response& reply) const = 0;
};

// True when another platform may do better: nobody reached, our credentials refused, throttled,
// overloaded, broken. False for what the caller must change.
bool is_retryable(const Error& error);

}  // namespace aigw::providers
