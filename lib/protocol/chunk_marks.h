// The few keys of a stream's chunk that say something to the gateway, found without parsing it.
#pragma once

#include <string_view>

#include "protocol/event_framer.h"

namespace aigw::protocol {

// Which keys stand in the text with a value that is not null, at any depth. What a string holds is
// escaped (`\"usage\"`) and therefore never taken for a key.
struct ChunkMarks {
    bool usage = false;
    bool finish_reason = false;
    bool error = false;
    bool message = false;

    friend bool operator==(const ChunkMarks&, const ChunkMarks&) = default;
};

ChunkMarks find_chunk_marks(std::string_view json);

// The same of what the watch has seen.
ChunkMarks marks_of(std::uint8_t seen);
extern const Watch kChunkWatch;

}  // namespace aigw::protocol
