#include "tests/providers/golden_case.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace aigw::providers::tests {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = fs::path(AIGW_SOURCE_DIR) / "tests/golden";

Operation operation_of(const std::string& name) {
    for (const auto operation : {Operation::Chat, Operation::Embeddings, Operation::Models}) {
        if (name_of(operation) == name) return operation;
    }
    FAIL("no operation " << name);
    return Operation::Chat;
}

Protocol protocol_of(const std::string& name) {
    for (const auto protocol : {Protocol::OpenAi, Protocol::Anthropic, Protocol::Responses}) {
        if (name_of(protocol) == name) return protocol;
    }
    FAIL("no caller speaks " << name);
    return Protocol::OpenAi;
}

GoldenCase load_case(const VendorRow& vendor, const fs::path& folder) {
    INFO(folder);
    GoldenCase c{.folder = folder, .vendor = &vendor};
    const auto json = nlohmann::json::parse(c.text("case.json"));
    c.operation = operation_of(json.at("operation"));
    c.base_url = json.value("base_url", std::string(vendor.default_base_url));
    c.upstream_model = json.value("upstream_model", "");
    const Protocol usual = vendor.protocol.value_or(Protocol::OpenAi);
    c.caller = protocol_of(json.value("caller", std::string(name_of(usual))));
    const auto headers = json.value("headers", nlohmann::json::object());
    for (const auto& [name, value] : headers.items())
        c.headers.emplace_back(name, value.get<std::string>());
    return c;
}

}  // namespace

std::string GoldenCase::name() const {
    return fs::relative(folder, kRoot).string();
}

std::string GoldenCase::text(const char* file) const {
    std::ifstream stream(folder / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void GoldenCase::check(const char* file, const std::string& text) const {
    if (std::getenv("AIGW_UPDATE_GOLDEN") != nullptr)
        std::ofstream(folder / file, std::ios::binary) << text;
    INFO(folder / file);
    CHECK(this->text(file) == text);
}

std::vector<GoldenCase> load_golden_cases() {
    std::vector<GoldenCase> cases;
    for (const VendorRow& vendor : vendors()) {
        for (const auto& folder : fs::directory_iterator(kRoot / vendor.name))
            cases.push_back(load_case(vendor, folder.path()));
    }
    std::ranges::sort(cases, {}, &GoldenCase::folder);
    return cases;
}

}  // namespace aigw::providers::tests
