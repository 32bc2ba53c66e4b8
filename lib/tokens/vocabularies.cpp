#include "tokens/vocabularies.h"

#include <string>

namespace aigw::tokens {

namespace {

constexpr const char* kFolder = "share/aigw/vocab";

// AIGW_VOCABULARY_FOLDER: where `cmake --install` puts the files.
constexpr const char* kInstalled = AIGW_VOCABULARY_FOLDER;

void add_once(std::vector<std::filesystem::path>& folders, const std::filesystem::path& folder) {
    const std::filesystem::path plain = folder.lexically_normal();
    for (const auto& known : folders) {
        if (known == plain) return;
    }
    folders.push_back(plain);
}

}  // namespace

std::vector<std::filesystem::path> default_vocabulary_folders(
    const std::filesystem::path& executable, const std::optional<std::string_view>& data_folder) {
    std::vector<std::filesystem::path> folders;
    if (executable.has_parent_path()) {
        add_once(folders, executable.parent_path() / kFolder);
        add_once(folders, executable.parent_path() / ".." / kFolder);
    }
    add_once(folders, kInstalled);
    if (data_folder && !data_folder->empty()) {
        add_once(folders, std::filesystem::path(*data_folder) / kFolder);
        add_once(folders, std::filesystem::path(*data_folder) / "vocab");
        add_once(folders, std::filesystem::path(*data_folder));
    }
    return folders;
}

Result<const Vocabulary*> Vocabularies::find(Encoding encoding) const {
    const auto place = static_cast<std::size_t>(encoding);
    if (const Vocabulary* const ready = ready_[place].load(std::memory_order_acquire)) return ready;
    const std::lock_guard lock(loading_);
    if (!loaded_[place]) loaded_[place] = TRY(load(encoding));
    ready_[place].store(loaded_[place].get(), std::memory_order_release);
    return loaded_[place].get();
}

Result<std::unique_ptr<const Vocabulary>> Vocabularies::load(Encoding encoding) const {
    const std::string name = std::string(encoding_name(encoding)) + ".index";
    std::string places;
    for (const auto& folder : folders_) {
        auto vocabulary = Vocabulary::load(folder / name);
        if (vocabulary) {
            if (vocabulary->encoding() != encoding) {
                return Error{ErrorCode::Config,
                             "vocabulary " + (folder / name).string() + " is that of " +
                                 std::string(encoding_name(vocabulary->encoding())),
                             "install aigw again: its files were renamed"};
            }
            return std::make_unique<const Vocabulary>(std::move(vocabulary).take());
        }
        if (vocabulary.error().code != ErrorCode::NotFound) return std::move(vocabulary).error();
        places += (places.empty() ? "" : ", ") + folder.string();
    }
    return Error{
        ErrorCode::NotFound,
        "there is no vocabulary " + name + " in " + (places.empty() ? "no folder" : places),
        "install aigw with its share/aigw/vocab, or set AIGW_DATA to a folder that has it"};
}

}  // namespace aigw::tokens
