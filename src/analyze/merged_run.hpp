#pragma once

#include "analyze/mergeable.hpp"
#include "lmstress/error.hpp"
#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

#include <span>
#include <string>
#include <vector>

namespace lmstress::analyze {

/// Several results as one, ready to be written as a journal.
struct merged_run {
    run_setup setup;
    struct level {
        level_setup setup;
        level_course course;
        std::vector<request_record> requests;
    };
    std::vector<level> levels;
    std::vector<server_state> server_states;
    bool interrupted = false;  ///< one of the parts was
    /// Of each part that ended early, or was killed, why: a sentence with its name.
    std::string ended_early;
    /// What was laid over one another, and what differs without deciding about the figures: a
    /// sentence each.
    std::vector<std::string> remarks;
};

/// Joins the results of several processes, on one machine or several, that put the same server
/// under the same load at the same time. Every request is in it once; what is in no request (lags,
/// time in flight) is added up, or of the worst part where it is a share (CPU). Times are those of
/// the first part: of each level the windows are laid over one another, so that what was in a
/// window is in the merged one, and rates add exactly. How far they were apart is known from the
/// wall clocks of the machines and kept in merged_part::moved. Its id is its own: in a history it
/// is none of its parts that was moved.
///
/// The errors of check_mergeable. Precondition: at least two parts.
[[nodiscard]] result<merged_run> merged(std::span<const run_part> parts);

}  // namespace lmstress::analyze
