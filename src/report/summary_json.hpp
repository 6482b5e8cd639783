#pragma once

#include "lmstress/summary.hpp"
#include "wire/json_writer.hpp"

#include <string>

namespace lmstress::report {

/// The content of summary.json, schema "lmstress.summary/1" (docs/results.md).
[[nodiscard]] std::string summary_json(const run_summary& run);
/// The same without `thresholds`, which are judged by the rest of it.
[[nodiscard]] std::string summary_json_without_thresholds(const run_summary& run);

// Its parts, for what holds several runs.

/// An object of `levels`.
void write_level(wire::json_writer& w, const level_summary& level);
/// The member `validity`.
void write_validity(wire::json_writer& w, const run_summary& run);
/// The member `thresholds`.
void write_thresholds(wire::json_writer& w, const run_summary& run);

}  // namespace lmstress::report
