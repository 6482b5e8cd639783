#pragma once

#include "analyze/capacity.hpp"
#include "analyze/scaling_law.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::wire {
class json_writer;
}

namespace lmstress::report {

/// All that `lmstress capacity` has to say.
struct capacity_report {
    std::string scenario_json;                 ///< as in effect, secrets left out
    bool rate = false;                         ///< requests a second; else users
    double attainment = 0.95;                  ///< share of the requests that must meet the SLO
    double max_error_rate = 0.05;              ///< share of them that may fail
    std::string objective;                     ///< "ttft < 2 s in 95 % of the requests"
    std::vector<std::string> thresholds = {};  ///< that belong to it
    std::vector<analyze::capacity_step> steps = {};
    std::vector<std::string> directories = {};  ///< of the results of all pieces, in their order
    analyze::capacity_search::bracket found = {};
    bool out_of_time = false;
    std::string ended_early = {};  ///< by what the search was ended, a sentence; empty: it was not
    std::string invalid = {};  ///< why the run of a step is not valid, a sentence; empty: all are
    std::optional<analyze::scaling_law> law = {};
    std::optional<double> knee = {};
    std::optional<analyze::limit_found> limit = {};  ///< where a load failed
    int exit_code = 0;
};

/// Where nothing held and a load failed: the largest load below it, which stayed undecided.
[[nodiscard]] std::optional<analyze::capacity_search::end> undecided_below(
    const capacity_report& r);

/// Where a load held and the next one stayed undecided: the smallest beyond them that failed.
[[nodiscard]] std::optional<analyze::capacity_search::end> failed_above(const capacity_report& r);

/// Whether the load failed for its errors alone: more of its requests failed than
/// --max-error-rate allows, and nothing else says that the objective does not hold there.
[[nodiscard]] bool failed_by_errors(const capacity_report& r, double load);

/// Fills in what follows from its steps: the law, the knee, and what limits at the smallest load
/// that failed.
void conclude_capacity(capacity_report& r, std::uint64_t seed);

/// "Capacity: 11 users hold ...; 12 do not.", the steps, the law, what limits. A table that is
/// wider than so many columns is parted.
[[nodiscard]] std::string capacity_text(const capacity_report& r, int width = 100);
/// The answer alone, in sentences, the first of which says it.
[[nodiscard]] std::vector<std::string> capacity_sentences(const capacity_report& r);
[[nodiscard]] std::string capacity_answer(const capacity_report& r);
/// Schema `lmstress.capacity/1` (docs/schema/capacity.schema.json).
[[nodiscard]] std::string capacity_json(const capacity_report& r);
/// Its members that are about the search, from `of` on, into an object that is open.
void write_capacity(wire::json_writer& w, const capacity_report& r);

}  // namespace lmstress::report
