// A request on the wire as conditions see it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "matching/request.h"
#include "protocol/request_facts.h"
#include "sidecar/engine/http_message.h"

namespace aigw::exchange {

// Borrows the head and the reader; the body is that which the reader has read last.
class RequestView final : public matching::Fields, public matching::Body {
public:
    RequestView(const engine::RequestHead& head, const protocol::FactsReader* facts,
                std::string_view body)
        : head_(head), facts_(facts), body_(body) {}

    std::optional<std::string_view> find(std::string_view name) const override {
        return head_.find(name);
    }
    bool any(std::span<const std::string> path, const matching::Look& look) const override {
        return facts_ != nullptr && facts_->any_value(path, look);
    }
    matching::Request request() const {
        return {.method = head_.method,
                .path = head_.path,
                .query = head_.query,
                .fields = this,
                .body = this,
                .bytes = body_};
    }

private:
    const engine::RequestHead& head_;
    const protocol::FactsReader* facts_;
    std::string_view body_;
};

}  // namespace aigw::exchange
