#pragma once

#include "store/history_entry.hpp"
#include "store/sqlite.hpp"

#include <cstdint>
#include <string>

// The rows of the history's tables, column by column, as the statements of history_sql.hpp have
// them.

namespace lmstress::store {

/// Of list_runs. What belongs to the run and has a table of its own is not in it.
[[nodiscard]] history_entry read_run(sql_statement& s);
/// Of levels_of.
[[nodiscard]] history_level read_level(sql_statement& s);
/// Of model_of.
[[nodiscard]] model_facts read_model(sql_statement& s);
/// Of whole_of.
[[nodiscard]] history_whole read_whole(sql_statement& s);

/// For put_run.
void bind_run(sql_statement& s, const history_entry& e, const std::string& summary_json);
/// For put_level.
void bind_level(sql_statement& s, std::int64_t run, const history_level& l);

}  // namespace lmstress::store
