#include "cli/flags.hpp"

namespace lmstress::cli {

CLI::App* add_serve(CLI::App& app, serve_options& o) {
    CLI::App* serve = app.add_subcommand(
        "serve", "show all runs on a page of this machine: charts, comparisons, runs going on");
    serve->add_option("--port", o.port, "where it listens; 0 takes a free one")
        ->check(whole_number(0, 65'535))
        ->type_name("N")
        ->capture_default_str();
    serve
        ->add_option("--listen", o.address,
                     "address to listen on for others too, who then need the token that is "
                     "printed; default: this machine alone")
        ->type_name("ADDRESS");
    serve
        ->add_option("--name", o.name,
                     "name by which browsers reach it, as behind a proxy, with its port if it is "
                     "no default one; without it only addresses and localhost are taken")
        ->type_name("HOST");
    serve->add_option("--scenarios", o.scenarios, "folder of scenarios that the page may start")
        ->type_name("DIR");
    add_scenario_flag(*serve, "/output/history", o.of);
    serve->footer(
        "Examples:\n"
        "  lmstress serve\n"
        "  lmstress serve --scenarios scenarios --port 9000\n"
        "\nCtrl-C ends it; a run that it started ends as by Ctrl-C first. The address with "
        "/metrics "
        "at its\nend is for Prometheus. docs/dashboard.md says more.");
    return serve;
}

}  // namespace lmstress::cli
