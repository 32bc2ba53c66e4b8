#include "tokens/image_size.h"

#include <catch2/catch.hpp>
#include <string>

#include "protocol/data_url.h"

using namespace aigw;
using namespace aigw::tokens;
using namespace std::string_literals;

namespace {

const std::string kPng = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x03\x20\0\0\x02\x58\x08\x02\0\0\0"s;
const std::string kGif = "GIF89a\x40\x01\xF0\0\xF7\0\0"s;
const std::string kLossy =
    "RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9D\x01\x2A\x80\x02\xE0\x01\x02\0"s;
const std::string kLossless = "RIFF\x24\0\0\0WEBPVP8L\x10\0\0\0\x2F\x7F\xC2\x77\0\0\0\0\0\0\0\0"s;
const std::string kExtended = "RIFF\x24\0\0\0WEBPVP8X\x0A\0\0\0\x10\0\0\0\xFF\x03\0\xFF\x01\0"s;
// An application segment, filling, a table, then the frame.
const std::string kJpegHead = "\xFF\xD8\xFF\xE0\0\x04JF\xFF\xFF\xDB\0\x03Q"s;
const std::string kFrame = "\xFF\xC0\0\x11\x08\x01\xE0\x02\x80\x03"s;

protocol::Media base64(const std::string& bytes) {
    return {.media_type = "image/png", .data = protocol::encode_base64(bytes)};
}

}  // namespace

TEST_CASE("tokens: a picture's size stands in its first bytes", "[prompts]") {
    struct Case {
        const char* name;
        std::string bytes;
        ImageSize want;
    };
    const Case cases[] = {
        {"png", kPng, {800, 600}},
        {"gif", kGif, {320, 240}},
        {"webp, lossy", kLossy, {640, 480}},
        {"webp, lossless", kLossless, {640, 480}},
        {"webp, extended", kExtended, {1024, 512}},
        {"jpeg", kJpegHead + kFrame, {640, 480}},
        {"jpeg, progressive", kJpegHead + "\xFF\xC2\0\x11\x08\x01\xE0\x02\x80\x03"s, {640, 480}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(read_image_size(c.bytes) == c.want);
            CHECK(read_image_size(base64(c.bytes)) == c.want);
        }
    }
}

TEST_CASE("tokens: bytes that end early have no size, wherever they end", "[prompts]") {
    for (const std::string& whole : {kPng.substr(0, 24), kGif.substr(0, 10), kLossy.substr(0, 30),
                                     kJpegHead + kFrame.substr(0, 9)}) {
        CHECK(read_image_size(whole).has_value());
        for (std::size_t size = 0; size < whole.size(); ++size)
            CHECK_FALSE(read_image_size(std::string_view(whole).substr(0, size)));
    }
}

TEST_CASE("tokens: what is no picture has no size", "[prompts]") {
    const std::string cases[] = {"",
                                 "GIF90a\x01\0\x01\0"s,
                                 "GIF89a\0\0\x01\0"s,
                                 "RIFF\x24\0\0\0WAVEfmt "s,
                                 "\xFF\xD8\xFF\xDA\0\0\0\0\0\0\0\0"s,
                                 std::string(100, '\xFF'),
                                 "%PDF-1.7"};
    for (const std::string& bytes : cases) CHECK_FALSE(read_image_size(bytes));
}

TEST_CASE("tokens: a JPEG's size is found behind a large thumbnail", "[prompts]") {
    std::string bytes = "\xFF\xD8"s;
    for (int i = 0; i < 2; ++i) bytes += "\xFF\xE1\xFF\xFF"s + std::string(0xFFFD, 'x');
    bytes += kFrame + std::string(500, 'y');
    CHECK(read_image_size(base64(bytes)) == ImageSize{640, 480});
}

TEST_CASE("tokens: pictures in data URLs have a size, those elsewhere do not", "[prompts]") {
    using Source = protocol::Media::Source;
    const std::string digits = protocol::encode_base64(kPng);
    CHECK(read_image_size({.source = Source::Url, .data = "data:image/png;base64," + digits}) ==
          ImageSize{800, 600});
    std::string lines = digits;
    lines.insert(8, "\r\n");
    CHECK(read_image_size(protocol::Media{.data = lines}) == ImageSize{800, 600});
    CHECK_FALSE(read_image_size({.source = Source::Url, .data = "https://example.com/a.png"}));
    CHECK_FALSE(read_image_size({.source = Source::Url, .data = "data:image/png"}));
    CHECK_FALSE(read_image_size({.source = Source::FileId, .data = digits}));
    CHECK_FALSE(read_image_size(protocol::Media{.data = "no base64!"}));
}

TEST_CASE("tokens: the first bytes of media are cut where asked", "[prompts]") {
    CHECK(first_bytes(base64("abcdefgh"), 5) == "abcde");
    CHECK(first_bytes(base64("abcd"), 100) == "abcd");
    CHECK(size_of(base64(std::string(300, 'x'))) == 300);
}
