#include "cli/field_value.hpp"
#include "cli/flags.hpp"
#include "wire/json_writer.hpp"
#include "workload/scenario_fields.hpp"

#include <algorithm>

namespace lmstress::cli {
namespace {

constexpr const char* examples =
    "\nExamples:\n"
    "  lmstress run --concurrency 8 --duration 30s\n"
    "  lmstress run --url http://127.0.0.1:8080 --concurrency 0.5x,1x,2x --requests 64\n"
    "  lmstress run --model qwen/qwen3-4b --n-parallel 8 --concurrency 8,16 --out results/a\n"
    "  lmstress run scenarios/chat.jsonc --set load.duration=2m --label machine=m4\n"
    "  lmstress run scenarios/chat.jsonc --dry-run\n"
    "\nA server's API token is best given in the environment variable LM_API_TOKEN.\n"
    "Ctrl-C ends the run after the requests in flight, a second one at once; both write the "
    "results.\n"
    "Exit codes: 0 fine, 1 results not written, 2 usage, 3 server not usable, 4 too many errors "
    "or\n"
    "a threshold failed, 5 run invalid, 6 a threshold undecided, 130 interrupted.";

constexpr const char* where_settings_come_from =
    "\nEach goes before the ones below it:\n"
    "  flags\n"
    "  environment                     LMSTRESS_URL, LMSTRESS_CONCURRENCY ...; LM_API_TOKEN\n"
    "  the scenario\n"
    "  ./lmstress.json\n"
    "  ~/.config/lmstress/config.json  ($XDG_CONFIG_HOME/lmstress/config.json)\n"
    "  defaults\n"
    "docs/settings.md says more.";

constexpr const char* what_is_checked =
    "\nWith a scenario, or flags that say how much load there will be, that load is made, a few\n"
    "seconds each level; without, 16, 256, 1000 and 4000 streams, up to where the figures no\n"
    "longer hold. The last self-check stands beside the results of every run.\n"
    "Exit codes: 0 the figures hold, 1 not kept, 2 usage, 5 they do not hold, 130 interrupted.\n"
    "docs/selfcheck.md says more.";

/// "PATH=JSON" at the first sign of equality; the path must not be empty.
std::pair<std::string, std::string> split(const std::string& text) {
    const std::size_t at = text.find('=');
    if (at == 0 || at == std::string::npos) {
        // Not shown: it may be half of a secret.
        throw CLI::ValidationError("what --set got is not PATH=JSON, like load.duration=2m");
    }
    return {text.substr(0, at), text.substr(at + 1)};
}

/// "load.duration" and "/load/duration" are the same.
std::string pointer_of(std::string path) {
    if (path.starts_with('/')) return path;
    std::replace(path.begin(), path.end(), '.', '/');
    return '/' + path;
}

/// How the text of a flag becomes the JSON of its field.
std::string json_of(const workload::scenario_field& f, const std::string& text) {
    const auto json = field_json(f, text, std::string{f.flag});
    if (!json) throw CLI::ValidationError(json.error().message);
    return *json;
}

std::string default_of(const workload::scenario_field& f) {
    const scenario defaults;
    std::string value;
    wire::json_writer w{value};
    if (!f.write(defaults, w)) return {};
    std::erase_if(value, [](char c) { return c == '"' || c == '[' || c == ']'; });
    return value;
}

std::string type_of(const workload::scenario_field& f) {
    std::string words;
    for (const std::string_view word : f.rule.words) {
        words += (words.empty() ? "" : ",") + std::string{word};
    }
    // As CLI11 shows its own checks; the help takes them apart again.
    return std::string{f.value_name} + (words.empty() ? "" : ":{" + words + "}");
}

/// Flags stand together in the help as their fields do in a file.
std::string group_of(std::string_view pointer) {
    std::string section{pointer.substr(1, pointer.find('/', 1) - 1)};
    section.front() = static_cast<char>(section.front() - 'a' + 'A');
    return section;
}

void add_field(CLI::App& app, const workload::scenario_field& f, run_options& o) {
    const std::string flag{f.flag};
    if (f.value_name.empty()) {
        app.add_flag_callback(
               flag,
               [&f, &o, flag] {
                   o.flags.push_back({std::string{f.pointer}, std::string{f.flag_json}, flag});
               },
               std::string{f.text})
            ->group(group_of(f.pointer));
        return;
    }
    const auto keep = [&f, &o, flag](const std::string& text) {
        o.flags.push_back({std::string{f.pointer}, json_of(f, text), flag});
    };
    CLI::Option* option = nullptr;
    if (f.rule.types == wire::value_rule::object || f.repeated) {
        option = app.add_option_function<std::vector<std::string>>(
            flag, [keep](const std::vector<std::string>& all) {
                for (const std::string& text : all) keep(text);
            });
        option->expected(1)->take_all();
    } else {
        option = app.add_option_function<std::string>(flag, keep)->take_last();
    }
    option->description(std::string{f.text})->type_name(type_of(f))->group(group_of(f.pointer));
    if (f.text.find("default:") == std::string_view::npos) option->default_str(default_of(f));
}

void add_body(CLI::App& app, run_options& o) {
    app.add_option_function<std::string>(
           "--temperature",
           [&o](const std::string& text) {
               o.flags.push_back({"/request/temperature", text, "--temperature"});
           },
           "sampling temperature; default: the server's")
        ->type_name("T")
        ->group("Request");
    app.add_option_function<std::vector<std::string>>(
           "--set",
           [&o](const std::vector<std::string>& all) {
               for (const std::string& text : all) {
                   const auto [path, json] = split(text);
                   o.sets.push_back({pointer_of(path), json, "--set " + pointer_of(path)});
               }
           },
           "set any field of a scenario, like load.duration=2m or request.top_p=0.9; may be "
           "repeated")
        ->expected(1)
        ->take_all()
        ->type_name("PATH=JSON")
        ->group("Request");
    app.add_option_function<std::vector<std::string>>(
           "--extra",
           [&o](const std::vector<std::string>& all) {
               for (const std::string& text : all) {
                   o.sets.push_back({"/request/extra", text, "--extra"});
               }
           },
           "JSON object to merge into the body of each request, unchecked; null removes a field")
        ->expected(1)
        ->take_all()
        ->type_name("JSON")
        ->group("Request");
}

/// The command that alone reads the field; empty: all do.
std::string_view reader_of(const workload::scenario_field& f) {
    for (const workload::scenario_section& s : workload::scenario_sections()) {
        if (f.pointer.substr(1).starts_with(std::string{s.name} + '/')) return s.command;
    }
    return {};
}

}  // namespace

void add_scenario(CLI::App& app, run_options& o) {
    app.add_option("scenario", o.scenario_file,
                   "scenario to start from: JSON with comments (docs/scenarios.md); flags go "
                   "before what it says")
        ->type_name("SCENARIO");
    add_scenario_flags(app, o);
}

void add_scenario_flags(CLI::App& app, run_options& o) {
    for (const workload::scenario_field& f : workload::scenario_fields()) {
        const std::string_view reader = reader_of(f);
        if (!reader.empty() && reader != app.get_name()) continue;
        if (!f.flag.empty()) add_field(app, f, o);
        if (f.flag == "--salt") add_body(app, o);
    }
}

void add_scenario_flag(CLI::App& app, std::string_view pointer, run_options& o) {
    add_field(app, *workload::find_scenario_field(pointer), o);
}

void add_url_argument(CLI::App& app, run_options& o) {
    const workload::scenario_field* f = workload::find_scenario_field("/target/url");
    app.add_option_function<std::string>(
           "url",
           [f, &o](const std::string& text) {
               o.flags.push_back({std::string{f->pointer}, json_of(*f, text), "URL"});
           },
           "address of the server")
        ->type_name("URL")
        ->default_str(default_of(*f));
}

void add_access(CLI::App& app, run_options& o) {
    for (const char* pointer : {"/target/api_token_file", "/target/api_token", "/target/headers",
                                "/target/verify_tls", "/target/ca_file"}) {
        add_scenario_flag(app, pointer, o);
    }
}

CLI::App* add_run(CLI::App& app, run_options& o) {
    CLI::App* run = app.add_subcommand("run", "put a server under load and measure it");
    add_scenario(*run, o);
    run->add_flag("--load", o.load,
                  "load the model before the run where it is not in memory (LM Studio)")
        ->group("Server");
    run->add_flag("--unload-after", o.unload_after,
                  "unload every instance of the model after the run (LM Studio)")
        ->group("Server");
    run->add_flag("--quiet", o.quiet, "nothing on stderr but errors");
    run->add_flag("--dry-run", o.dry_run,
                  "show the first request with its secrets hidden, the number of requests and the "
                  "length of the run; send nothing");
    run->footer(examples);
    return run;
}

CLI::App* add_selfcheck(CLI::App& app, selfcheck_options& o) {
    CLI::App* check = app.add_subcommand(
        "selfcheck",
        "measure this program's own error on this machine, by a server whose truth is known");
    add_scenario(*check, o.of);
    check->add_option("--events-per-second", o.events_per_second, "tokens of each stream")
        ->type_name("R")
        ->check(number_within(0.1, 10'000))
        ->capture_default_str();
    check->add_flag("--json", o.json, "as JSON");
    check->add_flag("--quiet", o.of.quiet, "nothing on stderr but errors");
    check->footer(what_is_checked);
    return check;
}

CLI::App* add_config(CLI::App& app, config_options& o) {
    CLI::App* config = app.add_subcommand(
        "config",
        "show the settings that a run with these flags would have, and where each is from");
    add_scenario(*config, o.of);
    config->add_flag("--json", o.json, "as JSON");
    config->footer(where_settings_come_from);
    return config;
}

}  // namespace lmstress::cli
