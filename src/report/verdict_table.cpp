#include "report/verdict_table.hpp"

#include "measure/validity.hpp"
#include "report/interval_table.hpp"
#include "report/level_name.hpp"
#include "report/threshold.hpp"
#include "report/validity_block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::report {
namespace {

std::string side(double v) {
    return std::isfinite(v) ? number_text(v) : "?";
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
    const std::string value = j.value ? number_text(*j.value) : "-";
    if (!j.ci95) return value;
    return fmt::format("{} ({}..{})", value, side(j.ci95->low), side(j.ci95->high));
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
    std::string out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites>\n"
        "  <testsuite name=\"lmstress\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
        all.size() + 1, count(verdict::fail),
        count(verdict::undecided) + (held_up.empty() ? 0 : 1));
    // What a client that was held up measured proves nothing, whatever passed.
    out += "    <testcase classname=\"run\" name=\"validity\"";
    out += held_up.empty()
               ? "/>\n"
               : fmt::format(">\n      <error message=\"INVALID: {}\"/>\n    </testcase>\n",
                             escaped(held_up.front()));
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
