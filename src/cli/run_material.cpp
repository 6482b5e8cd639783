#include "cli/run_material.hpp"

#include "cli/abort_rule.hpp"
#include "cli/file_hashes.hpp"
#include "cli/images.hpp"
#include "cli/options.hpp"
#include "store/journal.hpp"
#include "workload/random.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <utility>

namespace lmstress::cli {
namespace {

const std::filesystem::path default_parent = "lmstress-results";

}  // namespace

result<run_material> load_material(const scenario& s) {
    auto prompts = load_prompts(s);
    if (!prompts) return prompts.error();
    const auto thresholds = check_thresholds(s.limits);
    if (!thresholds) return thresholds.error();
    auto conversations = load_conversations(s.workload);
    if (!conversations) return conversations.error();
    auto images = load_images(s.workload);
    if (!images) return images.error();
    return run_material{*std::move(prompts), *std::move(conversations), *std::move(images),
                        hashes_of_files(s)};
}

std::string make_run_id(const workload_settings& w) {
    std::uint64_t id = 0;
    if (w.salt == salt_mode::seed) {
        id = workload::hash("run", w.seed);
    } else {
        std::random_device device;
        id = (std::uint64_t{device()} << 32U) | device();
    }
    return fmt::format("{:010x}", id & 0xFF'FFFF'FFFFU);
}

std::string default_directory(std::int64_t unix_ns, const std::string& run_id) {
    const std::time_t seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
    return default_parent / fmt::format("{:%Y%m%dT%H%M%SZ}-{}", fmt::gmtime(seconds), run_id);
}

std::filesystem::path directory_of_runs(std::string_view kind, const scenario& s,
                                        const std::string& resumed) {
    if (!resumed.empty()) return resumed;
    if (!s.output.directory.empty()) return s.output.directory;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return default_directory(std::chrono::duration_cast<nanoseconds>(now).count(),
                             fmt::format("{}-{}", kind, make_run_id(s.workload)));
}

result<void> check_place(const scenario& s) {
    return s.output.directory.empty() ? store::check_parent_of(default_parent / "run")
                                      : store::check_directory(s.output.directory);
}

}  // namespace lmstress::cli
