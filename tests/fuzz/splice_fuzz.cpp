// A spliced body is the one that replacing from the back gives, in pieces that are its own or an
// edit's.

#include <functional>
#include <string>
#include <vector>

#include "protocol/splice.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::protocol::Edit;

// Three bytes make an edit: how far after the last one, how much it replaces, by how much. What
// remains is the body.
std::vector<Edit> take_edits(std::string_view& text) {
    std::vector<Edit> edits;
    if (text.empty()) return edits;
    const std::size_t count = static_cast<unsigned char>(text.front()) % 8U;
    text.remove_prefix(1);
    const std::string_view recipe = text.substr(0, 3 * count);
    text.remove_prefix(recipe.size());
    std::size_t at = 0;
    for (std::size_t i = 0; i + 3 <= recipe.size(); i += 3) {
        const auto number = [&](std::size_t k) {
            return std::size_t{static_cast<unsigned char>(recipe[i + k])};
        };
        const std::size_t begin = std::min(at + number(0), text.size());
        const std::size_t end = std::min(begin + number(1), text.size());
        edits.push_back({begin, end, std::string(number(2) % 5U, static_cast<char>('A' + i / 3))});
        at = end;
    }
    return edits;
}

bool is_within(std::string_view piece, std::string_view whole) {
    const std::less_equal<> not_after;
    return not_after(whole.data(), piece.data()) &&
           not_after(piece.data() + piece.size(), whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body(reinterpret_cast<const char*>(data), size);
    const std::vector<Edit> edits = take_edits(body);

    std::string want(body);
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit)
        want.replace(edit->begin, edit->end - edit->begin, edit->text);
    aigw::fuzz::must_hold(aigw::protocol::splice(body, edits) == want,
                          "a spliced body is the one that replacing gives");

    aigw::protocol::Pieces pieces;
    aigw::protocol::splice_views(body, edits, pieces);
    std::string joined;
    for (const std::string_view piece : pieces) {
        aigw::fuzz::must_hold(!piece.empty(), "no piece is empty");
        const bool is_known = is_within(piece, body) ||
                              std::any_of(edits.begin(), edits.end(), [&](const Edit& edit) {
                                  return is_within(piece, edit.text);
                              });
        aigw::fuzz::must_hold(is_known, "a piece is the body's or an edit's");
        joined += piece;
    }
    aigw::fuzz::must_hold(joined == want, "the pieces make the spliced body");
    return 0;
}
