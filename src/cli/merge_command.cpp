// lmstress merge: the results of several processes or machines as one.

#include "analyze/merged_run.hpp"
#include "cli/conclusion.hpp"
#include "cli/options.hpp"
#include "report/printable.hpp"
#include "report/summary_json.hpp"
#include "report/table.hpp"
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

result<void> write_journal(const analyze::merged_run& run, const fs::path& directory) {
    auto journal = store::journal::open(directory);
    if (!journal) return journal.error();
    store::journal& j = **journal;
    j.run(run.setup);
    for (const auto& level : run.levels) {
        j.level_begin(level.setup, level.course);
        for (const request_record& r : level.requests) j.request(r);
        j.level_end(level.setup, level.course);
    }
    for (const server_state& s : run.server_states) j.state(s);
    if (run.exit_code) j.run_end(*run.exit_code, run.ended_early);
    return j.flush();
}

/// As `lmstress report` would make it: from the journal alone.
result<run_summary> write_summary(const fs::path& directory) {
    auto rebuilt = store::rebuild(directory);
    if (!rebuilt) return rebuilt.error();
    const auto written =
        store::write_file(directory / "summary.json", report::summary_json(rebuilt->summary));
    if (!written) return written.error();
    const auto judged = keep_verdicts(rebuilt->summary, directory);
    if (!judged) return judged.error();
    return std::move(rebuilt->summary);
}

}  // namespace

int merge(const merge_options& options) {
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
    const auto kept = write_journal(*run, options.out);
    if (!kept) return complain(kept.error());
    const auto summary = write_summary(options.out);
    if (!summary) return complain(summary.error());
    for (const std::string& remark : run->remarks) {
        std::fprintf(stderr, "%s\n", report::printable(remark).c_str());
    }
    const auto said = say(report::table(*summary, terminal_width()) +
                          "\nresults: " + report::printable(options.out) + '\n');
    return said ? 0 : complain(said.error());
}

}  // namespace lmstress::cli
