#pragma once

#include "cli/planned_levels.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/summary.hpp"
#include "server/identify.hpp"

#include <string>
#include <vector>

namespace lmstress::cli {

/// What a side of a comparison is about to measure, as far as it is known.
struct side_plan {
    run_setup setup;
    planned_levels levels;
    target_settings target;
    server_wishes server;
    /// Once its server was opened: what of that it could not be asked for, and does not say it has.
    std::vector<server::unset_setting> unset = {};
    bool loads_models = false;  ///< that server, over its API
};

/// Whether what both are about to measure can be compared. Where they have no level in common there
/// is nothing to force. `directory` has what was measured for it already; empty: nothing was.
[[nodiscard]] result<void> check_plans(const side_plan& a, const side_plan& b, bool force,
                                       const std::string& directory);

/// Whether something that the plans leave open decides that, and the sides' servers may each say
/// something else of it: the API or the model that nobody named, or the slots that multiples are
/// of.
[[nodiscard]] bool is_open_until_asked(const side_plan& a, const side_plan& b);

/// Whether a side that was opened has the settings by whose names it goes: one that the sides
/// differ in and that could not be set would be measured as what it is not. What somebody else's
/// server was started with, without an API to load models by, its user knows.
[[nodiscard]] result<void> check_set(const std::string& name, const side_plan& opened,
                                     const side_plan& other);

/// Why results of such differences are not compared.
[[nodiscard]] error of_other_work(const std::vector<std::string>& differences,
                                  const std::string& directory);
/// The same of results whose levels, named here, are all of other loads.
[[nodiscard]] error no_common_level(const std::vector<std::string>& levels,
                                    const std::string& directory);

}  // namespace lmstress::cli
