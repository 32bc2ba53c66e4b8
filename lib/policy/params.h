// Parameters of a request on their way to a vendor: renamed, given a default, clamped, dropped,
// set.
//
// Shape:   a body's top level is looked at as a list of fields; what changes is said as changes,
// for
//          people, and made as edits of the body, so that every other byte stays as it was. Rules
//          apply one after the other, each in the order rename, default, clamp, drop, set.
// Errors:  none: what can't be clamped because it is no number stays for the vendor to refuse. What
//          the gateway itself steers by (the model, the messages, whether it streams) can't be
//          named: check_field refuses it when the configuration is read.
// Source:  gateway.toml(5) PARAMETERS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "protocol/byte_range.h"
#include "protocol/splice.h"

namespace aigw::policy {

// Of a number: no lower, no higher.
struct Clamp {
    std::string field{};
    std::optional<double> min{};
    std::optional<double> max{};
    friend bool operator==(const Clamp&, const Clamp&) = default;
};

// Values are JSON.
struct ParamOptions {
    std::vector<std::pair<std::string, std::string>> rename{};
    std::vector<std::pair<std::string, std::string>> defaults{};
    std::vector<Clamp> clamp{};
    std::vector<std::string> drop{};
    std::vector<std::pair<std::string, std::string>> set{};

    bool empty() const {
        return rename.empty() && defaults.empty() && clamp.empty() && drop.empty() && set.empty();
    }
    friend bool operator==(const ParamOptions&, const ParamOptions&) = default;
};

// `params` of one model of one platform.
struct ModelParams {
    std::string platform{};
    std::string model{};
    ParamOptions params{};
    friend bool operator==(const ModelParams&, const ModelParams&) = default;
};

// Refuses the fields that the gateway steers by.
Result<void> check_field(std::string_view name);

enum class ParamAction : std::uint8_t { Rename, Default, Clamp, Drop, Set };
std::string_view name_of(ParamAction action);

// One thing that was done. Values are JSON; of Rename the names, quoted.
struct ParamChange {
    std::string path{};
    ParamAction action = ParamAction::Set;
    std::string before{};  // empty: it was not there
    std::string after{};   // empty: it is gone
    std::string reason{};  // "policy vip-output", "platform a"
    friend bool operator==(const ParamChange&, const ParamChange&) = default;
};

// The fields of one body while rules are applied to them.
class ParamEditor {
public:
    // `body` is a JSON object, or empty: a request that has none. It must outlive the editor.
    explicit ParamEditor(std::string_view body);

    void apply(const ParamOptions& options, std::string_view reason);
    // An answer may have so many tokens: lowers what the request says, or says it where it says
    // nothing, by the field `otherwise`.
    void limit_output(std::int64_t most, std::string_view otherwise, std::string_view reason);
    // How long an answer may be, as the fields say it now.
    std::optional<std::int64_t> max_output() const;

    std::vector<ParamChange> take_changes() { return std::move(changes_); }
    bool has_changes() const { return !changes_.empty(); }
    // What turns the body into what the fields are now.
    std::vector<protocol::Edit> edits() const;

private:
    struct Field {
        std::string name{};
        std::string value{};
        std::optional<protocol::ByteRange> key_place{};  // none: it was added
        protocol::ByteRange value_place{};
        bool is_renamed = false;
        bool is_changed = false;
        bool is_dropped = false;
    };

    Field* find(std::string_view name);
    const Field* find(std::string_view name) const;
    void rename(std::string_view from, std::string_view to, std::string_view reason);
    void clamp(const Clamp& clamp, std::string_view reason);
    void drop(std::string_view name, std::string_view reason);
    void set(std::string_view name, std::string_view value, ParamAction action,
             std::string_view reason);
    std::string added(bool is_first) const;

    std::size_t first_key_ = 0;
    std::vector<Field> fields_{};  // those of the body first, in its order
    std::vector<ParamChange> changes_{};
};

}  // namespace aigw::policy
