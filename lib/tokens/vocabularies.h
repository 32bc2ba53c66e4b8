// Where the vocabularies lie, and each one mapped when it is first asked for.
//
// Shape:   the first of a list of directories that has `<encoding>.index` gives it. What could not
// be
//          loaded is looked for again by the next call.
// Errors:  NotFound naming every place looked at; Config when the file found is none to work with.
// Threads: share it by const reference; one thread maps, the others wait.
#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tokens/vocabulary.h"

namespace aigw::tokens {

// The places of an installed and of a freshly built program, in order: share/aigw/vocab beside the
// executable and beside its folder, that of the prefix aigw was configured to be installed to, and
// that under `data_folder` ($AIGW_DATA), its folder vocab, or this folder itself.
std::vector<std::filesystem::path> default_vocabulary_folders(
    const std::filesystem::path& executable, const std::optional<std::string_view>& data_folder);

class Vocabularies {
public:
    explicit Vocabularies(std::vector<std::filesystem::path> folders)
        : folders_(std::move(folders)) {}

    // Lives as long as this does. Some milliseconds the first time.
    Result<const Vocabulary*> find(Encoding encoding) const;
    // Mapped already: find() gives it without waiting.
    bool is_ready(Encoding encoding) const {
        return ready_[static_cast<std::size_t>(encoding)].load(std::memory_order_acquire) !=
               nullptr;
    }

private:
    Result<std::unique_ptr<const Vocabulary>> load(Encoding encoding) const;

    const std::vector<std::filesystem::path> folders_;
    mutable std::mutex loading_;  // held while a file is mapped: each is mapped once
    mutable std::array<std::unique_ptr<const Vocabulary>, kEncodings.size()> loaded_;
    mutable std::array<std::atomic<const Vocabulary*>, kEncodings.size()> ready_{};
};

}  // namespace aigw::tokens
