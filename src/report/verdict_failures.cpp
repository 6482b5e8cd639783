#include "report/verdict_failures.hpp"

#include "measure/request_sums.hpp"
#include "report/api_differences.hpp"
#include "report/cut_short.hpp"
#include "report/interval_table.hpp"
#include "report/level_name.hpp"
#include "report/threshold.hpp"
#include "report/verdict_state.hpp"
#include "report/verdict_table.hpp"
#include "report/warnings.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::report {
namespace {

std::string too_many_errors(const run_summary& run) {
    const request_counts all = measure::counts_of(run.levels);
    const std::uint64_t errors = all.failed + all.timed_out;
    const double most = max_error_rate_of(run.setup);
    if (static_cast<double>(errors) <= most * static_cast<double>(all.offered)) return {};
    return fmt::format(
        "{} % of the requests failed ({} of {}), more than the {:.3g} % that --max-error-rate "
        "allows.",
        number_text(100 * static_cast<double>(errors) / static_cast<double>(all.offered)), errors,
        all.offered, 100 * most);
}

/// "241 ms (220..260)", "66.7 ms (at least 62.2)": an end that is not known is left out.
std::string found_in_words(const judgement& j) {
    const std::string value =
        number_text(*j.value) + (j.threshold.find("_ms.") != std::string::npos ? " ms" : "");
    if (!j.ci95) return value;
    const bool low = std::isfinite(j.ci95->low);
    const bool high = std::isfinite(j.ci95->high);
    if (low && high) {
        return fmt::format("{} ({}..{})", value, number_text(j.ci95->low),
                           number_text(j.ci95->high));
    }
    if (low) return fmt::format("{} (at least {})", value, number_text(j.ci95->low));
    if (high) return fmt::format("{} (at most {})", value, number_text(j.ci95->high));
    return value + " (n too small)";
}

/// "Threshold ttft_ms.p95 < 100 failed: 241 ms with 4 streams."
std::string threshold_sentence(const std::vector<judgement>& all, const judgement& first,
                               const run_summary& run) {
    const auto alike = std::count_if(all.begin(), all.end(), [&](const judgement& j) {
        return j.threshold == first.threshold && j.verdict == first.verdict;
    });
    const bool several = apis_of(run).size() > 1;
    const std::string place = first.level && *first.level < run.levels.size()
                                  ? " with " + level_place(run.levels[*first.level], several)
                                  : "";
    const std::string found = first.value ? fmt::format(": {}{}", found_in_words(first), place)
                                          : fmt::format(": there is no such figure{}", place);
    return fmt::format(
        "Threshold {} {}{}{}.", first.threshold,
        first.verdict == verdict::fail ? "failed" : "is undecided", found,
        alike > 1 ? fmt::format(", and at {} more of {} levels", alike - 1, run.levels.size())
                  : "");
}

/// What was measured until a threshold ended the run may not decide it by itself; what was to come
/// could not have saved it.
bool is_what_ended(const run_summary& run, const judgement& j) {
    return ended_by_threshold(run) &&
           run.ended_early.find('"' + j.threshold + '"') != std::string::npos;
}

/// Each threshold once, at the first level where it did not pass; those that failed first.
std::vector<std::string> threshold_sentences(const std::vector<judgement>& all,
                                             const run_summary& run) {
    std::vector<std::string> out;
    for (const verdict is : {verdict::fail, verdict::undecided}) {
        std::vector<std::string_view> said;
        for (const judgement& j : all) {
            if (j.verdict != is) continue;
            if (is == verdict::undecided && is_what_ended(run, j)) continue;
            if (std::find(said.begin(), said.end(), j.threshold) != said.end()) continue;
            said.emplace_back(j.threshold);
            out.push_back(threshold_sentence(all, j, run));
        }
    }
    return out;
}

}  // namespace

bool any_completed(const run_summary& run) {
    return measure::counts_of(run.levels).completed > 0;
}

std::string nothing_measured(const run_summary& run) {
    if (!run.ended_early.empty()) return "Nothing was measured. " + run.ended_early;
    const no_completion none = nothing_completed(run);
    if (none.kind.empty()) return "Nothing was measured.";
    const std::uint64_t offered = measure::counts_of(run.levels).offered;
    std::string sentence = none.sentence;
    if (offered > 0) {
        error_count kind;
        for (const level_summary& level : run.levels) {
            const auto at = level.errors.find(none.kind);
            if (at == level.errors.end()) continue;
            kind.count += at->second.count;
            if (kind.example.empty()) kind.example = at->second.example;
        }
        sentence =
            fmt::format("{} of {} ended as {}{}{}", kind.count, wire::plural(offered, "request"),
                        none.kind, kind.example.empty() ? "" : ": ", kind.example);
    }
    if (!sentence.ends_with('.')) sentence += '.';
    if (!none.advice.empty()) sentence += ' ' + none.advice;
    return "Nothing was measured: " + sentence;
}

std::vector<std::string> failures_of(const run_summary& run) {
    std::vector<std::string> out;
    if (!api_without_answer(run).empty()) {
        std::string none = nothing_completed(run).sentence;
        none.front() = 'N';  // "no request over ..."
        out.push_back(none.ends_with('.') ? none : none + '.');
    }
    if (ended_by_threshold(run)) out.push_back(run.ended_early);
    const auto judged = judge_thresholds(run);
    for (std::string& sentence : threshold_sentences(judged, run)) {
        out.push_back(std::move(sentence));
    }
    // A run that has thresholds is held to these alone.
    const std::string errors = judged.empty() ? too_many_errors(run) : "";
    if (!errors.empty()) out.push_back(errors);
    return out;
}

}  // namespace lmstress::report
