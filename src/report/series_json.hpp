#pragma once

#include "report/series.hpp"
#include "report/source.hpp"
#include "wire/json_writer.hpp"

#include <span>
#include <vector>

// Members of the data of a report (docs/schema/report.schema.json) that are about many levels, into
// an object that is open.

namespace lmstress::report {

/// `figures`: what the keys of a point's figures are called.
void write_figure_names(wire::json_writer& w);
/// `series`
void write_series(wire::json_writer& w, std::span<const source> sources,
                  const std::vector<series>& all);
/// `models`: of each model the point with the most output; empty for fewer than two.
void write_models(wire::json_writer& w, const std::vector<series>& all);
/// `sweeps`
void write_sweeps(wire::json_writer& w, std::span<const source> sources);
/// `capacities`
void write_capacities(wire::json_writer& w, std::span<const source> sources);

}  // namespace lmstress::report
