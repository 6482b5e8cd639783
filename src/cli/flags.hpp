#pragma once

// CLI11 takes seconds to compile: it is included by the few files that name the flags.

#include "cli/options.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace lmstress::cli {

// The flags of each subcommand. What they write to outlives the parsing.

CLI::App* add_run(CLI::App& app, run_options& o);
CLI::App* add_sim(CLI::App& app, sim_options& o);
CLI::App* add_config(CLI::App& app, config_options& o);
CLI::App* add_report(CLI::App& app, report_options& o);
CLI::App* add_merge(CLI::App& app, merge_options& o);
CLI::App* add_compare(CLI::App& app, compare_options& o);
CLI::App* add_selfcheck(CLI::App& app, selfcheck_options& o);
CLI::App* add_sweep(CLI::App& app, sweep_options& o);
CLI::App* add_capacity(CLI::App& app, capacity_options& o);

CLI::App* add_models(CLI::App& app, models_options& o);
CLI::App* add_probe(CLI::App& app, probe_options& o);
CLI::App* add_history(CLI::App& app, history_options& o);
CLI::App* add_serve(CLI::App& app, serve_options& o);

/// The scenario and all that goes before what it says: the flags of its fields, but for those that
/// are for other commands than the one of this name.
void add_scenario(CLI::App& app, run_options& o);
/// Those flags alone.
void add_scenario_flags(CLI::App& app, run_options& o);
/// The flags that say how a server is reached, for whatever has one: address, token, headers, TLS.
void add_access(CLI::App& app, run_options& o);
/// The address as an argument.
void add_url_argument(CLI::App& app, run_options& o);
/// The flag of that field of a scenario.
void add_scenario_flag(CLI::App& app, std::string_view pointer, run_options& o);

/// Digits only: CLI11 would take -1 and numbers too large for some other number.
[[nodiscard]] CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);
/// CLI11's ranges let nan through.
[[nodiscard]] CLI::Validator number_within(double least, double most);
/// An option that takes a duration.
CLI::Option* add_duration(CLI::App& app, const std::string& name, nanoseconds& into,
                          const std::string& what);

}  // namespace lmstress::cli
