#pragma once

#include "store/history_entry.hpp"
#include "wire/json_writer.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace lmstress::store {

/// A run of the history in a row of a list: an object (docs/history.md, docs/dashboard.md).
void write_row(wire::json_writer& w, const history_entry& e);
/// Its levels: an array of objects.
void write_levels(wire::json_writer& w, const history_entry& e);

/// {"runs": [row...], "total": n, "next_before": n}. `total`: how many there are, of which those
/// were asked for that are below a number, `limit` at most; next_before is the number to go on
/// below, or null.
[[nodiscard]] std::string history_list_json(std::span<const history_entry> runs, std::int64_t total,
                                            std::int64_t limit);
/// A line of an export: the row, its levels and its summary (docs/schema/history.schema.json).
[[nodiscard]] std::string history_line(const history_entry& e, const std::string& summary_json);

}  // namespace lmstress::store
