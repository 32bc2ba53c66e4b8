// Counting: any bytes have one count and one row of tokens, by backtracking, byte by byte and by
// the heap, and limits and ranges agree with it. The first byte chooses the encoding.

#include <string>

#include "tests/fuzz/target.h"
#include "tests/lib/tokens/agreement.h"
#include "tokens/prefix_counter.h"

namespace {

using namespace aigw::tokens;

// The piece is merged as it is, whatever a scanner would have made of it.
void check_merging(Counter& counter, std::string_view piece) {
    HeapMerger heap(counter.vocabulary());
    std::vector<TokenId> wanted;
    heap.merge(piece, wanted);
    Merger& merger = counter.pieces().merger();
    const auto tokens = merger.merge(piece);
    aigw::fuzz::must_hold(std::vector(tokens.begin(), tokens.end()) == wanted,
                          "backtracking gives the heap's tokens");
    PrefixCounter prefix;
    prefix.clear();
    prefix.append(merger, piece);
    aigw::fuzz::must_hold(prefix.count() == wanted.size(), "byte by byte gives the heap's count");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 8192) return 0;
    Counter& counter = built_counter(kEncodings[data[0] % kEncodings.size()]);
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto why = count_disagreement(counter, text);
    aigw::fuzz::must_hold(!why, why ? why->c_str() : "");
    check_merging(counter, text);
    return 0;
}
