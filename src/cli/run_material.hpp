#pragma once

#include "cli/conversations.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "workload/image_file.hpp"
#include "workload/prompts.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmstress::cli {

/// What the requests of a run are made of, read from the files that its scenario names.
struct run_material {
    workload::prompts prompts;
    std::optional<workload::conversation_file> conversations;
    std::vector<workload::image_file> images;
    std::vector<std::pair<std::string, std::string>> file_hashes;  ///< as run_setup has them

    [[nodiscard]] workload::conversation_needs needs(const workload_settings& w) const {
        return needs_of(w, conversations);
    }
};

/// Also an error, before any server is asked, where a threshold of the scenario is none and where
/// its schedule holds no request.
[[nodiscard]] result<run_material> load_material(const scenario& s);

/// With salt_mode::seed a run is repeatable to the byte, and its id is in every request.
[[nodiscard]] std::string make_run_id(const workload_settings& w);

/// Where results go that nobody has named a place for: lmstress-results/<UTC time>-<run id>.
[[nodiscard]] std::string default_directory(std::int64_t unix_ns, const std::string& run_id);
/// Of a command that makes many runs, a "sweep" or such: the one that is gone on with, the one that
/// --out names, or a new one.
[[nodiscard]] std::filesystem::path directory_of_runs(std::string_view kind, const scenario& s,
                                                      const std::string& resumed = {});

/// Whether the results of the scenario have a place, before a server is asked or its model loaded
/// anew for them.
[[nodiscard]] result<void> check_place(const scenario& s);

}  // namespace lmstress::cli
