#pragma once

#include "lmstress/error.hpp"
#include "lmstress/summary.hpp"

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>

namespace lmstress::store {

// Lines of run.jsonl: what the run knows beside its requests, written as it becomes known
// (docs/results.md). Each includes its line feed.

[[nodiscard]] std::string run_line(const run_setup& setup);
[[nodiscard]] std::string level_begin_line(const level_setup& setup, const level_course& planned);
[[nodiscard]] std::string level_end_line(const level_setup& setup, const level_course& course);
[[nodiscard]] std::string server_state_line(const server_state& s);
[[nodiscard]] std::string run_end_line(int exit_code, const std::string& ended_early);

/// What the lines of a run.jsonl say, so far as they were written.
struct run_notes {
    struct level {
        level_setup setup;
        level_course course;
        bool ended = false;
    };
    run_setup setup;
    std::vector<level> levels;
    std::optional<int> exit_code;
    std::vector<server_state> server_states;
    std::string ended_early;
};

/// The object that measure::write() makes of one; throws where it is none.
[[nodiscard]] selfcheck_note selfcheck_note_of(const boost::json::object& o);

/// A last line that was cut is passed over: the process was killed while it wrote.
[[nodiscard]] result<run_notes> read_run_notes(std::string_view content);

}  // namespace lmstress::store
