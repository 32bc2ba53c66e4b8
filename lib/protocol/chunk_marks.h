// The few keys of a stream's chunk that say something to the gateway, found without parsing it.
#pragma once

#include <string_view>

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

// Sixteen bytes at a time, or thirty-two where the processor can: 25 ns or less for 250 bytes.
ChunkMarks find_chunk_marks(std::string_view json);

}  // namespace aigw::protocol
