#include "protocol/splice.h"

#include <cassert>

namespace aigw::protocol {

void splice_views(std::string_view body, std::span<const Edit> edits, Pieces& out) {
    const auto add = [&](std::string_view piece) {
        if (!piece.empty()) out.push_back(piece);
    };
    std::size_t at = 0;
    for (const Edit& edit : edits) {
        assert(at <= edit.begin && edit.begin <= edit.end && edit.end <= body.size());
        add(body.substr(at, edit.begin - at));
        add(edit.text);
        at = edit.end;
    }
    add(body.substr(at));
}

std::string splice(std::string_view body, std::span<const Edit> edits) {
    Pieces pieces;
    splice_views(body, edits, pieces);
    std::string whole;
    for (const std::string_view piece : pieces) whole.append(piece);
    return whole;
}

}  // namespace aigw::protocol
