#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "server/catalog.hpp"

#include <string>
#include <vector>

namespace lmstress::cli {

/// The models that a sweep goes over.
struct swept_models {
    std::vector<std::string> names = {};
    /// Of those that were named, which are not measured and why, a sentence each.
    std::vector<std::string> left_out = {};
};

/// What `all` stands for, or those of a list, as far as --only-vision, --only-tools, --type and
/// --limit let them. An error where a name is none of the catalog's, or nothing is left.
[[nodiscard]] result<swept_models> choose_models(const std::vector<server::catalog_entry>& all,
                                                 const sweep_settings& wanted);

/// The same of the server that the scenario names, which is asked only where its catalog decides.
[[nodiscard]] result<swept_models> models_to_sweep(const scenario& s);

}  // namespace lmstress::cli
