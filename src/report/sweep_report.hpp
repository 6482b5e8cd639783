#pragma once

#include "analyze/sweep.hpp"
#include "lmstress/sweep.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::wire {
class json_writer;
}

namespace lmstress::report {

/// All that `lmstress sweep` has to say.
struct sweep_report {
    sweep_plan plan;
    std::string scenario_json;  ///< as in effect, secrets left out
    std::uint32_t runs = 1;
    double attainment = 0.95;  ///< share of the requests that must meet the SLO
    std::vector<analyze::measured_cell> cells = {};
    int exit_code = 0;
    std::vector<std::string> thresholds = {};  ///< that each cell is held to
};

/// Its tables: a row for each setting, a column for each load; what the server did; which setting
/// is the best and why. A table that is wider than so many columns is parted.
[[nodiscard]] std::string sweep_text(const sweep_report& r, int width = 100);
/// What the server did with its requests, as the data show it: a row for each setting, under its
/// largest load.
[[nodiscard]] std::string server_deeds(const sweep_report& r, int width = 100);
/// Schema `lmstress.sweep/1` (docs/schema/sweep.schema.json).
[[nodiscard]] std::string sweep_json(const sweep_report& r);
/// Members of it, into an object that is open: `variants`, `loads` and `runs`; and what comes of
/// it, `parallelism` and `best`.
void write_plan(wire::json_writer& w, const sweep_report& r);
void write_choice(wire::json_writer& w, const sweep_report& r);

/// The letters of a bar.
inline constexpr const char* phase_letters =
    ". queue, L load of the model, p prefill, = decode, ? queue or prefill";
/// The requests of a level as bars over time, one a line: where each waited, was loaded, processed
/// and decoded. Of many the first `most`.
[[nodiscard]] std::string waterfall(const std::vector<analyze::request_phases>& all,
                                    std::size_t most = 60);

/// "3.9 of 4": values over time as a line of bars, the highest a full one.
[[nodiscard]] std::string spark_line(const std::vector<double>& values, double full,
                                     std::size_t columns);

}  // namespace lmstress::report
