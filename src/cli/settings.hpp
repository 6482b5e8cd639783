#pragma once

#include "cli/options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::cli {

/// What of a process's surroundings has settings.
struct surroundings {
    std::vector<std::string> variables;  ///< "NAME=value"
    std::vector<std::string> files;      ///< the weakest first; one that is missing has none
};
/// The environment, ./lmstress.json and the user's own config.json.
[[nodiscard]] surroundings surroundings_of_process();
/// Where the user's config.json would be: in XDG_CONFIG_HOME where that is an absolute path, else
/// in
/// ~/.config; empty where neither is known.
[[nodiscard]] std::string user_config(const std::vector<std::string>& variables);
/// A file in the directory that the variable names, where that is an absolute path, else in that
/// place of the user's home; empty where neither is known.
[[nodiscard]] std::string user_file(std::string_view variable, std::string_view in_home,
                                    std::string_view file,
                                    const std::vector<std::string>& variables);

/// The settings in effect, and where they came from.
struct settings {
    scenario values;
    workload::reading about;
    std::vector<std::string> files;  ///< that were read, the weakest first
    std::vector<std::string>
        notes;  ///< sentences for the user: what was given and is not in effect
};

/// Whether anybody named the server's URL, and be it the default.
[[nodiscard]] bool names_url(const settings& effective);

/// Defaults, then configuration files, the scenario, the environment, flags, and --set with
/// --extra: each goes before what was named before it.
[[nodiscard]] result<settings> effective_settings(const run_options& options,
                                                  const surroundings& around);

/// The same for this process, with what the user should know of them said on stderr, each once.
[[nodiscard]] result<settings> settings_of_process(const run_options& options);

}  // namespace lmstress::cli
