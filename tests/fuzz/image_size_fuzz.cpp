// Pictures' headers: what the first bytes say holds whatever follows, comes through base64, and no
// picture costs more than any vendor takes.

#include <string>

#include "protocol/data_url.h"
#include "tests/fuzz/target.h"
#include "tokens/data/media_rows.h"
#include "tokens/image_size.h"
#include "tokens/image_tokens.h"

namespace {

using namespace aigw;
using aigw::fuzz::must_hold;

constexpr std::int64_t kDearest = 60'000;  // gpt-4o-mini's eight tiles

void check_costs(tokens::ImageSize size) {
    for (const auto& row : tokens::data::kMediaRows) {
        for (const char* detail : {"", "low", "high", "original"}) {
            const auto cost = tokens::image_tokens(row.rule, size, detail);
            must_hold(cost.tokens > 0 && cost.tokens <= kDearest, "a picture has a bounded price");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = tokens::read_image_size(bytes);
    const auto half = tokens::read_image_size(bytes.substr(0, size / 2));
    must_hold(!half || half == whole, "what the first bytes say holds whatever follows");
    const protocol::Media media{.media_type = {}, .data = protocol::encode_base64(bytes)};
    must_hold(tokens::read_image_size(media) == whole, "base64 changes nothing");
    must_hold(tokens::size_of(media) == size, "base64 says how long it is");
    if (!whole) return 0;
    must_hold(whole->width > 0 && whole->height > 0, "a picture has sides");
    check_costs(*whole);
    return 0;
}
