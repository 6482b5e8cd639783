#include "cli/flags.hpp"

namespace lmstress::cli {

CLI::App* add_compare(CLI::App& app, compare_options& o) {
    CLI::App* compare = app.add_subcommand(
        "compare", "say what changed from one result to another, and how surely");
    compare->add_option("a", o.a, "directory of the result to compare with")
        ->required()
        ->type_name("A");
    compare->add_option("b", o.b, "directory of the result that is compared")
        ->required()
        ->type_name("B");
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
    compare->add_option("--seed", o.seed, "of the bootstrap")
        ->type_name("N")
        ->check(whole_number(0, UINT64_MAX))
        ->capture_default_str();
    compare->footer(
        "Examples:\n"
        "  lmstress compare before/ after/\n"
        "  lmstress compare before/ after/ --fail-on-regression 'ttft_ms.p95 > 10%'");
    return compare;
}

}  // namespace lmstress::cli
