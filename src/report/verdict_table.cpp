#include "report/verdict_table.hpp"

#include "measure/validity.hpp"
#include "report/cut_short.hpp"
#include "report/interval_table.hpp"
#include "report/level_name.hpp"
#include "report/threshold.hpp"
#include "report/validity_block.hpp"
#include "report/verdict_failures.hpp"
#include "report/verdict_state.hpp"
#include "report/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lmstress::report {
namespace {

/// An end of an interval; of shares, whose ends are near each other and near the limit, more of it.
std::string side(double v, double other) {
    if (!std::isfinite(v)) return "?";
    const bool share = v >= 0 && v <= 1 && other >= 0 && other <= 1;
    return share ? fmt::format("{:.4g}", v) : number_text(v);
}

/// Of a figure without an interval: a quantile of too few, or a bound that decides nothing.
std::string why_undecided(const judgement& j) {
    const auto t = parse_threshold(j.threshold);
    const std::string name = t ? t->path.back() : "";
    const bool of_all = name == "max" || name == "min" || name == "mean";
    return of_all ? " (some were cut before)" : " (n too small)";
}

/// What stands against the run itself, whatever became of its thresholds and its client; else
/// nothing.
std::optional<std::string> against_run(const run_summary& run) {
    if (!any_completed(run) && !all_from_memory(run)) return nothing_measured(run);
    if (!came_to_its_end(run) && !ended_by_threshold(run)) {
        const std::string words{words_for(result_state::cut_short)};
        return run.ended_early.empty() ? words : words + ": " + run.ended_early;
    }
    if (!api_without_answer(run).empty()) return nothing_completed(run).sentence;
    return std::nullopt;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // XML 1.0 has no word for the others.
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

}  // namespace

std::string place_of(const judgement& j, const run_summary& run) {
    if (!j.level || *j.level >= run.levels.size()) return "run";
    const level_setup& setup = run.levels[*j.level].setup;
    return setup.target.api + ' ' + level_name(setup);
}

std::string found_text(const judgement& j) {
    if (!j.value && !j.ci95) return "this run has none";
    const std::string value = j.value ? number_text(*j.value) : "-";
    if (!j.ci95) return j.verdict == verdict::undecided ? value + why_undecided(j) : value;
    return fmt::format("{} ({}..{})", value, side(j.ci95->low, j.ci95->high),
                       side(j.ci95->high, j.ci95->low));
}

std::string verdict_table(const run_summary& run) {
    const auto all = judge_thresholds(run);
    if (all.empty()) return {};
    std::string out =
        fmt::format("{:<10} {:<40} {:<26} {}\n", "verdict", "threshold", "found", "at");
    for (const judgement& j : all) {
        out += fmt::format("{:<10} {:<40} {:<26} {}\n", to_string(j.verdict), j.threshold,
                           found_text(j), place_of(j, run));
    }
    return out;
}

std::string junit_xml(const run_summary& run) {
    const auto all = judge_thresholds(run);
    const auto count = [&](verdict v) {
        return std::count_if(all.begin(), all.end(),
                             [&](const judgement& j) { return j.verdict == v; });
    };
    const std::vector<std::string> held_up = reasons(run, measure::judge(run));
    const std::optional<std::string> ended = against_run(run);
    std::string out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites>\n"
        "  <testsuite name=\"lmstress\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
        all.size() + 2, count(verdict::fail),
        count(verdict::undecided) + (held_up.empty() ? 0 : 1) + (ended ? 1 : 0));
    const auto of_run = [&](std::string_view name, const std::optional<std::string>& wrong) {
        out += fmt::format("    <testcase classname=\"run\" name=\"{}\"", name);
        out += wrong ? fmt::format(">\n      <error message=\"{}\"/>\n    </testcase>\n",
                                   escaped(*wrong))
                     : "/>\n";
    };
    // What a client that was held up measured proves nothing, whatever passed; nor does a run that
    // did not come to its end.
    of_run("validity",
           held_up.empty() ? std::nullopt : std::optional{"INVALID: " + held_up.front()});
    of_run("ending", ended);
    for (const judgement& j : all) {
        const std::string_view element = j.verdict == verdict::fail ? "failure" : "error";
        out += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", escaped(place_of(j, run)),
                           escaped(j.threshold));
        if (j.verdict == verdict::pass) {
            out += "/>\n";
            continue;
        }
        out += fmt::format(">\n      <{} message=\"{}: {}\"/>\n    </testcase>\n", element,
                           to_string(j.verdict), escaped(found_text(j)));
    }
    return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace lmstress::report
