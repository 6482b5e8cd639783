#include "cli/flags.hpp"

namespace lmstress::cli {
namespace {

constexpr const char* what_it_makes =
    "\nWithout a format: of one run its table, and summary.json anew from the journal; of "
    "anything\n"
    "else what --markdown - gives. A file that is there is written over; - is stdout, for one of\n"
    "them. docs/report.md says what is in which.\n"
    "\nExamples:\n"
    "  lmstress report results/a\n"
    "  lmstress report results/sweep --html report.html\n"
    "  lmstress report results/a results/b --markdown - | gh issue comment 7 -F -\n"
    "  lmstress report results/a --trace trace.json --hlog a.hlog --csv a.csv";

constexpr const char* what_is_merged =
    "\nThe results are of processes that ran at the same time, of the same scenario: several on "
    "one\n"
    "machine, or on several whose clocks agree. What differs in what decides about the figures is\n"
    "refused; what differs otherwise is named. docs/report.md says how their times are laid over\n"
    "one another. The exit code is that of the joined result, judged as a whole.\n"
    "\nExample:\n"
    "  lmstress merge results/host1 results/host2 --out results/both";

}  // namespace

CLI::App* add_report(CLI::App& app, report_options& o) {
    CLI::App* report = app.add_subcommand(
        "report", "make a report of results: a page, tables, histograms, a trace");
    report
        ->add_option("directory", o.directories,
                     "directories of results: of runs, sweeps, capacity searches")
        ->required()
        ->expected(1, -1)
        ->type_name("DIR");
    const auto file = [&](const char* flag, std::string& into, const char* what) {
        report->add_option(flag, into, what)->type_name("FILE");
    };
    file("--html", o.html, "the report as a page, one file that needs no network");
    file("--markdown", o.markdown, "verdict and tables as Markdown");
    file("--csv", o.csv, "a row a level, every figure of summary.json");
    file("--hlog", o.hlog, "the latencies as a log of HdrHistogram 1.3, in microseconds");
    file("--trace", o.trace,
         "requests and their parts as a trace for Perfetto and chrome://tracing");
    file("--prometheus", o.prometheus, "the figures in Prometheus' text format");
    report->footer(what_it_makes);
    return report;
}

CLI::App* add_merge(CLI::App& app, merge_options& o) {
    CLI::App* merge =
        app.add_subcommand("merge", "join the results of several processes or machines into one");
    merge->add_option("directory", o.directories, "directories of results that ran together")
        ->required()
        ->expected(1, -1)
        ->type_name("DIR");
    merge->add_option("--out", o.out, "directory for the result, missing or empty")
        ->required()
        ->type_name("DIR");
    merge->footer(what_is_merged);
    return merge;
}

}  // namespace lmstress::cli
