#include "config/load.h"

#include <optional>
#include <utility>

#include "config/cross_check.h"
#include "config/environment_layer.h"
#include "config/include.h"
#include "config/predecessor_environment.h"
#include "config/print.h"
#include "config/report.h"
#include "config/sections.h"
#include "config/variables.h"
#include "crypto/digest.h"
#include "tokens/vocabularies.h"

namespace aigw::config {
namespace {

// `variables` is what a start without a file looks at; nullptr: there is a file.
LoadResult finish(std::optional<Document> document, const Inputs& inputs, Report& report,
                  const Variables* variables = nullptr) {
    if (!document) return std::unexpected(LoadFailure{report.take()});
    Loaded loaded;
    Draft draft = read_sections(document->table, {report, loaded.provenance});
    loaded.files = std::move(document->files);
    if (variables != nullptr && is_of_predecessor(*variables))
        add_predecessor_environment(draft.config, *variables, loaded.provenance, report);
    add_environment_layer(draft.config, inputs.environment, report);
    check_names(draft, report);
    if (report.has_errors()) return std::unexpected(LoadFailure{report.take()});

    loaded.config = std::move(draft.config);
    const auto data_folder = inputs.environment("AIGW_DATA");
    std::error_code ignored;
    loaded.config.tokens.vocabulary_folders = tokens::default_vocabulary_folders(
        std::filesystem::read_symlink("/proc/self/exe", ignored), data_folder);
    warn_of_idle_settings(loaded.config, loaded.provenance, report);
    loaded.warnings = report.take();
    loaded.effective = render_config(loaded.config, loaded.provenance, ShowOrigin::No);
    loaded.config.digest = "sha256:" + crypto::sha256_hex(loaded.effective);
    return loaded;
}

}  // namespace

LoadResult load_config(const std::string& path, const Inputs& inputs) {
    Report report;
    return finish(read_document(path, inputs, report), inputs, report);
}

LoadResult parse_config(std::string_view text, const std::string& name, const Inputs& inputs) {
    Report report;
    return finish(read_document_text(text, name, inputs, report), inputs, report);
}

LoadResult config_from_environment(const Inputs& inputs) {
    Report report;
    const Variables variables = read_variables(inputs, report);
    const Environment environment = variables.environment();
    const Inputs with_dotenv{.files = inputs.files, .environment = environment};
    return finish(read_document_text("", "", with_dotenv, report), with_dotenv, report, &variables);
}

std::string print_config(const Loaded& loaded, ShowOrigin origin) {
    return render_config(loaded.config, loaded.provenance, origin);
}

}  // namespace aigw::config
