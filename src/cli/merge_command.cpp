// lmstress merge: the results of several processes or machines as one.

#include "analyze/merged_run.hpp"
#include "cli/conclusion.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "report/printable.hpp"
#include "report/summary_json.hpp"
#include "report/table.hpp"
#include "report/verdict_state.hpp"
#include "report/warnings.hpp"
#include "store/journal.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <vector>

namespace lmstress::cli {

namespace fs = std::filesystem;

namespace {

/// Lines that cannot be read are requests that are not known any more: what is merged must be
/// whole.
result<analyze::run_part> part_of(const std::string& directory) {
    for (const char* of_many : {"sweep.jsonl", "capacity.jsonl", "comparison.json"}) {
        std::error_code ec;
        if (!fs::exists(fs::path{directory} / of_many, ec)) continue;
        return error{errc::usage,
                     directory + " holds many runs (" + of_many + "), and merge joins single ones",
                     "Name the directories of runs that ran together; lmstress report lays several "
                     "sweeps and searches side by side."};
    }
    auto rebuilt = store::rebuild(directory, store::keep_requests::yes);
    if (!rebuilt) return rebuilt.error();
    if (rebuilt->skipped_lines > 0) {
        return error{
            errc::bad_file,
            fmt::format("{} line(s) of requests.jsonl of {} are cut, unreadable or repeated",
                        rebuilt->skipped_lines, directory),
            "What is merged must be whole; lmstress report shows what there is."};
    }
    return analyze::run_part{directory, std::move(rebuilt->summary), std::move(rebuilt->requests)};
}

/// All but how it ended, which follows from what it holds.
void write_levels(store::journal& journal, const analyze::merged_run& run) {
    journal.run(run.setup);
    for (const auto& level : run.levels) {
        journal.level_begin(level.setup, level.course);
        for (const request_record& r : level.requests) journal.request(r);
        journal.level_end(level.setup, level.course);
    }
    for (const server_state& s : run.server_states) journal.state(s);
}

/// The exit code of the whole: as if one process had made it.
int code_of(const analyze::merged_run& run, const run_summary& whole) {
    limit_settings limits;
    limits.max_error_rate = report::max_error_rate_of(whole.setup);
    return exit_code_of_run(whole, limits, run.interrupted);
}

/// The files of the result. What they say is what `lmstress report` would find in the journal.
result<run_summary> write_result(const analyze::merged_run& run, const fs::path& directory) {
    auto journal = store::journal::open(directory);
    if (!journal) return journal.error();
    write_levels(**journal, run);
    const auto begun = (*journal)->flush();
    if (!begun) return begun.error();
    auto rebuilt = store::rebuild(directory);
    if (!rebuilt) return rebuilt.error();
    run_summary& summary = rebuilt->summary;
    summary.ended_early = run.ended_early;
    summary.exit_code = code_of(run, summary);
    (*journal)->run_end(*summary.exit_code, run.ended_early);
    const auto ended = (*journal)->flush();
    if (!ended) return ended.error();
    const auto written =
        store::write_file(directory / "summary.json", report::summary_json(summary));
    if (!written) return written.error();
    const auto judged = keep_verdicts(summary, directory);
    if (!judged) return judged.error();
    return std::move(summary);
}

}  // namespace

int merge(const merge_options& options) {
    if (options.directories.size() < 2) {
        return complain({errc::usage, "merge joins two results at least, and one was named",
                         "Name the directory of each process or machine that took part."});
    }
    std::vector<analyze::run_part> parts;
    for (const std::string& directory : options.directories) {
        auto part = part_of(directory);
        if (!part) return complain(part.error());
        parts.push_back(*std::move(part));
    }
    const auto run = analyze::merged(parts);
    if (!run) return complain(run.error());
    const auto made = store::prepare_directory(options.out);
    if (!made) return complain(made.error());
    const auto summary = write_result(*run, options.out);
    if (!summary) return complain(summary.error());
    for (const std::string& remark : run->remarks) {
        std::fprintf(stderr, "%s\n", report::printable(remark).c_str());
    }
    const auto said = say(report::table(*summary, terminal_width()) +
                          "\nresults: " + report::printable(options.out) + '\n');
    if (!said) return complain(said.error());
    const int code = summary->exit_code.value_or(0);
    if (code != exit_code_of(errc::unreachable)) return code;
    const auto nothing = report::nothing_completed(*summary);
    return complain({errc::unreachable, nothing.sentence, nothing.advice});
}

}  // namespace lmstress::cli
