#include "cli/conclusion.hpp"

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "measure/error_kind.hpp"
#include "report/advice.hpp"
#include "report/first_failure.hpp"
#include "report/moments.hpp"
#include "report/printable.hpp"
#include "report/summary_json.hpp"
#include "report/table.hpp"
#include "report/verdict_table.hpp"
#include "report/warnings.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace lmstress::cli {
namespace {

/// " (model_not_found: Invalid model identifier)", of the first request that failed; in a warm-up
/// it is in no figure.
std::string first_error(const load::run_context& about) {
    const auto& failure = about.failure.what();
    if (!failure || !failure->record.error) return {};
    const request_error& e = *failure->record.error;
    return fmt::format(" ({}{}{})", measure::error_kind(e), e.message.empty() ? "" : ": ",
                       report::printable(about.hidden.hidden_in(e.message)));
}

/// Why the run ended before its time, where the user did not end it.
std::string why_early(const load::run_context& about) {
    if (about.ended_by) return "The run ended before its levels: " + about.ended_by->message + '.';
    if (about.hopeless) {
        return fmt::format(
            "The run ended with its first answer, which showed that no further request could "
            "succeed{}.",
            first_error(about));
    }
    if (!about.lost.empty()) return about.lost;
    if (!about.given_up) return {};
    return fmt::format(
        "The run ended early: {} had failed or timed out, and --max-failures ends it at {}.",
        wire::plural(about.failed, "request"), *about.settings.limits.max_failures);
}

/// first-failure.txt, where a request failed.
result<void> keep_first_failure(const load::run_context& about, const std::string& directory) {
    const auto& failure = about.failure.what();
    if (!failure) return {};
    std::vector<std::string> fields{"Authorization", "x-api-key"};
    for (const auto& header : about.settings.target.headers) fields.push_back(header.first);
    return store::write_file(
        std::filesystem::path{directory} / "first-failure.txt",
        report::first_failure(failure->record,
                              {failure->request.head, failure->request.body, failure->answer},
                              about.hidden, fields));
}

result<void> show(const run_summary& summary, const recording& results,
                  const std::string& directory) {
    std::string shown = report::table(summary, terminal_width());
    if (const request_record* only = results.only_request()) shown += '\n' + report::moments(*only);
    return say(shown + "\nresults: " + report::printable(directory) + '\n');
}

}  // namespace

result<void> keep_verdicts(const run_summary& summary, const std::filesystem::path& directory) {
    if (summary.setup.thresholds.empty()) return {};
    return store::write_file(directory / "junit.xml", report::junit_xml(summary));
}

int conclude(store::journal& journal, run_summary& summary, const recording& results,
             const load::run_context& about, const run_ending& how) {
    const std::string& directory = how.directory;
    const bool interrupted = how.interrupted;
    summary.ended_early = why_early(about);
    const int code = exit_code_of_run(summary, about.settings.limits, interrupted);
    summary.exit_code = code;
    journal.run_end(code, summary.ended_early);
    const auto flushed = journal.flush();
    const auto written = store::write_file(std::filesystem::path{directory} / "summary.json",
                                           report::summary_json(summary));
    const auto judged = keep_verdicts(summary, directory);
    const auto kept = keep_first_failure(about, directory);
    const auto said = how.table ? show(summary, results, directory) : result<void>{};
    for (const result<void>& done : {flushed, written, judged, kept, said}) {
        if (done) continue;
        const int unwritten = complain(done.error());
        return interrupted ? code : unwritten;
    }
    if (about.ended_by) return complain(*about.ended_by);
    if (code == 3) {
        auto verdict = report::nothing_completed(summary);
        if (verdict.kind.empty() && about.hopeless && about.failure.what()) {
            const auto& error = about.failure.what()->record.error;
            verdict.kind = error ? measure::error_kind(*error) : "";
            verdict.sentence = "no request completed: the first one failed" + first_error(about);
            verdict.advice = report::advice_on(verdict.kind);
        }
        const bool name_one = verdict.kind == "model_not_found" && !how.models.empty();
        complain({errc::unreachable, verdict.sentence,
                  name_one ? "Name one of these with --model: " + how.models : verdict.advice});
    }
    return code;
}

}  // namespace lmstress::cli
