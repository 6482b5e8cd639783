#pragma once

#include "cli/left_out.hpp"
#include "cli/options.hpp"
#include "cli/stored_run.hpp"

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace lmstress::cli {

/// One side of a comparison: its results, one or more of the same scenario.
struct compared_side {
    std::string name;  ///< as the user gave it
    std::vector<stored_run> runs;
    std::vector<left_out_run> left_out = {};  ///< runs of it that are not compared
};

/// What one side of the command line is.
enum class side_kind : std::uint8_t {
    stored,    ///< the directory of a result
    measured,  ///< a URL, a scenario, or settings: measured now
};
[[nodiscard]] side_kind kind_of_side(const std::string& text);

/// The flags of a run of that side: those of the command, and what the side says.
[[nodiscard]] result<run_options> run_of_side(const std::string& text, const run_options& of);

/// A B B A or B A A B, as the seed has it, so often: 0 is A.
[[nodiscard]] std::vector<std::size_t> turns_of(std::uint32_t rounds, std::uint64_t seed);

/// What was measured, and the exit code of the turn that brought no result; 0 where each did.
struct measured_sides {
    std::array<compared_side, 2> sides;
    int exit_code = 0;
    std::string directory = {};  ///< of the runs that were measured for it
    std::size_t turns = 0;       ///< that there were to be, of both sides
    /// The directory of the first run of each, also where it was broken off; empty: there is none.
    std::array<std::string, 2> first_results = {};
};
/// Measures both sides now, taking turns, each run into a directory of its own; `into` has what
/// there is at any time. Sides whose work differs are refused before the first turn, unless forced,
/// and sides without a level in common always. Where only their servers tell, as of a model that
/// nobody named or of multiples of their slots, both are asked before it, and started for that
/// where a command does. Nothing is written before all that. A turn that brings no result
/// ends it: `into` says so by its runs and its exit code. `after_first_pair` is called once there
/// is one, with how many runs each side will have; what it refuses ends it too.
[[nodiscard]] result<void> measure_sides(
    const compare_options& options, measured_sides& into,
    const std::function<result<void>(std::uint32_t)>& after_first_pair);

}  // namespace lmstress::cli
