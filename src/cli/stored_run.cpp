#include "cli/stored_run.hpp"

#include "store/journal.hpp"

#include <utility>

namespace lmstress::cli {

result<stored_run> load_run(const std::filesystem::path& directory) {
    auto rebuilt = store::rebuild(directory, store::keep_requests::yes);
    if (!rebuilt) return rebuilt.error();
    stored_run out{.setup = std::move(rebuilt->summary.setup), .levels = {}};
    for (std::size_t i = 0; i < rebuilt->summary.levels.size(); ++i) {
        out.levels.push_back(
            {std::move(rebuilt->summary.levels[i]), std::move(rebuilt->requests[i])});
    }
    return out;
}

}  // namespace lmstress::cli
