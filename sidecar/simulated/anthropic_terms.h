// What a request to Anthropic has agreed to by its headers: version, betas, whose key it is.
//
// Source: Anthropic's "API versions" and "Beta headers" pages; the ids are those of its SDKs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "sidecar/simulated/anthropic_models.h"
#include "sidecar/simulated/anthropic_words.h"

namespace aigw::simulated::anthropic {

struct Terms {
    const Model& model;
    // Version 2026-10-21: no sampling fields, no documents from the assistant, no citations on the
    // user's text.
    bool is_strict_version = false;
    std::vector<std::string> betas{};
    std::uint64_t account = 0;  // stands for the key

    bool has_beta(std::string_view id) const;
};

Verdict refuse_headers(const http::Request& request);
// After refuse_headers found nothing; `model` must outlive the terms.
Terms read_terms(const http::Request& request, const Model& model);

}  // namespace aigw::simulated::anthropic
