#include "cli/flags.hpp"
#include "cli/manual.hpp"
#include "lmstress/version.hpp"
#include "wire/letters.hpp"

#include <algorithm>
#include <memory>
#include <sstream>

namespace lmstress::cli {
namespace {

/// What CLI11 calls a type may be followed by the words of a check: "WORD:{on,off}".
std::string type_of(const CLI::Option& option) {
    const std::string with_words = option.get_type_name();
    return with_words.substr(0, with_words.find(":{"));
}

std::vector<std::string> words_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t colon = type.find(":{");
    std::vector<std::string> words;
    if (colon == std::string::npos) return words;
    std::istringstream in{type.substr(colon + 2, type.find('}') - colon - 2)};
    for (std::string word; std::getline(in, word, ',');) words.push_back(word);
    return words;
}

flag_help help_of(const CLI::Option& option) {
    const bool positional = option.get_positional();
    flag_help f{.name = positional ? type_of(option) : option.get_name(),
                .value = type_of(option),
                .text = option.get_description(),
                .default_value = option.get_default_str(),
                .words = words_of(option),
                .required = option.get_required()};
    if (option.get_items_expected_max() == 0) f.value.clear();
    if (f.default_value == "[]") f.default_value.clear();
    // --help also has a short form.
    f.name = f.name.substr(f.name.rfind(',') + 1);
    return f;
}

/// Help that reads like a manual: a flag and its value on the left, wrapped words on the right.
class plain_formatter final : public CLI::Formatter {
  public:
    std::string make_option(const CLI::Option* option, bool) const override {
        constexpr std::size_t left = 26;
        constexpr std::size_t right = 80;
        const flag_help f = help_of(*option);
        std::string line = "  " + f.name;
        if (!f.value.empty() && f.value != f.name) line += ' ' + f.value;
        std::string text = f.text;
        if (!f.default_value.empty()) text += " (" + f.default_value + ")";
        if (line.size() < left) {
            line.resize(left, ' ');
        } else {
            line += '\n' + std::string(left, ' ');
        }
        std::string out;
        std::size_t used = left;
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
    /// An argument by the name that it has in the list below.
    std::string make_option_usage(const CLI::Option* option) const override {
        const std::string name = help_of(*option).name;
        return option->get_required() ? name : '[' + name + ']';
    }
};

command_help help_of(const CLI::App& sub) {
    command_help c{.name = sub.get_name(),
                   .text = sub.get_description(),
                   .arguments = {},
                   .flags = {},
                   .footer = sub.get_footer()};
    for (const CLI::Option* option : sub.get_options()) {
        (option->get_positional() ? c.arguments : c.flags).push_back(help_of(*option));
    }
    return c;
}

/// The manual has a section for each action of a command.
std::vector<command_help> help_of_all(const CLI::App& app) {
    std::vector<command_help> all;
    for (const CLI::App* sub : app.get_subcommands({})) {
        const auto actions = sub->get_subcommands({});
        if (actions.empty()) all.push_back(help_of(*sub));
        for (const CLI::App* action : actions) {
            all.push_back(help_of(*action));
            all.back().name = sub->get_name() + ' ' + action->get_name();
        }
    }
    return all;
}

/// To a shell the actions of a command are words that it takes, and their flags are its own: which
/// belong to which, the program says soon enough.
command_help merged_help_of(const CLI::App& sub) {
    command_help all = help_of(sub);
    flag_help action{"ACTION", "ACTION", "what to do", {}, {}};
    for (const CLI::App* one : sub.get_subcommands({})) {
        action.words.push_back(one->get_name());
        for (flag_help& f : help_of(*one).flags) {
            const auto same = [&](const flag_help& known) { return known.name == f.name; };
            if (std::none_of(all.flags.begin(), all.flags.end(), same)) {
                all.flags.push_back(std::move(f));
            }
        }
    }
    if (!action.words.empty()) all.arguments.push_back(std::move(action));
    return all;
}

std::vector<command_help> help_for_shells(const CLI::App& app) {
    std::vector<command_help> all;
    for (const CLI::App* sub : app.get_subcommands({})) all.push_back(merged_help_of(*sub));
    return all;
}

/// "models load"
std::string full_name(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    if (parent == nullptr) return app.get_name();
    return (parent->get_parent() == nullptr ? "" : full_name(*parent) + ' ') + app.get_name();
}

/// A flag that nobody knows is most often a slip of the finger.
std::string advice_on(const CLI::App& asked, const CLI::ParseError& e) {
    const std::string what = e.what();
    const std::size_t at = what.find("--");
    std::string help = "See lmstress ";
    if (asked.get_parent() != nullptr) help += full_name(asked) + ' ';
    help += "--help";
    const bool unknown = e.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    if (!unknown || at == std::string::npos) return help;
    const std::string flag = what.substr(at, what.find_first_of(" =", at) - at);
    const command_help known = help_of(asked);
    std::vector<std::string_view> names;
    for (const flag_help& f : known.flags) names.emplace_back(f.name);
    const std::string_view near = wire::nearest(flag, names);
    return near.empty() ? help : "Did you mean " + std::string{near} + "? " + help;
}

/// What follows a flag's sign of equality may be a secret.
std::string without_values(std::string text) {
    for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos; ++at) {
        const std::size_t end = text.find(' ', at);
        const std::size_t value = text.find('=', at);
        if (value < end) text.erase(value, end == std::string::npos ? end : end - value);
    }
    return text;
}

std::string joined_names(const std::vector<const CLI::App*>& all) {
    std::string out;
    for (const CLI::App* sub : all) out += (out.empty() ? "" : ", ") + sub->get_name();
    return out;
}

/// What is missing of an argument or a command.
std::string missing_in(const CLI::App& asked) {
    for (const CLI::Option* option : asked.get_options()) {
        const bool missing = option->get_required() && option->count() == 0;
        if (missing) return help_of(*option).name + " is missing";
    }
    return "a command is missing: " + joined_names(asked.get_subcommands({}));
}

/// CLI11's messages in our words. What stands behind no flag is not shown: it may be the rest of a
/// secret that was not put in quotes.
std::string sentence_of(const CLI::App& asked, const CLI::ParseError& e) {
    const std::string what = e.what();
    const std::string command = "lmstress" + (asked.get_parent() ? ' ' + full_name(asked) : "");
    const auto is = [&](CLI::ExitCodes code) {
        return e.get_exit_code() == static_cast<int>(code);
    };
    if (is(CLI::ExitCodes::ExtrasError)) {
        const std::size_t flag = what.find(" -") + 1;
        if (flag == 0) return command + " was given an argument too many";
        return command + " has no flag " + what.substr(flag, what.find_first_of(" =", flag) - flag);
    }
    if (is(CLI::ExitCodes::RequiredError)) return missing_in(asked);
    if (is(CLI::ExitCodes::ArgumentMismatch)) {
        return what.substr(0, what.find(':')) + " wants a value";
    }
    const std::size_t set = what.find(" not in {");
    if (set == std::string::npos) return without_values(what);
    std::string words = what.substr(set + 9, what.rfind('}') - set - 9);
    for (std::size_t at = 0; (at = words.find(',', at)) != std::string::npos; at += 2) {
        words.insert(at + 1, " ");
    }
    return without_values(what.substr(0, set) + " is none of " + words);
}

error error_of(const CLI::App& app, const CLI::ParseError& e, const std::string& first_word) {
    const auto parsed = app.get_subcommands();
    if (parsed.empty() && !first_word.empty() && !first_word.starts_with('-')) {
        std::vector<std::string> names;
        for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
        const std::vector<std::string_view> views{names.begin(), names.end()};
        const std::string_view near = wire::nearest(first_word, views);
        return {errc::usage, "there is no command " + first_word,
                near.empty() ? "See lmstress --help" : "Did you mean " + std::string{near} + "?"};
    }
    const CLI::App* asked = &app;
    while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
    return {errc::usage, sentence_of(*asked, e), advice_on(*asked, e)};
}

command settled(sim_options sim) {
    auto faults = sim::parse_faults(sim.faults);
    if (!faults) return done{complain(faults.error())};
    sim.server.faults = *std::move(faults);
    return sim;
}

CLI::App* add_completion(CLI::App& app, std::string& shell) {
    CLI::App* sub = app.add_subcommand("completion", "print a script that completes flags");
    sub->add_option("shell", shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->type_name("SHELL");
    return sub;
}

}  // namespace

command parse_command_line(int argc, const char* const* argv) {
    CLI::App app{"Load tester for LLM servers: concurrent streaming chats, measured."};
    app.name("lmstress");
    app.set_version_flag("--version", std::string{"lmstress "} + version);
    app.require_subcommand(1);
    app.formatter(std::make_shared<plain_formatter>());
    app.get_formatter()->label("Positionals", "Arguments");
    run_options run;
    config_options config;
    sim_options sim;
    report_options report;
    merge_options merge;
    compare_options compare;
    selfcheck_options selfcheck;
    sweep_options sweep;
    capacity_options capacity;
    models_options models;
    probe_options probe;
    history_options history;
    serve_options serve;
    std::string shell;
    add_run(app, run);
    const CLI::App* sweep_app = add_sweep(app, sweep);
    const CLI::App* capacity_app = add_capacity(app, capacity);
    const CLI::App* config_app = add_config(app, config);
    const CLI::App* probe_app = add_probe(app, probe);
    const CLI::App* models_app = add_models(app, models);
    const CLI::App* sim_app = add_sim(app, sim);
    const CLI::App* report_app = add_report(app, report);
    const CLI::App* merge_app = add_merge(app, merge);
    const CLI::App* compare_app = add_compare(app, compare);
    const CLI::App* history_app = add_history(app, history);
    const CLI::App* serve_app = add_serve(app, serve);
    const CLI::App* selfcheck_app = add_selfcheck(app, selfcheck);
    const CLI::App* completion_app = add_completion(app, shell);
    const CLI::App* manual_app = app.add_subcommand("manual", "print the manual page (troff)");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() != 0) {
            return done{complain(error_of(app, e, argc > 1 ? argv[1] : ""))};
        }
        std::ostringstream help;
        app.exit(e, help, help);
        return generated_text{help.str()};
    }
    if (*sim_app) return settled(std::move(sim));
    if (*report_app) return report;
    if (*merge_app) return merge;
    if (*compare_app) return compare;
    if (*history_app) return history;
    if (*serve_app) return serve;
    if (*selfcheck_app) return selfcheck;
    if (*sweep_app) return sweep;
    if (*capacity_app) return capacity;
    if (*config_app) return config;
    if (*models_app) return models;
    if (*probe_app) return probe;
    if (*completion_app) return generated_text{completion(shell, help_for_shells(app))};
    if (*manual_app) return generated_text{manual_page(help_of_all(app))};
    return run;
}

}  // namespace lmstress::cli
