#include "cli/run_report.hpp"

namespace lmstress::cli {

result<std::string> report_of_directory(const std::filesystem::path& directory) {
    return error{errc::internal, "no report of " + directory.string()};
}

}  // namespace lmstress::cli
