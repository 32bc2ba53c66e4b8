#include "tokens/vocabulary.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/error.h"
#include "crypto/digest.h"
#include "tests/lib/tokens/agreement.h"
#include "tokens/vocabularies.h"

using namespace aigw;
using namespace aigw::tokens;
namespace fs = std::filesystem;

namespace {

// Removed with all that is in it.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "aigw-tokens-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }

    fs::path write(const std::string& name, std::string_view content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        return path_ / name;
    }
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

const fs::path kBuilt = AIGW_VOCABULARY_BUILD_FOLDER;

std::string built_file() {
    std::ifstream file(kBuilt / "cl100k_base.index", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void append_base64(std::string& out, std::string_view bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8U |
                    (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += at + i > bytes.size() ? '=' : kDigits[group >> (18 - 6 * i) & 63U];
    }
}

}  // namespace

TEST_CASE("vocabularies: hold the tokens that were published", "[tokens]") {
    struct Case {
        Encoding encoding;
        std::size_t size;
        const char* sha256;
    };
    const Case cases[] = {
        {Encoding::Cl100kBase, 100'256,
         "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"},
        {Encoding::O200kBase, 199'998,
         "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"},
        {Encoding::Qwen, 151'643,
         "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(encoding_name(c.encoding)) {
            const Vocabulary& vocabulary = built_vocabulary(c.encoding);
            REQUIRE(vocabulary.size() == c.size);
            CHECK(vocabulary.encoding() == c.encoding);
            std::string text;
            for (TokenId token = 0; token < vocabulary.size(); ++token) {
                std::string bytes;
                vocabulary.append_bytes(token, bytes);
                append_base64(text, bytes);
                text += " " + std::to_string(token) + "\n";
            }
            CHECK(crypto::sha256_hex(text) == c.sha256);
        }
    }
}

TEST_CASE("vocabularies: a file that is no whole one of ours is refused", "[tokens]") {
    const Folder folder;
    const std::string good = built_file();
    std::string old = good, damaged = good, moved = good;
    old[8] = '\x7F';
    damaged[good.size() / 2] ^= 1;
    moved[12] = '\x63';
    struct Case {
        const char* name;
        std::string content;
        const char* why;
    };
    const Case cases[] = {
        {"empty", "", "is empty"},
        {"short", "aigwvoc\n", "is no vocabulary of aigw"},
        {"foreign", std::string(5000, 'x'), "is no vocabulary of aigw"},
        {"cut", good.substr(0, good.size() - 1), "is not whole"},
        {"header-only", good.substr(0, sizeof(IndexHeader)), "is not whole"},
        {"longer", good + "x", "is not whole"},
        {"damaged", damaged, "is damaged: its checksum is wrong"},
        {"version", old, "is of another version of aigw"},
        {"encoding", moved, "is of an unknown encoding"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const fs::path path = folder.write(c.name, c.content);
            const auto loaded = Vocabulary::load(path);
            REQUIRE_FALSE(loaded);
            CHECK(loaded.error().code == ErrorCode::Config);
            CHECK(loaded.error().message == "vocabulary " + path.string() + " " + c.why);
            CHECK(loaded.error().hint ==
                  "install aigw again, or copy share/aigw/vocab of the same version to this place");
        }
    }
    CHECK(Vocabulary::load(folder.write("good", good)));
    const auto directory = Vocabulary::load(folder.path());
    REQUIRE_FALSE(directory);
    CHECK(directory.error().message == "vocabulary " + folder.path().string() + " is no file");
}

TEST_CASE("vocabularies: the first folder that has the file gives it", "[tokens]") {
    const Folder empty, full;
    full.write("cl100k_base.index", built_file());
    const Vocabularies vocabularies({empty.path(), full.path()});
    const auto found = vocabularies.find(Encoding::Cl100kBase);
    REQUIRE(found);
    CHECK(*vocabularies.find(Encoding::Cl100kBase) == *found);
    const auto missing = vocabularies.find(Encoding::Qwen);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == ErrorCode::NotFound);
    CHECK(render_line(missing.error()) ==
          "there is no vocabulary qwen.index in " + empty.path().string() + ", " +
              full.path().string() +
              ": install aigw with its share/aigw/vocab, or set AIGW_DATA to a folder that has it");
    // A file that appears is found by the next call.
    fs::copy(kBuilt / "qwen.index", empty.path() / "qwen.index");
    CHECK(vocabularies.find(Encoding::Qwen));
    full.write("o200k_base.index", built_file());
    const auto renamed = vocabularies.find(Encoding::O200kBase);
    REQUIRE_FALSE(renamed);
    CHECK(renamed.error().message ==
          "vocabulary " + (full.path() / "o200k_base.index").string() + " is that of cl100k_base");
    // What is broken is said, not passed over.
    empty.write("o200k_base.index", "x");
    const auto broken = vocabularies.find(Encoding::O200kBase);
    REQUIRE_FALSE(broken);
    CHECK(broken.error().message == "vocabulary " + (empty.path() / "o200k_base.index").string() +
                                        " is no vocabulary of aigw");
}

TEST_CASE("vocabularies: threads that ask at once get the same one", "[tokens]") {
    const Vocabularies vocabularies({kBuilt});
    std::array<const Vocabulary*, 8> found{};
    {
        std::vector<std::jthread> threads;
        for (const Vocabulary*& place : found) {
            threads.emplace_back([&] {
                const auto vocabulary = vocabularies.find(Encoding::Cl100kBase);
                if (vocabulary) place = *vocabulary;
            });
        }
    }
    for (const Vocabulary* const place : found) CHECK(place == found[0]);
    CHECK(found[0] != nullptr);
}

TEST_CASE("vocabularies: are looked for beside the program, in its prefix and where told",
          "[tokens]") {
    using Folders = std::vector<fs::path>;
    const Folders built = default_vocabulary_folders("/build/aigw", std::nullopt);
    REQUIRE(built.size() == 3);
    CHECK(built[0] == "/build/share/aigw/vocab");
    CHECK(built[1] == "/share/aigw/vocab");
    const Folders installed = default_vocabulary_folders("/opt/aigw/bin/aigw", "/data");
    REQUIRE(installed.size() == 6);
    CHECK(installed[1] == "/opt/aigw/share/aigw/vocab");
    CHECK(installed[2] == built[2]);
    CHECK(installed[3] == "/data/share/aigw/vocab");
    CHECK(installed[4] == "/data/vocab");
    CHECK(installed[5] == "/data");
    CHECK(default_vocabulary_folders("aigw", "").size() == 1);
}

TEST_CASE("vocabularies: encodings have names", "[tokens]") {
    for (const Encoding encoding : kEncodings)
        CHECK(find_encoding(encoding_name(encoding)) == encoding);
    CHECK(find_encoding("p50k_base") == std::nullopt);
}
