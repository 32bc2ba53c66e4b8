// The text that an encoding cuts and merges: whole UTF-8, and in NFC where the encoding wants it.
//
// Shape:   most texts are clean and pass as they are; else a copy, which remembers where its bytes
//          come from when asked to.
// Errors:  none: broken UTF-8 becomes U+FFFD, as in a JSON string that a vendor reads.
// Threads: one per thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tokens/encoding.h"

namespace aigw::tokens {

enum class Origins : bool { Forgotten, Kept };

class TextCleaner {
public:
    explicit TextCleaner(Encoding encoding) : normalizes_(normalizes(encoding)) {}

    // Whether `clean` would return the text itself without a closer look.
    bool is_clean(std::string_view text) const { return find_unclean(text, 0) == text.size(); }

    // Valid until the next call and as long as `text` is.
    std::string_view clean(std::string_view text, Origins origins);

    // Where, in the text last cleaned with its origins kept, the byte at `at` comes from. What was
    // changed together comes from its first byte.
    std::size_t origin(std::size_t at) const;

private:
    struct Change {
        std::size_t clean_begin, clean_end;
        std::size_t source_begin, source_end;
    };

    std::size_t find_unclean(std::string_view text, std::size_t at) const;
    std::size_t clean_span(std::string_view text, std::size_t begin);
    void replace(std::string_view text, std::size_t begin, std::size_t end, std::string_view with,
                 Origins origins);

    bool normalizes_;
    std::size_t copied_ = 0;  // how much of the text is in clean_, changed or not
    std::string clean_;
    std::string changed_;
    std::u32string span_;
    std::vector<Change> changes_;
};

}  // namespace aigw::tokens
