#include "cli/flags.hpp"

namespace lmstress::cli {
namespace {

constexpr const char* of_sweep =
    "\nExamples:\n"
    "  lmstress sweep --parallel 1,2,4,8 --unified-kv on,off --concurrency 1x,2x --slo 'ttft<2s'\n"
    "  lmstress sweep scenarios/sweep.jsonc --runs 3 --out results/sweep\n"
    "  lmstress sweep scenarios/sweep.jsonc --runs 3 --resume results/sweep\n"
    "  lmstress sweep --parallel 1,2,4 --unified-kv on,off --concurrency 8 --server-command \\\n"
    "    'llama-server -m model.gguf -c 8192 --parallel {parallel} {kv_flag} --port {port}'\n"
    "  lmstress sweep --models all --type llm --limit 3 --cold\n"
    "\nEvery combination of the lists of the group Sweep is a setting of the server, and each "
    "level\n"
    "of --concurrency or --rate with each of them a cell: an ordinary result in DIR/cells.\n"
    "Exit codes: 0 fine, 1 results not written, 2 usage, 3 server not usable, 4 a threshold failed "
    "or\n"
    "too many requests did, 5 a setting did not take effect or a run is invalid, 6 a threshold is\n"
    "undecided, 130 interrupted. docs/sweep.md says more.";

constexpr const char* of_capacity =
    "\nExamples:\n"
    "  lmstress capacity --slo 'ttft<2s,tpot<100ms'\n"
    "  lmstress capacity --threshold 'ttft_ms.p95 < 2000' --duration 20s --max-time 15m\n"
    "  lmstress capacity --of rate --first 0.5 --slo 'ttft<2s' --arrivals poisson\n"
    "\nThe load is doubled until the objective does not hold, what lies between is halved, and "
    "both\n"
    "ends are tested again. Each step is an ordinary result in DIR/steps.\n"
    "Exit codes: 0 a bracket was found, 2 usage, 3 server not usable, 4 not even the first load\n"
    "held, 5 a step was invalid, 6 the search ended undecided, 130 interrupted. docs/capacity.md.";

void add_resume(CLI::App& to, std::string& directory, const std::string& what,
                const std::string& group) {
    to.add_option("--resume", directory,
                  "go on with " + what +
                      " in this directory, which was interrupted; with the flags that it was "
                      "begun with")
        ->type_name("DIR")
        ->group(group);
}

}  // namespace

CLI::App* add_sweep(CLI::App& app, sweep_options& o) {
    CLI::App* sweep = app.add_subcommand(
        "sweep", "measure a server under one setting after another, and say which is the best");
    add_scenario(*sweep, o.of);
    add_resume(*sweep, o.resume, "the sweep", "Sweep");
    sweep->add_flag("--json", o.json, "sweep.json on stdout in place of the tables");
    sweep->add_flag("--quiet", o.of.quiet, "nothing on stderr but errors");
    sweep->add_flag("--dry-run", o.of.dry_run,
                    "say what would be measured and how long it would take; send nothing");
    sweep->footer(of_sweep);
    return sweep;
}

CLI::App* add_capacity(CLI::App& app, capacity_options& o) {
    CLI::App* capacity = app.add_subcommand(
        "capacity", "find the largest load at which an objective holds, and what limits it");
    add_scenario(*capacity, o.of);
    add_resume(*capacity, o.resume, "the search", "Capacity");
    add_scenario_flag(*capacity, "/sweep/idle_timeout", o.of);
    capacity->get_option("--idle-timeout")->group("Capacity");
    capacity->add_flag("--json", o.json, "capacity.json on stdout in place of the report");
    capacity->add_flag("--quiet", o.of.quiet, "nothing on stderr but errors");
    capacity->footer(of_capacity);
    return capacity;
}

}  // namespace lmstress::cli
