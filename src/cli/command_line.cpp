// CLI11 takes seconds to compile: it is included here and nowhere else.

#include "cli/options.hpp"
#include "lmstress/version.hpp"
#include "net/url.hpp"
#include "report/printable.hpp"
#include "workload/prompts.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <memory>
#include <sstream>

namespace lmstress::cli {
namespace {

/// Help that reads like a manual: a flag and its value on the left, wrapped words on the right.
class plain_formatter final : public CLI::Formatter {
  public:
    std::string make_option(const CLI::Option* option, bool positional) const override {
        constexpr std::size_t left = 26;
        constexpr std::size_t right = 80;
        // Behind the colon CLI11 lists its checks, in words of its own.
        const std::string with_checks = option->get_type_name();
        const std::string type = with_checks.substr(0, with_checks.find(':'));
        std::string out = "  " + (positional ? type : option->get_name(positional));
        if (out.ends_with("{false}")) out.resize(out.find('{'));
        if (!positional && !type.empty()) out += ' ' + type;
        std::string text = option->get_description();
        if (const std::string value = option->get_default_str(); !value.empty() && value != "[]") {
            text += " (" + value + ")";
        }
        std::string line = out + std::string(out.size() < left ? left - out.size() : 1, ' ');
        if (out.size() >= left) line = out + '\n' + std::string(left, ' ');
        std::size_t used = left;
        out.clear();
        std::istringstream words{text};
        for (std::string word; words >> word;) {
            if (used + 1 + word.size() > right) {
                out += line + '\n';
                line = std::string(left, ' ');
                used = left;
            }
            line += (used == left ? "" : " ") + word;
            used += word.size() + (used == left ? 0 : 1);
        }
        return out + line + '\n';
    }
};

/// Digits only: CLI11 would take -1 and numbers too large for some other number.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
    return {[=](const std::string& text) -> std::string {
                std::uint64_t n = 0;
                const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
                const bool all = ec == std::errc{} && end == text.data() + text.size();
                if (all && n >= least && n <= most) return {};
                return "\"" + text + "\" is not a whole number from " + std::to_string(least) +
                       " to " + std::to_string(most);
            },
            ""};
}

/// CLI11's ranges let nan through.
CLI::Validator number_within(double least, double most) {
    return {[=](const std::string& text) -> std::string {
                double n = 0;
                const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
                const bool all = ec == std::errc{} && end == text.data() + text.size();
                if (all && n >= least && n <= most) return {};
                return "\"" + text + "\" is not a number from " +
                       fmt::format("{} to {}", least, most);
            },
            ""};
}

/// An option whose text is read by `parse` into `into`.
template <class T, class Parse>
CLI::Option* add_parsed(CLI::App& app, const std::string& name, T& into, Parse parse,
                        const std::string& what, const std::string& type, const std::string& form) {
    return app
        .add_option_function<std::string>(
            name,
            [&into, parse, name, form](const std::string& text) {
                auto value = parse(text);
                if (!value) {
                    throw CLI::ValidationError(name + ": \"" + text + "\" is not " + form);
                }
                into = *value;
            },
            what)
        ->type_name(type);
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, nanoseconds& into,
                          const std::string& what) {
    return add_parsed(app, name, into, parse_duration, what, "TIME",
                      "a duration like 250ms, 30s or 5m");
}

/// What flags say in words before it is turned into settings.
struct words {
    std::string salt = "run";
    std::vector<std::string> labels;
    std::vector<std::string> headers;
    std::string unified_kv_wish;
    std::string kv_split = "divide";
    std::string unified_kv = "on";
    std::vector<std::string> faults;
};

void add_target(CLI::App& app, run_options& o, words& w) {
    scenario& s = o.scenario;
    app.add_option("--url", s.target.url, "server under test")
        ->type_name("URL")
        ->capture_default_str();
    app.add_option(
           "--api", s.target.api,
           "API to use: auto, lmstudio or openai-chat; auto takes LM Studio's own where the "
           "server has it")
        ->check(CLI::IsMember({"auto", "lmstudio", "openai-chat"}))
        ->capture_default_str()
        ->type_name("WORD");
    app.add_option("--model", s.target.model, "model to ask for; default: the one that is loaded")
        ->type_name("NAME");
    app.add_option(
           "--api-token", s.target.api_token,
           "the server's API token; ps shows it to other users, so rather the file below or "
           "the variable LM_API_TOKEN")
        ->type_name("TOKEN");
    app.add_option("--api-token-file", o.api_token_file, "file that holds the API token")
        ->type_name("FILE");
    app.add_option("--header", w.headers, "header for every request; may be repeated")
        ->type_name("K:V");
    app.add_flag("!--insecure", s.target.verify_tls, "trust any certificate of an https server");
    app.add_option("--ca-file", s.target.ca_file,
                   "PEM file of the authorities to trust; default: the system's")
        ->type_name("FILE");
    app.add_flag("!--no-quickack", s.target.quick_ack,
                 "acknowledge segments as late as the system likes, as ordinary clients do");
}

void add_load(CLI::App& app, scenario& s) {
    add_parsed(app, "--concurrency", s.load.concurrency, parse_levels,
               "concurrent streams; several levels as a list: 1,4,16 (1)", "N[,N...]",
               "a list of numbers of streams like 1,4,16");
    app.add_option("--requests", s.load.requests,
                   "end a level's window after this many requests of all its workers")
        ->check(whole_number(1, 1'000'000'000))
        ->type_name("N");
    add_duration(app, "--duration", s.load.duration, "length of a level's window (30s)")
        ->excludes("--requests");
    add_parsed(
        app, "--warmup", s.load.warmup, parse_duration,
        "before the window, at the level's own concurrency; default: a tenth of the duration, at "
        "most 10s, and none with --requests",
        "TIME", "a duration like 250ms, 30s or 5m");
    add_duration(app, "--grace", s.load.grace, "for requests in flight when the window ends (30s)");
    add_duration(app, "--think-time", s.load.think_time,
                 "between an answer and the next request (0s)");
}

void add_deadlines(CLI::App& app, scenario& s) {
    deadline_settings& d = s.deadlines;
    add_duration(app, "--timeout-connect", d.connect, "for a connection (5s; 0 is off, as below)");
    add_duration(app, "--timeout-headers", d.headers, "from the send to the header (600s)");
    add_duration(app, "--timeout-first-token", d.first_token,
                 "from the send to the first token (600s)");
    add_duration(app, "--timeout-gap", d.gap, "between two events of an answer (120s)");
    add_duration(app, "--timeout-tool-gap", d.tool_gap,
                 "the same while tool arguments are made (600s)");
    add_duration(app, "--timeout-request", d.whole, "for a whole request (0, off)");
}

void add_workload(CLI::App& app, scenario& s, std::string& salt) {
    app.add_option("--prompt", s.workload.prompt, "one prompt for all requests")
        ->check([](const std::string& text) { return text.empty() ? "the prompt is empty" : ""; })
        ->type_name("TEXT");
    app.add_option("--prompts", s.workload.prompts_file,
                   "file of prompts: JSONL with a \"prompt\" in each line, or a prompt a line")
        ->excludes("--prompt")
        ->type_name("FILE");
    add_parsed(
        app, "--synthetic", s.workload.synthetic,
        [](const std::string& text) -> std::optional<token_lengths> {
            const auto lengths = workload::parse_lengths(text);
            return lengths ? std::optional{*lengths} : std::nullopt;
        },
        "made-up prompts of these lengths in tokens: fixed:512, uniform:100..500, normal:512,64, "
        "lognormal:512,0.6",
        "LAW",
        "a law of lengths like fixed:512, uniform:100..500, normal:512,64 or lognormal:512,0.6")
        ->excludes("--prompt")
        ->excludes("--prompts");
    app.add_option("--system-prompt", s.workload.system_prompt, "system prompt of every request")
        ->type_name("TEXT");
    app.add_option("--max-tokens", s.workload.max_tokens, "longest answer, in tokens")
        ->check(whole_number(1, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--temperature", s.workload.temperature,
                   "sampling temperature; default: the server's")
        ->check(number_within(0, 2))
        ->type_name("T");
    app.add_option("--seed", s.workload.seed, "of everything that chance decides")
        ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
        ->type_name("N")
        ->capture_default_str();
    app.add_option(
           "--salt", salt,
           "what stands before each prompt so that no two share a prefix: run (new in each run), "
           "seed (repeatable) or none")
        ->check(CLI::IsMember({"run", "seed", "none"}))
        ->capture_default_str()
        ->type_name("WORD");
}

void add_output(CLI::App& app, run_options& o, std::vector<std::string>& labels) {
    scenario& s = o.scenario;
    app.add_option("--max-error-rate", s.limits.max_error_rate,
                   "share of failed and timed out requests above which the exit code is 4")
        ->check(number_within(0, 1))
        ->type_name("SHARE")
        ->capture_default_str();
    app.add_option(
           "--out", s.output.directory,
           "directory for the results, missing or empty; default: lmstress-results/<time>-<run>")
        ->type_name("DIR");
    app.add_option("--label", labels,
                   "note to store with the results, as KEY=VALUE; may be repeated")
        ->type_name("K=V");
    app.add_flag("--events", s.output.events, "store when every token arrived (event_ns)");
    app.add_flag("--quiet", o.quiet, "nothing on stderr but errors");
}

CLI::App* add_sim(CLI::App& parent, sim_options& o, words& w) {
    CLI::App* sub =
        parent.add_subcommand("sim", "be an LM Studio server with known timing, on loopback");
    CLI::App& app = *sub;
    sim::engine_settings& e = o.server.engine;
    app.add_option("--port", o.port, "port on 127.0.0.1; 0 takes a free one")
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--model", o.server.model, "the model that is there")
        ->type_name("NAME")
        ->capture_default_str();
    app.add_option("--parallel", e.parallel, "slots: streams that run at once")
        ->type_name("N")
        ->check(whole_number(1, 1023))
        ->capture_default_str();
    app.add_option("--context-length", e.context_length, "tokens of context")
        ->type_name("N")
        ->check(whole_number(1, 1'000'000'000))
        ->capture_default_str();
    app.add_option("--unified-kv", w.unified_kv,
                   "on: all slots draw on one pool of context; or off")
        ->check(CLI::IsMember({"on", "off"}))
        ->capture_default_str()
        ->type_name("WORD");
    app.add_option(
           "--kv-split", w.kv_split,
           "with --unified-kv off: divide the context among the slots, or give each the full one")
        ->check(CLI::IsMember({"divide", "full"}))
        ->capture_default_str()
        ->type_name("WORD");
    add_duration(app, "--step-base", e.step_base, "time of a step of the engine (12ms)");
    add_duration(app, "--step-per-stream", e.step_per_stream, "and for each decoding stream (1ms)");
    add_duration(app, "--prefill-per-token", e.prefill_per_token,
                 "and for each prompt token (250us)");
    app.add_option("--prefill-chunk", e.prefill_chunk, "most prompt tokens of a step")
        ->type_name("N")
        ->check(whole_number(1, 1'000'000'000))
        ->capture_default_str();
    app.add_flag("--cold", o.server.cold, "no model is in memory at the start");
    app.add_option("--load-seconds", o.server.load_seconds, "time to load a model")
        ->type_name("S")
        ->check(number_within(0, 3600))
        ->capture_default_str();
    app.add_option("--api-token", o.server.api_token, "token that requests must carry")
        ->type_name("TOKEN");
    app.add_option("--truth-log", o.truth_log, "file for what was really sent when, as JSONL")
        ->type_name("FILE");
    app.add_option("--fault", w.faults,
                   "what goes wrong with chat requests, of the list below, and with which share of "
                   "them: reset-mid is all, reset-mid:0.1 a tenth; may be repeated")
        ->type_name("KIND");
    app.footer("Faults:\n" + sim::describe_faults());
    return sub;
}

constexpr const char* run_examples =
    "\nExamples:\n"
    "  lmstress run --url http://127.0.0.1:1234 --model qwen/qwen3-4b --concurrency 8 --duration "
    "30s\n"
    "  lmstress run --concurrency 1,4,16 --requests 64 --max-tokens 64\n"
    "  lmstress run --url http://127.0.0.1:8080 --api openai-chat --prompts my.jsonl --out "
    "results/a\n"
    "\nA server's API token is best given in the environment variable LM_API_TOKEN.\n"
    "Ctrl-C ends the run after the requests in flight, a second one at once; both write the "
    "results.\n"
    "Exit codes: 0 fine, 2 usage, 3 server not usable, 4 too many errors, 5 run invalid, 130 "
    "interrupted.";

void add_wishes(CLI::App& app, scenario& s, words& w) {
    app.add_option(
           "--n-parallel", s.server.parallel,
           "streams that the server must run at once: LM Studio's model is loaded so where it "
           "is not")
        ->check(whole_number(1, 1023))
        ->type_name("N");
    app.add_option("--unified-kv-cache", w.unified_kv_wish,
                   "on or off: stored as asked for; no server sets or tells it over HTTP")
        ->check(CLI::IsMember({"on", "off"}))
        ->type_name("WORD");
}

CLI::App* add_run(CLI::App& app, run_options& o, words& w) {
    CLI::App* run = app.add_subcommand("run", "put a server under load and measure it");
    add_target(*run, o, w);
    add_wishes(*run, o.scenario, w);
    add_load(*run, o.scenario);
    add_workload(*run, o.scenario, w.salt);
    add_deadlines(*run, o.scenario);
    add_output(*run, o, w.labels);
    run->footer(run_examples);
    return run;
}

CLI::App* add_report(CLI::App& app, report_options& o) {
    CLI::App* report = app.add_subcommand(
        "report", "measure a result anew from its journal: table and summary.json");
    report->add_option("directory", o.directory, "directory of the result")
        ->required()
        ->type_name("DIR");
    return report;
}

command settled(run_options run, const words& w) {
    scenario& s = run.scenario;
    for (const std::string& label : w.labels) {
        const std::size_t at = label.find('=');
        if (at == 0 || at == std::string::npos) {
            return done{complain({errc::usage, "--label " + label + " is not KEY=VALUE"})};
        }
        auto& all = s.output.labels;
        std::erase_if(all, [&](const auto& l) { return l.first == label.substr(0, at); });
        all.emplace_back(label.substr(0, at), label.substr(at + 1));
    }
    for (const std::string& header : w.headers) {
        auto parsed = net::parse_header(header);
        if (!parsed) return done{complain(parsed.error())};
        s.target.headers.push_back(*std::move(parsed));
    }
    if (!s.load.requests && s.load.duration == nanoseconds{0}) {
        return done{complain({errc::usage, "--duration 0 measures nothing",
                              "Give it a length, or the number of --requests."})};
    }
    if (!w.unified_kv_wish.empty()) s.server.unified_kv = w.unified_kv_wish == "on";
    if (w.salt == "seed") s.workload.salt = salt_mode::seed;
    if (w.salt == "none") s.workload.salt = salt_mode::none;
    return run;
}

command settled(sim_options sim, const words& w) {
    sim.server.engine.divide_context = w.kv_split == "divide";
    sim.server.engine.unified_kv = w.unified_kv == "on";
    auto faults = sim::parse_faults(w.faults);
    if (!faults) return done{complain(faults.error())};
    sim.server.faults = *std::move(faults);
    return sim;
}

}  // namespace

command parse_command_line(int argc, const char* const* argv) {
    CLI::App app{"Load tester for LLM servers: concurrent streaming chats, measured."};
    app.name("lmstress");
    app.set_version_flag("--version", std::string{"lmstress "} + version);
    app.require_subcommand(1);
    app.formatter(std::make_shared<plain_formatter>());
    app.failure_message([](const CLI::App* from, const CLI::Error& e) {
        return "lmstress: " + report::printable(e.what()) + "\n  See " + from->get_name() +
               " --help\n";
    });
    run_options run;
    sim_options sim;
    report_options report;
    words w;
    add_run(app, run, w);
    const CLI::App* sim_app = add_sim(app, sim, w);
    const CLI::App* report_app = add_report(app, report);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const int code = app.exit(e);
        return done{code == 0 ? 0 : 2};
    }
    if (*sim_app) return settled(std::move(sim), w);
    if (*report_app) return report;
    return settled(std::move(run), w);
}

}  // namespace lmstress::cli
