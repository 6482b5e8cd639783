#pragma once

#include "lmstress/error.hpp"
#include "lmstress/sweep.hpp"
#include "report/capacity_report.hpp"
#include "report/sweep_report.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace lmstress::cli {

/// What sweep.json says of a sweep beside what is in the results of its cells.
struct sweep_document {
    struct cell {
        sweep_cell cell;
        std::string directory;
        int exit_code = 0;
        bool server_busy = false;  ///< before it
        std::vector<std::string> not_in_force = {};
    };
    report::sweep_report report;  ///< without its cells
    std::vector<cell> cells;
};
[[nodiscard]] result<sweep_document> read_sweep_document(const std::filesystem::path& file);

/// The same of capacity.json and its steps: their levels are empty.
struct capacity_document {
    report::capacity_report report;
};
[[nodiscard]] result<capacity_document> read_capacity_document(const std::filesystem::path& file);

}  // namespace lmstress::cli
