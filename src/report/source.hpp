#pragma once

#include "analyze/measured_level.hpp"
#include "lmstress/summary.hpp"
#include "report/capacity_report.hpp"
#include "report/sweep_report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::report {

/// A run, measured anew, with its requests: what every format of a report is a function of.
struct source_run {
    std::string name;  ///< of its directory: "run1", "sweep1/cells/003"
    run_summary summary;
    std::vector<analyze::measured_level> levels;  ///< those of the summary, with their requests
    /// Of a piece of a capacity search: the place of its step in capacity_report::steps.
    std::optional<std::size_t> step = {};
    std::uint64_t skipped_lines = 0;  ///< of its requests.jsonl: cut, unreadable or repeated
};

enum class source_kind : std::uint8_t { run, sweep, capacity };
[[nodiscard]] std::string_view to_string(source_kind k) noexcept;

/// What a directory holds: a run, a sweep or a capacity search.
struct source {
    source_kind kind = source_kind::run;
    std::string name = {};  ///< the last part of its directory
    /// One of a run; of a sweep one for each of its cells, in their order; of a capacity search the
    /// pieces of its steps.
    std::vector<source_run> runs = {};
    std::optional<sweep_report> sweep = {};
    std::optional<capacity_report> capacity = {};
    std::string scenario_json = {};  ///< as in effect, secrets left out
    std::string command = {};        ///< that does it again; empty where it is not known
    double attainment = 0.95;        ///< share of the requests that must meet the SLO
};

}  // namespace lmstress::report
