#pragma once

#include "lmstress/error.hpp"
#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

#include <span>
#include <string>
#include <vector>

namespace lmstress::analyze {

/// A result that is to be merged, measured anew from its journal.
struct run_part {
    std::string name;  ///< of its directory
    run_summary summary;
    std::vector<std::vector<request_record>> requests;  ///< of each of its levels
};

/// An error for what would make a merged result untrue: a part that is itself merged or twice
/// there, a level that did not come to its end, other work, other levels, windows of different
/// lengths, or ones that began further apart than a tenth of their length.
[[nodiscard]] result<void> check_mergeable(std::span<const run_part> parts);

/// How long its window was. Precondition: it has come to its end.
[[nodiscard]] nanoseconds window_length(const level_course& c);

/// By how much later than that of the first part its window of this level began, by the machines'
/// wall clocks. Precondition: both have come to its end.
[[nodiscard]] nanoseconds window_offset(const run_part& first, const run_part& part,
                                        std::size_t level);

/// Adds a sentence for each thing that differs between the two without deciding about the figures.
void remark_on(const run_part& first, const run_part& part, std::vector<std::string>& remarks);

}  // namespace lmstress::analyze
