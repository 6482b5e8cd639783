#pragma once

#include "server/catalog.hpp"
#include "server/sdk_load.hpp"

#include <span>
#include <string>

// Models of a server, as they are shown.

namespace lmstress::cli {

/// A row each.
[[nodiscard]] std::string models_table(std::span<const server::catalog_entry> models);
/// All that is known of one.
[[nodiscard]] std::string model_page(const server::catalog_entry& m);
/// {"models": [...]}, by the names of LM Studio's REST v1, whichever API told them.
[[nodiscard]] std::string models_json(std::span<const server::catalog_entry> models);
[[nodiscard]] std::string model_json(const server::catalog_entry& m);
/// A setting a line, indented.
[[nodiscard]] std::string config_lines(const boost::json::object& config);

/// What a model would need in memory.
[[nodiscard]] std::string estimate_page(const std::string& model, const server::usage_estimate& e);

/// Of load settings that a server took without saying what is in force: it may well be what was
/// asked for, and nobody can say that it is not.
[[nodiscard]] std::string untold_text(const std::vector<std::string>& settings);

}  // namespace lmstress::cli
