#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::dashboard {

/// A scenario that may be started from the page.
struct offered_scenario {
    std::string id;       ///< its path below the folder, with slashes
    std::string command;  ///< run, sweep or capacity
    std::string title;    ///< the first line of comment in it; may be empty
    std::string problem;  ///< why it cannot be started; empty: it can
};

/// What is in a file, by the one who knows scenarios.
struct scenario_facts {
    std::string command = "run";
    std::string problem = {};
};
using scenario_reader = std::function<scenario_facts(const std::filesystem::path&)>;

/// The files *.json and *.jsonc in a folder and the folders in it, by name; the first two hundred.
/// Nothing is listed that lies elsewhere, though a link leads to it.
[[nodiscard]] std::vector<offered_scenario> scenarios_in(const std::filesystem::path& folder,
                                                         const scenario_reader& read);
/// The file of that id; nothing where the folder does not list it.
[[nodiscard]] std::optional<std::filesystem::path> file_of_scenario(
    const std::filesystem::path& folder, const std::string& id);

/// "A chat", where the text begins with `// A chat` or `/* A chat`.
[[nodiscard]] std::string title_of_scenario(std::string_view text);

}  // namespace lmstress::dashboard
