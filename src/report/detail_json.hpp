#pragma once

#include "analyze/measured_level.hpp"
#include "wire/json_writer.hpp"

#include <cstdint>

namespace lmstress::report {

/// How finely the inside of a level is told. A page has room for so much; the exact numbers are in
/// its tables.
struct detail_size {
    std::uint32_t heat_columns = 40;
    std::uint32_t heat_rows = 24;
    std::uint32_t parts = 120;    ///< of the window, for what is in flight
    std::uint32_t requests = 60;  ///< of the timeline
};

/// The members of an object of "details" (docs/schema/report.schema.json) that are about the inside
/// of a level: heatmaps, occupancy, percentiles, the timeline, prefill interference, errors, tokens
/// per event, the server's own figures. The object is open before and after.
void write_detail(wire::json_writer& w, const analyze::measured_level& level, std::uint64_t seed,
                  const detail_size& size);

}  // namespace lmstress::report
