#include "analyze/sweep.hpp"

#include "measure/context_in_force.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::analyze {
namespace {

template <class T>
void compare_setting(const char* what, const std::optional<T>& asked, const server_setting<T>& said,
                     std::vector<std::string>& into) {
    if (!asked || !said.confirmed || *asked == *said.confirmed) return;
    if constexpr (std::is_same_v<T, bool>) {
        into.push_back(fmt::format("the server has {} {} and not {}", what,
                                   *said.confirmed ? "on" : "off", *asked ? "on" : "off"));
    } else {
        into.push_back(
            fmt::format("the server says {} {} and not {}", what, *said.confirmed, *asked));
    }
}

/// By the settings that every server is asked for, and by what the load shows.
std::vector<std::string> otherwise_in_run(const server_variant& asked, const cell_figures& seen) {
    std::vector<std::string> out;
    const server_settings& said = seen.level.setup.server;
    compare_setting("parallel", asked.parallel, said.parallel, out);
    compare_setting("a unified KV cache", asked.unified_kv, said.unified_kv, out);
    server_settings wanted = said;
    wanted.context_length.requested = asked.context_length;
    if (asked.unified_kv) wanted.unified_kv.requested = asked.unified_kv;
    if (!measure::context_as_asked(wanted)) {
        out.push_back(fmt::format("the server says a context of {} tokens{} and not {}",
                                  *said.context_length.confirmed,
                                  said.context_length.source == llama_cpp_props ? " in a slot" : "",
                                  measure::context_wanted_text(wanted)));
    }
    if (!asked.parallel || !seen.batch || !seen.batch->parallel || !out.empty()) return out;
    const std::uint64_t shown = *seen.batch->parallel;
    // Fewer than twice as many clients as there are to be slots would not fill them.
    const bool enough = seen.batch->in_flight_mean >= 1.9 * static_cast<double>(*asked.parallel);
    if (shown < *asked.parallel && !enough) return out;
    // What the server says of each request outweighs what it says of its settings.
    const auto in_slots = seen.batch->in_slots;
    const bool less = shown < *asked.parallel && in_slots != *asked.parallel &&
                      (!said.parallel.confirmed || in_slots == shown);
    if (shown > *asked.parallel || less) {
        out.push_back(fmt::format("{} {} at once and not {}", wire::plural(shown, "stream"),
                                  shown == 1 ? "decodes" : "decode", *asked.parallel));
    }
    return out;
}

}  // namespace

cell_figures figures_of(const measured_level& level, std::uint32_t max_tokens, std::uint64_t seed) {
    constexpr std::size_t parts = 60;
    return {.level = level.summary,
            .batch = batch_of(level),
            .decoding = decoding_over_time(level, parts),
            .interference = interference_of(level, seed),
            .phases = mean_of(phases_of(level)),
            .prefill = prefill_by_depth(level),
            .exhausted = pool_exhaustion_of(level),
            .limited = context_limit_of(level, max_tokens)};
}

std::optional<figure_over_runs> over_runs(const sweep_figure& f, std::span<const measured_cell> all,
                                          std::size_t variant, std::size_t load) {
    std::vector<const level_summary*> runs;
    for (const measured_cell& m : all) {
        if (m.is_of(variant, load)) runs.push_back(&m.figures.level);
    }
    return over_runs(f, runs);
}

std::vector<std::string> not_in_force(const server_variant& asked, const cell_figures& seen) {
    std::vector<std::string> out = otherwise_in_run(asked, seen);
    for (const std::string& what : seen.not_as_asked) {
        if (std::find(out.begin(), out.end(), what) == out.end()) out.push_back(what);
    }
    return out;
}

std::optional<std::uint32_t> shown_parallel(std::span<const measured_cell> all,
                                            std::size_t variant) {
    std::optional<std::uint32_t> most;
    for (const measured_cell& m : all) {
        if (m.cell.variant != variant || !m.figures.batch || !m.figures.batch->parallel) continue;
        most = std::max(most.value_or(0), *m.figures.batch->parallel);
    }
    return most;
}

}  // namespace lmstress::analyze
