#pragma once

#include "report/detail_json.hpp"
#include "report/series.hpp"

#include <span>
#include <string>
#include <vector>

namespace lmstress::report {

/// The levels whose inside a report shows, and how finely.
struct detail_choice {
    struct level {
        const series* of;
        const series_point* point;
        level_place_of_report place;
        const analyze::measured_level* measured;
    };
    std::vector<level> levels;  ///< as the report has them
    detail_size size;
    std::string note;  ///< what is left out, a sentence; empty: nothing
};

/// A page has room for so much (docs/report.md): up to 12 levels are shown whole, up to 24 at half
/// the size; of more than that 24, of each series in turn the largest load, the one with the most
/// output, the smallest one, and then the others from the largest down. Of a load that was measured
/// several times the last one is shown.
[[nodiscard]] detail_choice choose_details(std::span<const series> all);

}  // namespace lmstress::report
