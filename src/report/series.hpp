#pragma once

#include "analyze/scaling_law.hpp"
#include "report/report_figures.hpp"
#include "report/source.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lmstress::report {

/// A level of a report: of which of its runs (over all sources), and which of that run's.
struct level_place_of_report {
    std::size_t run = 0;
    std::size_t level = 0;
};

/// A load that was measured, once or several times.
struct series_point {
    double x = 0;
    std::string name;  ///< "4 streams"
    std::vector<level_place_of_report> levels;
    std::vector<const analyze::measured_level*> measured;  ///< they point into the sources
    bool valid = true;                                     ///< all runs behind it are
    struct figure {
        const analyze::sweep_figure* of;
        analyze::figure_over_runs value;
        /// The quantile lies beyond all that is known, which is this: then it has no value.
        std::optional<double> beyond = {};
    };
    std::vector<figure> figures;
    /// The figure of that key, or null where it is not known.
    [[nodiscard]] const analyze::figure_over_runs* at(std::string_view key) const;
};
/// How many of its requests met the objective, of those offered.
[[nodiscard]] analyze::share_counts met_of(const series_point& p);

/// Up to where an objective held, and from where on it did not; or from where on that is not
/// decided, before it fails.
struct slo_crossing {
    std::string objective;
    double attainment = 0.95;
    std::optional<double> holds_up_to = {};
    std::optional<double> undecided_from = {};
    std::optional<double> fails_from = {};
    std::string sentence;
};

/// One setting of one server under growing load: a line of a chart.
struct series {
    std::string name;  ///< that no other of the report has
    std::size_t source = 0;
    std::optional<std::size_t> variant = {};  ///< of a sweep
    /// Of a run over several APIs: what they came to together. It has their rates alone, and they
    /// have none of their own, no law and no knee, for each shared the server with the others.
    bool together = false;
    bool shared = false;       ///< it is one of those APIs
    level_setup setup;         ///< of its first level
    std::string quantization;  ///< of the model, as the server says; may be empty
    std::string_view x_name;
    std::string_view x_unit;
    std::vector<series_point> points;  ///< by growing load
    std::optional<analyze::scaling_law> law = {};
    std::vector<analyze::load_point> law_points = {};
    std::optional<double> knee = {};
    std::optional<slo_crossing> slo = {};
};

/// All series of a report. Levels without a finished window are in none.
[[nodiscard]] std::vector<series> series_of(std::span<const source> sources);

}  // namespace lmstress::report
