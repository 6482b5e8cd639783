#include "report/interval_table.hpp"

#include "measure/quantile_interval.hpp"
#include "report/api_differences.hpp"
#include "report/level_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace lmstress::report {
namespace {

struct column {
    std::string_view name;
    double p;
    double distribution::* quantile;
    std::optional<interval> quantile_intervals::* around;
};

/// What the values of a metric are called that there are so many of, and its quantiles.
struct metric_columns {
    std::string_view metric;
    std::string_view values;
    int room;
    std::array<column, 2> quantiles;
};

constexpr std::array columns = {
    metric_columns{"ttft_ms",
                   "n",
                   7,
                   {{{"TTFT p50", 0.5, &distribution::p50, &quantile_intervals::p50},
                     {"TTFT p95", 0.95, &distribution::p95, &quantile_intervals::p95}}}},
    metric_columns{"itl_ms",
                   "gaps",
                   9,
                   {{{"ITL p50", 0.5, &distribution::p50, &quantile_intervals::p50},
                     {"ITL p95", 0.95, &distribution::p95, &quantile_intervals::p95}}}},
};

std::string_view metric_of(const level_summary& level, const metric_columns& m) {
    return m.metric == "ttft_ms" ? headline_ttft(level.setup) : m.metric;
}

std::string cell(const distribution* d, const column& c) {
    if (d == nullptr) return "-";
    const auto& around = d->ci95.*c.around;
    if (std::isinf(d->*c.quantile)) return "cut before";
    if (!around || !around->closed()) {
        // Of as many that were not cut it would be known: more would not help, but more time for
        // each.
        const auto ranks = measure::ranks_around(c.p, d->count + d->cut);
        return d->cut > 0 && ranks.low && ranks.high ? "cut before" : "n too small";
    }
    return number_text(around->low) + ".." + number_text(around->high);
}

bool has_streams(const level_summary& level) {
    return level.metric("ttft_ms") != nullptr || level.metric("itl_ms") != nullptr;
}

}  // namespace

std::string number_text(double v, double known_up_to) {
    if (std::isinf(v)) return ">" + number_text(known_up_to);
    if (v < 9.995) return fmt::format("{:.2f}", v);
    if (v < 99.95) return fmt::format("{:.1f}", v);
    return fmt::format("{:.0f}", v);
}

std::string quantile_text(const distribution& d, double distribution::* at, double scale) {
    const std::string text = number_text(d.*at * scale, d.max * scale);
    const auto around = at == &distribution::p50   ? d.ci95.p50
                        : at == &distribution::p90 ? d.ci95.p90
                        : at == &distribution::p95 ? d.ci95.p95
                                                   : d.ci95.p99;
    // One that is beyond all that is known says so itself.
    const bool known = (around && around->closed()) || std::isinf(d.*at);
    return known ? text : '(' + text + ')';
}

std::string interval_table(const run_summary& run) {
    if (std::none_of(run.levels.begin(), run.levels.end(), has_streams)) return {};
    const auto apis = apis_of(run);
    const bool several = apis.size() > 1;
    std::size_t longest = 0;
    for (const std::string_view api : apis) longest = std::max(longest, api.size());
    // With a column of their names there is room for TTFT alone.
    const auto shown = std::span{columns}.first(several ? 1 : columns.size());
    std::string out = fmt::format("95 % intervals, ms\n{:>7}", level_unit(run));
    if (several) out += fmt::format("  {:<{}}", "API", longest);
    for (const metric_columns& m : shown) {
        out += fmt::format("{:>{}}", m.values, m.room);
        for (const column& c : m.quantiles) out += fmt::format("{:>14}", c.name);
    }
    out += '\n';
    for (const level_summary& level : run.levels) {
        if (!has_streams(level)) continue;
        out += fmt::format("{:>7}", level_number(level.setup));
        if (several) out += fmt::format("  {:<{}}", level.setup.target.api, longest);
        for (const metric_columns& m : shown) {
            const distribution* d = level.metric(metric_of(level, m));
            out += fmt::format("{:>{}}", d == nullptr ? 0 : d->count + d->cut, m.room);
            for (const column& c : m.quantiles) out += fmt::format("{:>14}", cell(d, c));
        }
        out += '\n';
    }
    return out;
}

}  // namespace lmstress::report
