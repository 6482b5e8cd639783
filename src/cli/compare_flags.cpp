#include "cli/flags.hpp"

namespace lmstress::cli {

CLI::App* add_compare(CLI::App& app, compare_options& o) {
    CLI::App* compare = app.add_subcommand(
        "compare", "say what changed from one result to another, and how surely");
    compare
        ->add_option("a", o.a,
                     "what to compare with: directory of a result; or, measured now, a URL, a "
                     "scenario, or settings like server.parallel=4 with commas between")
        ->required()
        ->type_name("A");
    compare->add_option("b", o.b, "what is compared, the same")->required()->type_name("B");
    compare
        ->add_option(
            "--fail-on-regression", o.fail_on,
            "exit code 4 where B is worse than that with 95 % confidence, 6 where it cannot "
            "be told: 'ttft_ms.p95 > 10%'; may be repeated")
        ->type_name("RULE")
        ->allow_extra_args(false);
    compare->add_flag("--force", o.force, "compare results of unlike work too");
    compare->add_flag("--json", o.json, "as JSON");
    compare->add_flag("--markdown", o.markdown, "as Markdown, for a pull request");
    compare
        ->add_option("--rounds", o.rounds,
                     "of what is measured now: A B B A or B A A B, as the seed has it (default: 2)")
        ->check(whole_number(1, 1000))
        ->type_name("N");
    compare->add_option("--scenario", o.of.scenario_file, "of what is measured now, to start from")
        ->type_name("FILE");
    compare->add_flag("--quiet", o.of.quiet, "nothing on stderr but errors");
    add_scenario_flags(*compare, o.of);
    compare->footer(
        "Examples:\n"
        "  lmstress compare before/ after/\n"
        "  lmstress compare before/ after/ --fail-on-regression 'ttft_ms.p95 > 10%'\n"
        "  lmstress compare http://127.0.0.1:1234 http://127.0.0.1:8080 --concurrency 4\n"
        "  lmstress compare server.parallel=4 server.parallel=8 --concurrency 8 --duration 20s\n"
        "\nWhat is measured now takes turns, so that what drifts hits both sides alike; its "
        "results are\nin DIR/A and DIR/B. The flags below are of its runs; --seed is also that of "
        "the bootstrap.");
    return compare;
}

}  // namespace lmstress::cli
