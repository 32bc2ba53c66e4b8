// The one table of vendors: names, addresses, capabilities and factories.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "providers/adapter.h"
#include "providers/model_table.h"

namespace aigw::providers {

// Capabilities; a row of the table answers each of them.
enum class Chat : bool { No, Yes };
enum class ChatStream : bool { No, Yes };
enum class Embeddings : bool { No, Yes };
enum class Models : bool { No, Yes };
enum class StreamOptions : bool { No, Yes };  // understands stream_options.include_usage

struct VendorRow {
    std::string_view name;
    std::optional<Protocol> protocol;            // whose callers pass as they are, if any do
    Dialect dialect;                             // whose rows of the model table its models have
    std::string_view default_base_url;           // empty: a platform must say its own
    std::span<const std::string_view> catalogs;  // price lists, in order of lookup; "*": all
    std::span<const std::string_view> name_patterns;  // globs of the models it is known for
    Chat chat;
    ChatStream chat_stream;
    Embeddings embeddings;
    Models models;
    StreamOptions stream_options;
    std::unique_ptr<Adapter> (*make)();
    // Where a platform may say which dialect its server speaks; else nullptr.
    std::unique_ptr<Adapter> (*make_with)(Dialect dialect) = nullptr;

    bool can(Operation operation) const;
};

std::span<const VendorRow> vendors();
const VendorRow* find_vendor(std::string_view name);  // nullptr: no such vendor
// The names, in the table's order: for messages that list or suggest them.
std::vector<std::string_view> vendor_names();
// True when one of the vendor's patterns fits the model's name.
bool claims_model(const VendorRow& vendor, std::string_view model);

}  // namespace aigw::providers
