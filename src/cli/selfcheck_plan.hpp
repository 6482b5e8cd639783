#pragma once

#include "cli/settings.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lmstress::cli {

/// One load of a self-check: a run against a built-in server of its own.
struct selfcheck_load {
    std::uint32_t streams = 1;  ///< of an open loop, at most
    scenario run;               ///< without where the server is and where the results go
};

/// The loads of a self-check: those of the scenario that is in effect, each bounded in its time; or
/// where nobody says what load there will be, a ladder of streams. An error where there is nothing
/// to compare.
[[nodiscard]] result<std::vector<selfcheck_load>> loads_to_check(const settings& effective);
/// Nobody said what load there will be.
[[nodiscard]] bool is_ladder(const settings& effective);

/// The flags of `lmstress sim` for a load: tokens at that rate for every stream, however many.
[[nodiscard]] std::vector<std::string> server_flags(const selfcheck_load& load,
                                                    double events_per_second);

}  // namespace lmstress::cli
