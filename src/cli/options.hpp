#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "sim/server.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lmstress::cli {

struct run_options {
    lmstress::scenario scenario;
    std::string api_token_file;  ///< empty: none
    bool quiet = false;
};

struct sim_options {
    sim::server_settings server;
    std::uint16_t port = 1234;
    std::string truth_log;  ///< empty: none
};

struct report_options {
    std::string directory;
};

/// The program has said all it was asked for: --help, --version, or a usage error on stderr.
struct done {
    int exit_code = 0;
};

using command = std::variant<run_options, sim_options, report_options, done>;

/// Reads the command line. The only place that knows it.
[[nodiscard]] command parse_command_line(int argc, const char* const* argv);

/// "250ms", "30s", "5m", "1h"; nothing for anything else.
[[nodiscard]] std::optional<nanoseconds> parse_duration(const std::string& text);
/// "1,4,16"; nothing for an empty list, a zero or anything else.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> parse_levels(const std::string& text);

// The subcommands. Each returns the exit code.
[[nodiscard]] int run(const run_options& options);
[[nodiscard]] int simulate(const sim_options& options);
[[nodiscard]] int report(const report_options& options);

/// Says it on stderr, and returns its exit code.
int complain(const error& e);
/// Writes it to stdout, and notices where that is gone or full.
[[nodiscard]] result<void> say(const std::string& text);
/// Columns of the terminal that stdout is; 80 where it is none.
[[nodiscard]] int terminal_width();

}  // namespace lmstress::cli
