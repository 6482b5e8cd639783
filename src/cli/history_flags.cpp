#include "cli/flags.hpp"

namespace lmstress::cli {
namespace {

using action = history_options::action;

constexpr const char* which_runs =
    "\nA run is named by its number in the history (history list), its id, or `last`.";

CLI::App* add_action(CLI::App& history, history_options& o, action what, const std::string& name,
                     const std::string& text) {
    CLI::App* sub = history.add_subcommand(name, text);
    sub->callback([&o, what] { o.what = what; });
    add_scenario_flag(*sub, "/output/history", o.of);
    return sub;
}

/// Where further words may follow, a list would take them for runs.
void add_one_run(CLI::App& app, history_options& o) {
    app.footer(which_runs);
    app.add_option_function<std::string>(
           "run", [&o](const std::string& name) { o.runs = {name}; }, "the run")
        ->required()
        ->type_name("RUN");
}

CLI::Option* add_runs(CLI::App& app, history_options& o, const std::string& text) {
    app.footer(which_runs);
    return app.add_option("runs", o.runs, text)->required()->type_name("RUN");
}

void add_filter(CLI::App& app, history_options& o) {
    app.add_option("--model", o.model, "only those of this model")->type_name("NAME");
    app.add_option("--kind", o.kind, "only runs, or the parts of sweeps, searches or comparisons")
        ->check(CLI::IsMember({"run", "sweep", "capacity", "compare"}))
        ->type_name("WORD");
    app.add_option("--tag", o.tag, "only those with this tag")->type_name("TAG");
}

void add_list(CLI::App& history, history_options& o) {
    CLI::App* list = add_action(history, o, action::list, "list", "list the runs, newest first");
    add_filter(*list, o);
    list->add_option("--limit", o.limit, "so many at most")
        ->check(whole_number(1, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    list->add_flag("--json", o.json, "as JSON");
}

void add_comparison(CLI::App& history, history_options& o) {
    CLI::App* compare =
        add_action(history, o, action::compare, "compare",
                   "say what changed from one run to another, as lmstress compare does");
    add_runs(*compare, o, "the one before and the one after")->expected(2);
    compare
        ->add_option("--fail-on-regression", o.comparison.fail_on,
                     "as of lmstress compare; may be repeated")
        ->type_name("RULE")
        ->allow_extra_args(false);
    compare->add_flag("--force", o.comparison.force, "compare results of unlike work too");
    compare->add_flag("--json", o.comparison.json, "as JSON");
    compare->add_flag("--markdown", o.comparison.markdown, "as Markdown");
}

void add_tagging(CLI::App& history, history_options& o) {
    CLI::App* tag =
        add_action(history, o, action::tag, "tag", "give a run a tag, or take one away");
    add_one_run(*tag, o);
    tag->add_option("tags", o.tags, "what it is to have")->type_name("TAG");
    tag->add_option("--remove", o.remove, "what it is to lose; may be repeated")
        ->type_name("TAG")
        ->allow_extra_args(false);
}

}  // namespace

CLI::App* add_history(CLI::App& app, history_options& o) {
    CLI::App* history = app.add_subcommand("history", "all runs that were made: list and compare");
    history->require_subcommand(1);
    add_list(*history, o);
    CLI::App* show = add_action(*history, o, action::show, "show", "show a run and its levels");
    add_one_run(*show, o);
    show->add_flag("--json", o.json, "its summary.json");
    add_comparison(*history, o);
    add_tagging(*history, o);
    CLI::App* forget = add_action(*history, o, action::forget, "delete",
                                  "take runs out of the history; their directories stay");
    add_runs(*forget, o, "the runs");
    CLI::App* save = add_action(*history, o, action::save, "export",
                                "write runs with their summaries as lines of JSON");
    save->add_option("file", o.file, "where to; default: stdout")->type_name("FILE");
    add_filter(*save, o);
    CLI::App* take = add_action(*history, o, action::take, "import",
                                "add the results that are in a directory, or anywhere below it");
    take->add_option("directories", o.runs, "where to look")->required()->type_name("DIR");
    return history;
}

}  // namespace lmstress::cli
