#include "cli/run_material.hpp"

#include "cli/file_hashes.hpp"
#include "cli/images.hpp"
#include "cli/options.hpp"
#include "cli/threshold_check.hpp"
#include "load/arrivals.hpp"
#include "store/journal.hpp"
#include "workload/random.hpp"
#include "workload/values.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <utility>

namespace lmstress::cli {
namespace {

const std::filesystem::path default_parent = "lmstress-results";

/// A schedule is known before the run: one that asks for nothing is no load.
result<void> check_arrivals(const scenario& s, std::span<const workload::trace_entry> trace) {
    const arrival_settings& a = s.load.arrivals;
    if (!a.is_open()) return {};
    const nanoseconds warmup = s.load.warmup_in_effect();
    for (std::size_t level = 0; level < std::max<std::size_t>(a.rates.size(), 1); ++level) {
        const auto at = load::plan_arrivals(s.load, level, s.workload.seed, 1, trace).at;
        if (!at.empty() && at.back() >= warmup) continue;
        return error{
            errc::usage,
            fmt::format("no request would be sent in the window{}: of its schedule's arrivals {} "
                        "in the warm-up, {} long, and none after it",
                        a.rates.size() > 1 ? " of level " + std::to_string(level) : "",
                        at.empty() ? "none come" : fmt::format("{} come", at.size()),
                        workload::duration_text(warmup)),
            "Take a longer --duration, a shorter --warmup, a higher rate, or another --seed; "
            "--dry-run shows the schedule."};
    }
    return {};
}

}  // namespace

result<run_material> load_material(const scenario& s) {
    auto prompts = load_prompts(s);
    if (!prompts) return prompts.error();
    const auto thresholds = check_thresholds(s);
    if (!thresholds) return thresholds.error();
    const auto arrivals = check_arrivals(s, prompts->trace());
    if (!arrivals) return arrivals.error();
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
