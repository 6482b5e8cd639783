#include "report/level_name.hpp"

#include "wire/plural.hpp"
#include "wire/short_number.hpp"

#include <fmt/format.h>

namespace lmstress::report {

std::string level_number(const level_setup& level) {
    if (!level.open) return std::to_string(level.concurrency);
    return fmt::format("{:.4g}", level.open->requested_rate);
}

std::string level_name(const level_setup& level) {
    if (level.open) return wire::rate_text(level.open->requested_rate);
    return wire::plural(level.concurrency, "stream");
}

std::string level_place(const level_summary& level, bool several_apis) {
    return level_name(level.setup) + (several_apis ? ", " + level.setup.target.api : "");
}

bool is_open(const run_summary& run) {
    return !run.levels.empty() && run.levels.front().setup.open;
}

std::string_view level_unit(const run_summary& run) {
    return is_open(run) ? "req/s" : "streams";
}

std::string_view headline_ttft(const level_setup& level) {
    return level.open ? "ttft_intended_ms" : "ttft_ms";
}

std::string_view headline_e2e(const level_setup& level) {
    return level.open ? "e2e_intended_ms" : "e2e_ms";
}

}  // namespace lmstress::report
