#include "tokens/vocabulary.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace aigw::tokens {

namespace {

constexpr const char* kHint =
    "install aigw again, or copy share/aigw/vocab of the same version to this place";

Error unusable(const std::filesystem::path& path, std::string_view why) {
    return {ErrorCode::Config, "vocabulary " + path.string() + " " + std::string(why), kHint};
}

Error unreadable(const std::filesystem::path& path, int number) {
    const auto code =
        number == ENOENT || number == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Config;
    return {code, "vocabulary " + path.string() + " cannot be read: " + std::strerror(number),
            kHint};
}

// Closed on every way out.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

private:
    int number_;
};

constexpr std::size_t filter_bytes(const IndexHeader& header) {
    return std::size_t{header.pair_slots} * kFilterBitsPerSlot / 8;
}

std::size_t tables_bytes(const IndexHeader& header) {
    return aligned(header.trie_units * sizeof(TrieUnit)) + aligned(filter_bytes(header)) +
           aligned(header.pair_slots * sizeof(PairSlot)) +
           aligned(header.token_count * sizeof(TokenParents)) +
           aligned(header.token_count * sizeof(TokenShape));
}

// Why a file is none to work with.
std::optional<std::string_view> find_flaw(std::string_view bytes) {
    if (bytes.size() < sizeof(IndexHeader) ||
        std::memcmp(bytes.data(), kIndexMagic.data(), kIndexMagic.size()) != 0)
        return "is no vocabulary of aigw";
    IndexHeader header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    if (header.version != kIndexVersion) return "is of another version of aigw";
    if (header.file_bytes != bytes.size() ||
        bytes.size() != sizeof(IndexHeader) + tables_bytes(header))
        return "is not whole";
    if (header.checksum != index_checksum(bytes.substr(sizeof(IndexHeader))))
        return "is damaged: its checksum is wrong";
    if (header.encoding >= kEncodings.size()) return "is of an unknown encoding";
    return std::nullopt;
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) return unreadable(path, errno);
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0) return unreadable(path, errno);
    if (!S_ISREG(facts.st_mode)) return unusable(path, "is no file");
    if (facts.st_size == 0) return unusable(path, "is empty");
    const auto size = static_cast<std::size_t>(facts.st_size);
    // All pages at once: the check reads every one of them.
    void* const data =
        ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.number(), 0);
    if (data == MAP_FAILED) return unreadable(path, errno);
    return MappedFile(static_cast<const char*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

// Texts touch a small part of a vocabulary: pages come back from the system's cache as they do.
void MappedFile::let_go() const {
    ::madvise(const_cast<char*>(data_), size_, MADV_DONTNEED);
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

Result<Vocabulary> Vocabulary::load(const std::filesystem::path& path) {
    MappedFile file = TRY(MappedFile::open(path));
    if (const auto flaw = find_flaw(file.bytes())) return unusable(path, *flaw);
    file.let_go();
    return Vocabulary(std::move(file));
}

Vocabulary::Vocabulary(MappedFile file) : file_(std::move(file)) {
    const char* at = file_.bytes().data() + sizeof(IndexHeader);
    const auto take = [&at](std::size_t bytes) {
        const char* const table = at;
        at += aligned(bytes);
        return table;
    };
    trie_ = reinterpret_cast<const TrieUnit*>(take(header().trie_units * sizeof(TrieUnit)));
    filter_ = reinterpret_cast<const std::uint64_t*>(take(filter_bytes(header())));
    pairs_ = reinterpret_cast<const PairSlot*>(take(header().pair_slots * sizeof(PairSlot)));
    parents_ =
        reinterpret_cast<const TokenParents*>(take(header().token_count * sizeof(TokenParents)));
    shapes_ = reinterpret_cast<const TokenShape*>(take(header().token_count * sizeof(TokenShape)));
    root_base_ = header().root_base;
    pair_mask_ = header().pair_slots - 1;
    pair_shift_ = static_cast<unsigned>(64 - std::countr_zero(header().pair_slots));
    filter_shift_ = pair_shift_ - static_cast<unsigned>(std::countr_zero(kFilterBitsPerSlot));
}

void Vocabulary::append_bytes(TokenId token, std::string& out) const {
    if (shape(token).bytes() > 1) {
        append_bytes(parents(token).left, out);
        append_bytes(parents(token).right, out);
        return;
    }
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (header().byte_tokens[byte] == token) out.push_back(static_cast<char>(byte));
    }
}

}  // namespace aigw::tokens
