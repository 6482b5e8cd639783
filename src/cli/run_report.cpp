#include "cli/run_report.hpp"

#include "cli/report_source.hpp"
#include "report/report_data.hpp"

namespace lmstress::cli {

result<std::string> report_of_directory(const std::filesystem::path& directory) {
    const auto source = load_source(directory);
    if (!source) return source.error();
    return report::report_json({&*source, 1});
}

}  // namespace lmstress::cli
