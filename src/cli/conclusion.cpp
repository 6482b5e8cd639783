#include "cli/conclusion.hpp"

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "report/first_failure.hpp"
#include "report/moments.hpp"
#include "report/summary_json.hpp"
#include "report/table.hpp"
#include "report/warnings.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace lmstress::cli {
namespace {

/// Why the run ended before its time, where the user did not end it.
std::string why_early(const load::run_context& about) {
    if (about.hopeless) {
        return "The run ended with its first answer, which showed that no further request could "
               "succeed.";
    }
    if (!about.given_up) return {};
    return fmt::format(
        "The run ended early: {} requests had failed or timed out, as many as "
        "--max-failures allows.",
        about.failed);
}

/// first-failure.txt, where a request failed.
result<void> keep_first_failure(const load::run_context& about, const std::string& directory) {
    const auto& failure = about.failure.what();
    if (!failure) return {};
    const target_settings& target = about.settings.target;
    std::vector<std::string> secrets{target.api_token};
    for (const auto& header : target.headers) secrets.push_back(header.second);
    return store::write_file(
        std::filesystem::path{directory} / "first-failure.txt",
        report::first_failure(failure->record,
                              {failure->request.head, failure->request.body, failure->answer},
                              secrets));
}

}  // namespace

int conclude(store::journal& journal, run_summary& summary, const recording& results,
             const load::run_context& about, bool interrupted, const std::string& directory) {
    summary.ended_early = why_early(about);
    const int code = exit_code_of_run(summary, about.settings.limits, interrupted);
    summary.exit_code = code;
    journal.run_end(code, summary.ended_early);
    const auto flushed = journal.flush();
    const auto written = store::write_file(std::filesystem::path{directory} / "summary.json",
                                           report::summary_json(summary));
    const auto kept = keep_first_failure(about, directory);
    std::string shown = report::table(summary, terminal_width());
    if (const request_record* only = results.only_request()) shown += '\n' + report::moments(*only);
    const auto said = say(shown + "\nresults: " + directory + '\n');
    for (const result<void>& done : {flushed, written, kept, said}) {
        if (done) continue;
        const int unwritten = complain(done.error());
        return interrupted ? code : unwritten;
    }
    if (code == 3) {
        const auto verdict = report::nothing_completed(summary);
        complain({errc::unreachable, verdict.sentence, verdict.advice});
    }
    return code;
}

}  // namespace lmstress::cli
