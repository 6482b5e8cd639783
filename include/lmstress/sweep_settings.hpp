#pragma once

#include "lmstress/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What `lmstress sweep` and `lmstress capacity` go over, beside the scenario of each of their runs.

namespace lmstress {

/// In which order a sweep takes the settings of the server.
enum class sweep_order : std::uint8_t {
    random,       ///< by the seed, anew for each of its runs
    palindromic,  ///< forwards, and in the next run backwards: what drifts evenly hits all alike
};

/// What a sweep goes over. An axis without values is as the scenario has it.
struct sweep_settings {
    /// Keys; or the one word `all`: those that the server lists, as far as the next four let them.
    std::vector<std::string> models = {};
    bool only_vision = false;
    bool only_tools = false;
    std::string type = {};                     ///< "llm" or "embedding"; empty: any
    std::optional<std::uint64_t> limit = {};   ///< the first so many of them
    std::vector<std::uint64_t> parallel = {};  ///< streams that run at once
    std::vector<bool> unified_kv = {};
    std::vector<std::uint64_t> context_length = {};
    /// Any other setting of a load, by the server's name, and its values with commas between.
    std::vector<std::pair<std::string, std::string>> load_fields = {};
    /// In place of the grid over the axes above, a row each: "parallel=8,unified_kv=on".
    std::vector<std::string> list = {};
    /// Beside each setting the same with the model unloaded before each request.
    bool cold = false;
    std::uint32_t runs = 1;  ///< of each cell
    sweep_order order = sweep_order::random;
    /// At most so long until the server is idle before a cell, or a step of a capacity search.
    nanoseconds idle_timeout = std::chrono::seconds{60};
};

/// How `lmstress capacity` looks for the largest load at which the objective holds.
struct capacity_settings {
    bool rate = false;         ///< requests a second; else users
    double first = 1;          ///< load to begin with
    double most = 1024;        ///< nothing beyond is tried
    double precision = 0.05;   ///< of a rate: as near as the ends of the bracket are to come
    double attainment = 0.95;  ///< share of the requests that must meet the SLO
    /// The longest that a step may become; absent: four times its first length.
    std::optional<nanoseconds> step_limit = {};
    nanoseconds max_time = std::chrono::minutes{30};
};

}  // namespace lmstress
