#include "cli/run_report.hpp"

#include "cli/report_source.hpp"
#include "cli/source_names.hpp"
#include "report/report_data.hpp"

namespace lmstress::cli {

result<std::string> report_of_directory(const std::filesystem::path& directory) {
    const auto names = source_names({directory.string()});
    if (!names) return names.error();
    const auto source = load_source(directory, names->front());
    if (!source) return source.error();
    return report::report_json({&*source, 1});
}

}  // namespace lmstress::cli
