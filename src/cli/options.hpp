#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "sim/server.hpp"
#include "wire/secrets.hpp"
#include "workload/prompts.hpp"
#include "workload/scenario_json.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lmstress::cli {

struct run_options {
    std::string scenario_file;                ///< empty: none
    std::vector<workload::assignment> flags;  ///< they go before what the file says
    std::vector<workload::assignment> sets;   ///< of --set and --extra, and these before the flags
    bool load = false;          ///< the model, before the run, where it is not in memory
    bool unload_after = false;  ///< the model, whoever loaded it
    bool quiet = false;
    bool dry_run = false;
};

struct config_options {
    run_options of;  ///< the run whose settings are shown
    bool json = false;
};

struct sim_options {
    sim::server_settings server;
    std::uint16_t port = 1234;
    std::string truth_log;            ///< empty: none
    nanoseconds lasting{0};           ///< it ends by itself after that; 0: it does not
    std::vector<std::string> faults;  ///< as on the command line
};

struct selfcheck_options {
    run_options of;                 ///< the run whose load is made
    double events_per_second = 20;  ///< of each stream
    bool json = false;
};

struct report_options {
    std::vector<std::string> directories;
    // Files to write, - for stdout; empty: not that one.
    std::string html;
    std::string markdown;
    std::string csv;
    std::string hlog;
    std::string trace;
    std::string prometheus;
};

struct merge_options {
    std::vector<std::string> directories;
    std::string out;
};

struct compare_options {
    std::string a;   ///< a directory of a result; or what is measured now: a URL, a scenario, or
    std::string b;   ///< settings like server.parallel=4
    run_options of;  ///< of what is measured now
    std::optional<std::uint32_t> rounds = {};  ///< of A B B A, or B A A B; absent: two
    std::vector<std::string> fail_on;          ///< "ttft_ms.p95 > 10%"
    bool force = false;                        ///< also what is of unlike work
    bool json = false;
    bool markdown = false;
};

struct sweep_options {
    run_options of;      ///< the run of each cell
    std::string resume;  ///< directory of a sweep that was interrupted; empty: a new one
    bool json = false;   ///< sweep.json on stdout in place of the tables
};

struct capacity_options {
    run_options of;      ///< the run of each step
    std::string resume;  ///< directory of a search that was interrupted; empty: a new one
    bool json = false;
};

struct models_options {
    enum class action : std::uint8_t { list, show, load, unload, download };

    action what = action::list;
    run_options server;  ///< of its flags those that say how the server is reached
    bool json = false;
    // of list
    bool only_vision = false;
    bool only_tools = false;
    bool only_loaded = false;
    std::string type;         ///< empty: any
    std::uint64_t limit = 0;  ///< 0: none
    // of the others
    std::string name;              ///< of a model, or an instance
    bool all = false;              ///< unload every instance
    std::string quantization;      ///< empty: the server's choice
    boost::json::object settings;  ///< of a load, as the server spells them
    // of a load over the SDK's socket
    std::string identifier;      ///< empty: as the server names it
    nanoseconds ttl{0};          ///< 0: none
    bool by_sdk = false;         ///< a setting is wished for that the REST API lacks
    bool estimate_only = false;  ///< what it would need
};

struct history_options {
    enum class action : std::uint8_t { list, show, compare, tag, forget, save, take };

    action what = action::list;
    run_options of;                   ///< of its flags the one of the file
    std::vector<std::string> runs;    ///< numbers, ids, or `last`; of take: directories
    std::vector<std::string> tags;    ///< to add
    std::vector<std::string> remove;  ///< of them
    std::string model;                ///< empty: any
    std::string kind;
    std::string tag;
    std::uint64_t limit = 20;
    std::string file;            ///< of save; empty: stdout
    compare_options comparison;  ///< of compare
    bool json = false;
};

struct serve_options {
    run_options of;  ///< of its flags the one of the history
    std::uint16_t port = 8765;
    std::string address;  ///< to listen on; empty: this machine alone
    std::string name;     ///< that a proxy, or the DNS, has for it; with its port where it has one
    std::string scenarios;  ///< folder; empty: none can be started
};

struct probe_options {
    run_options server;  ///< of its flags those of the target
};

/// Text that the program makes of its own flags: a manual page, a shell's completion.
struct generated_text {
    std::string text;
};

/// The program has said all it was asked for: --help, --version, or a usage error on stderr.
struct done {
    int exit_code = 0;
};

using command = std::variant<run_options, config_options, sim_options, report_options,
                             merge_options, compare_options, selfcheck_options, sweep_options,
                             capacity_options, models_options, probe_options, history_options,
                             serve_options, generated_text, done>;

/// Reads the command line. The only place that knows it.
[[nodiscard]] command parse_command_line(int argc, const char* const* argv);

/// The prompts that a workload speaks of, from its file where it names one.
[[nodiscard]] result<workload::prompts> load_prompts(const scenario& s);

// The subcommands. Each returns the exit code.
[[nodiscard]] int run(const run_options& options);
[[nodiscard]] int show_settings(const config_options& options);
[[nodiscard]] int simulate(const sim_options& options);
[[nodiscard]] int report(const report_options& options);
[[nodiscard]] int merge(const merge_options& options);
[[nodiscard]] int compare(const compare_options& options);
[[nodiscard]] int selfcheck(const selfcheck_options& options);
[[nodiscard]] int sweep(const sweep_options& options);
[[nodiscard]] int capacity(const capacity_options& options);
[[nodiscard]] int models(const models_options& options);
[[nodiscard]] int probe(const probe_options& options);
[[nodiscard]] int history(const history_options& options);
[[nodiscard]] int serve(const serve_options& options);

/// The same with *** for what nobody should see, where a server repeated it.
[[nodiscard]] error hidden_in(error e, const wire::secrets& hidden);
/// Says it on stderr, and returns its exit code.
int complain(const error& e);
/// Writes it to stdout, and notices where that is gone or full.
[[nodiscard]] result<void> say(const std::string& text);
/// Columns of the terminal that stdout is; 80 where it is none.
[[nodiscard]] int terminal_width();

}  // namespace lmstress::cli
