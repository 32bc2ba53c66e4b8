#include "providers/vendors.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "providers/factories.h"

namespace aigw::providers {
namespace {

using Texts = std::span<const std::string_view>;

constexpr std::array<std::string_view, 1> kOpenAiCatalogs = {"openai"};
constexpr std::array<std::string_view, 1> kAnthropicCatalogs = {"anthropic"};
constexpr std::array<std::string_view, 2> kDashScopeCatalogs = {"dashscope", "qwen"};
constexpr std::array<std::string_view, 1> kGoogleCatalogs = {"google"};
constexpr std::array<std::string_view, 1> kDoubaoCatalogs = {"doubao"};
constexpr std::array<std::string_view, 1> kMiniMaxCatalogs = {"minimax"};
constexpr std::array<std::string_view, 1> kEveryCatalog = {"*"};

constexpr std::array<std::string_view, 13> kOpenAiModels = {"gpt*",
                                                            "o1*",
                                                            "o2*",
                                                            "o3*",
                                                            "o4*",
                                                            "o5*",
                                                            "o6*",
                                                            "o7*",
                                                            "o8*",
                                                            "o9*",
                                                            "chatgpt-*",
                                                            "text-embedding-ada*",
                                                            "text-embedding-3*"};
constexpr std::array<std::string_view, 4> kDashScopeModels = {"qwen*", "qwq-*", "qvq-*",
                                                              "text-embedding-v*"};
constexpr std::array<std::string_view, 3> kDoubaoModels = {"doubao-*", "ep-*", "seed-*"};
constexpr std::array<std::string_view, 1> kMiniMaxModels = {"MiniMax-*"};
constexpr std::array<std::string_view, 1> kAnthropicModels = {"claude-*"};
constexpr std::array<std::string_view, 1> kGeminiModels = {"gemini-*"};
constexpr std::array<std::string_view, 1> kSimulatedModels = {"sim-*"};

// clang-format off
constexpr std::array kVendors = {
    VendorRow{"openai", Protocol::OpenAi, Dialect::OpenAi, "https://api.openai.com/v1", kOpenAiCatalogs, kOpenAiModels,
              Chat::Yes, ChatStream::Yes, Embeddings::Yes, Models::Yes, StreamOptions::Yes, &make_openai, &make_openai_with},
    VendorRow{"openai-compatible", Protocol::OpenAi, Dialect::Generic, "", kEveryCatalog, Texts{},
              Chat::Yes, ChatStream::Yes, Embeddings::Yes, Models::Yes, StreamOptions::Yes, &make_openai_compatible,
              &make_openai_compatible_with},
    VendorRow{"dashscope", Protocol::OpenAi, Dialect::DashScope, "https://dashscope.aliyuncs.com/compatible-mode/v1", kDashScopeCatalogs, kDashScopeModels,
              Chat::Yes, ChatStream::Yes, Embeddings::Yes, Models::Yes, StreamOptions::Yes, &make_dashscope},
    VendorRow{"doubao", Protocol::OpenAi, Dialect::Doubao, "https://ark.cn-beijing.volces.com/api/v3", kDoubaoCatalogs, kDoubaoModels,
              Chat::Yes, ChatStream::Yes, Embeddings::Yes, Models::No, StreamOptions::Yes, &make_doubao},
    VendorRow{"minimax", Protocol::OpenAi, Dialect::MiniMax, "https://api.minimax.io/v1", kMiniMaxCatalogs, kMiniMaxModels,
              Chat::Yes, ChatStream::Yes, Embeddings::No, Models::Yes, StreamOptions::Yes, &make_minimax},
    VendorRow{"anthropic", Protocol::Anthropic, Dialect::Anthropic, "https://api.anthropic.com", kAnthropicCatalogs, kAnthropicModels,
              Chat::Yes, ChatStream::Yes, Embeddings::No, Models::Yes, StreamOptions::No, &make_anthropic},
    VendorRow{"gemini", std::nullopt, Dialect::Gemini, "https://generativelanguage.googleapis.com/v1beta", kGoogleCatalogs, kGeminiModels,
              Chat::Yes, ChatStream::Yes, Embeddings::Yes, Models::Yes, StreamOptions::No, &make_gemini},
    VendorRow{"simulated", Protocol::OpenAi, Dialect::OpenAi, "http://127.0.0.1:9101/v1", kEveryCatalog, kSimulatedModels,
              Chat::Yes, ChatStream::Yes, Embeddings::Yes, Models::Yes, StreamOptions::Yes, &make_simulated},
};
// clang-format on

}  // namespace

bool VendorRow::can(Operation operation) const {
    switch (operation) {
        case Operation::Chat:
        case Operation::Completions:  // chat's elder form: it passes or is converted
            return chat == Chat::Yes;
        case Operation::Embeddings:
            return embeddings == Embeddings::Yes;
        case Operation::Models:
            return models == Models::Yes;
        case Operation::CountTokens:  // where the vendor does not, the gateway does
            return chat == Chat::Yes;
    }
    return false;
}

std::span<const VendorRow> vendors() {
    return kVendors;
}

const VendorRow* find_vendor(std::string_view name) {
    const auto row = std::find_if(kVendors.begin(), kVendors.end(),
                                  [&](const VendorRow& vendor) { return vendor.name == name; });
    return row == kVendors.end() ? nullptr : &*row;
}

std::vector<std::string_view> vendor_names() {
    std::vector<std::string_view> names;
    for (const VendorRow& vendor : kVendors) names.push_back(vendor.name);
    return names;
}

bool claims_model(const VendorRow& vendor, std::string_view model) {
    return std::any_of(vendor.name_patterns.begin(), vendor.name_patterns.end(),
                       [&](std::string_view pattern) { return matches_glob(pattern, model); });
}

}  // namespace aigw::providers
