#include "tokens/model_counter.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "tokens/data/media_rows.h"
#include "tokens/data/model_rows.h"

namespace aigw::tokens {
namespace {

// ---- Names -------------------------------------------------------------------------------------

// In lower case, without the vendor's path and without what a fine-tuned model's name has around
// that of its base: "ft:gpt-4o:acme::8xK" is gpt-4o.
std::string bare_name(std::string_view model) {
    if (const std::size_t slash = model.rfind('/'); slash != std::string_view::npos)
        model.remove_prefix(slash + 1);
    constexpr std::string_view kFineTuned = "ft:";
    if (starts_with_ignoring_case(model, kFineTuned)) {
        model.remove_prefix(kFineTuned.size());
        model = model.substr(0, model.find(':'));
    }
    return to_lower(model);
}

// The row with the longest prefix of `name`.
template <class Rows>
auto find_prefix(const Rows& rows, std::string_view name) -> decltype(rows.data()) {
    decltype(rows.data()) best = nullptr;
    for (const auto& row : rows) {
        const bool is_longer = best == nullptr || row.prefix.size() > best->prefix.size();
        if (is_longer && name.starts_with(row.prefix)) best = &row;
    }
    return best;
}

// A cloud puts the maker before the name: "us.anthropic.claude-sonnet-4", "azure:gpt-4o".
template <class Rows>
auto find_row(const Rows& rows, std::string_view name) -> decltype(rows.data()) {
    while (true) {
        if (const auto* row = find_prefix(rows, name)) return row;
        const std::size_t mark = name.find_first_of(".:");
        if (mark == std::string_view::npos) return nullptr;
        name.remove_prefix(mark + 1);
    }
}

ImageRule find_media_rule(std::string_view name) {
    const data::MediaRow* row = find_row(data::kMediaRows, name);
    return row == nullptr ? data::kOtherMedia : row->rule;
}

ModelCounter find_in_table(std::string_view name) {
    const data::ModelRow* row = find_row(data::kModelRows, name);
    ModelCounter counter = row == nullptr ? data::kOtherModel : row->counter;
    counter.media = find_media_rule(name);
    return counter;
}

// ---- Overrides ---------------------------------------------------------------------------------

constexpr double kLeastFactor = 0.1;
constexpr double kMostFactor = 10;

// Whoever names an encoding says that it is the model's own.
ModelCounter counter_of(Encoding encoding, std::string_view pattern) {
    ModelCounter counter = encoding == Encoding::Qwen ? data::qwen(data::kQwen3, false)
                                                      : data::openai(encoding, false);
    counter.media = find_media_rule(bare_name(pattern));
    return counter;
}

void scale(ModelCounter& counter, double factor) {
    counter.scale_hundredths = static_cast<std::int32_t>(std::lround(factor * 100));
    if (counter.scale_hundredths == 100) return;
    counter.label = "configured";
    if (counter.exactness < Exactness::Factor) {
        counter.exactness = Exactness::Factor;
        counter.factors = uniform_factors(100, margin_of(Exactness::Factor));
    }
}

Result<ModelCounter> make_counter(const CounterOverride& own) {
    if (!(own.factor >= kLeastFactor && own.factor <= kMostFactor)) {
        return Error{.code = ErrorCode::Config,
                     .message = "the factor for \"" + own.pattern + "\" is not within 0.1 and 10"};
    }
    const auto encoding = find_encoding(own.counter);
    if (!encoding && !ModelCounters().knows(own.counter)) {
        return Error{.code = ErrorCode::Config,
                     .message = "\"" + own.counter + "\" is no counter",
                     .hint =
                         "name an encoding (cl100k_base, o200k_base, qwen), or a model that "
                         "counts alike"};
    }
    ModelCounter counter =
        encoding ? counter_of(*encoding, own.pattern) : find_in_table(bare_name(own.counter));
    scale(counter, own.factor);
    return counter;
}

}  // namespace

std::string_view family_name(Family family) {
    switch (family) {
        case Family::OpenAiChat:
            return "openai";
        case Family::ChatMl:
            return "chatml";
        case Family::Claude:
            return "claude";
        case Family::Gemini:
            return "gemini";
        case Family::DeepSeek:
            return "deepseek";
        case Family::Doubao:
            return "doubao";
        case Family::MiniMax:
            return "minimax";
        case Family::Other:
            return "other";
    }
    return "";
}

std::string_view exactness_name(Exactness exactness) {
    switch (exactness) {
        case Exactness::Exact:
            return "exact";
        case Exactness::Calibrated:
            return "calibrated";
        case Exactness::Factor:
            return "factor";
        case Exactness::Weak:
            return "weak";
    }
    return "";
}

std::int32_t margin_of(Exactness exactness) {
    switch (exactness) {
        case Exactness::Exact:
            return 0;
        case Exactness::Calibrated:
            return 3;
        case Exactness::Factor:
            return 10;
        case Exactness::Weak:
            return 30;
    }
    return 0;
}

std::string ModelCounter::name() const {
    std::string name(encoding_name(encoding));
    if (is_exact()) return name;
    const std::int32_t hundredths = factors.front().hundredths * scale_hundredths / 100;
    const std::string cents = std::to_string(hundredths % 100);
    name.append(" x ").append(std::to_string(hundredths / 100)).append(".");
    name.append(cents.size() < 2 ? "0" : "").append(cents);
    return name.append(" (").append(label).append(")");
}

Result<ModelCounters> ModelCounters::make(std::span<const CounterOverride> overrides) {
    ModelCounters counters;
    for (const CounterOverride& own : overrides) {
        const ModelCounter counter = TRY(make_counter(own));
        counters.own_.push_back({to_lower(own.pattern), counter});
    }
    return counters;
}

const ModelCounters::Own* ModelCounters::find_own(std::string_view model) const {
    if (own_.empty()) return nullptr;
    const std::string whole = to_lower(model);
    const std::string bare = bare_name(model);
    const auto found = std::ranges::find_if(own_, [&](const Own& own) {
        return matches_glob(own.pattern, whole) || matches_glob(own.pattern, bare);
    });
    return found == own_.end() ? nullptr : &*found;
}

ModelCounter ModelCounters::find(std::string_view model) const {
    const Own* own = find_own(model);
    return own == nullptr ? find_in_table(bare_name(model)) : own->counter;
}

bool ModelCounters::knows(std::string_view model) const {
    return find_own(model) != nullptr || find_row(data::kModelRows, bare_name(model)) != nullptr;
}

}  // namespace aigw::tokens
