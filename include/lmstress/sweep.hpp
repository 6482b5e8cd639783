#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lmstress {

/// A setting of the server, as a sweep tries it: a row of its table. What is absent is as the
/// scenario has it.
struct server_variant {
    std::string model = {};
    std::optional<std::uint64_t> parallel = {};
    std::optional<bool> unified_kv = {};
    std::optional<std::uint64_t> context_length = {};
    /// Further settings of a load, by the server's name, and their JSON text.
    std::vector<std::pair<std::string, std::string>> fields = {};
    bool cold = false;  ///< the model is unloaded before each request
    friend bool operator==(const server_variant&, const server_variant&) = default;
};

/// "parallel 8, unified KV on"; "server as it is" where nothing is asked for.
[[nodiscard]] std::string variant_name(const server_variant& v);

/// A measurement of a sweep: an ordinary run of one level.
struct sweep_cell {
    std::size_t variant = 0;
    std::size_t load = 0;
    std::uint32_t run = 0;  ///< which of the cell's repetitions, from 0
    friend bool operator==(const sweep_cell&, const sweep_cell&) = default;
};

/// What a sweep measures.
struct sweep_plan {
    std::vector<server_variant> variants;  ///< rows
    std::vector<std::string> loads;        ///< columns: "4", "2x" (of the slots), "1.5/s"
    /// In the order of measuring. Neighbours of the same variant and run find the server as it is.
    std::vector<sweep_cell> cells;
};

}  // namespace lmstress
