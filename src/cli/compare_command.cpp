#include "analyze/regression.hpp"
#include "cli/compared_sides.hpp"
#include "cli/options.hpp"
#include "cli/settings.hpp"
#include "cli/side_comparison.hpp"
#include "report/comparison_text.hpp"
#include "report/printable.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace lmstress::cli {
namespace {

std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const std::string& one : all) out += (out.empty() ? "" : "; ") + one;
    return out;
}

result<std::vector<analyze::regression_rule>> parse_rules(const std::vector<std::string>& texts) {
    std::vector<analyze::regression_rule> out;
    for (const std::string& text : texts) {
        auto rule = analyze::parse_regression_rule(text);
        if (!rule) return rule.error();
        out.push_back(*std::move(rule));
    }
    return out;
}

/// The smallest change that so many requests find in each figure that decides, judged by what the
/// first pair shows.
void tell_power(const measured_sides& pair, std::uint32_t runs_each, std::uint64_t seed) {
    const auto first = compare_sides(pair.sides[0], pair.sides[1], seed, {});
    for (const report::level_comparison& level : first.levels) {
        double largest = 0;
        for (const analyze::compared_figure& f : level.compared.figures) {
            if (f.decides) largest = std::max(largest, f.detectable.value_or(INFINITY));
        }
        const std::string shown =
            std::isfinite(largest)
                ? fmt::format(
                      "by the first pair, a change of {:.1f} % or more will show in four "
                      "cases of five with {} of each side",
                      100 * largest / std::sqrt(static_cast<double>(runs_each)),
                      wire::plural(runs_each, "run"))
                : std::string{"the first pair is too little to say what change will show"};
        std::fprintf(stderr, "%s: %s\n", level.name.c_str(), shown.c_str());
    }
}

int exit_code_of(const report::comparison_report& r) {
    switch (analyze::worst_of(r.verdicts)) {
        case analyze::regression::fail:
            return 4;
        case analyze::regression::undecided:
            return 6;
        case analyze::regression::pass:
            break;
    }
    return 0;
}

result<measured_sides> stored_sides(const compare_options& options) {
    auto a = load_run(options.a);
    if (!a) return a.error();
    auto b = load_run(options.b);
    if (!b) return b.error();
    measured_sides out{.sides = {compared_side{options.a, {}}, compared_side{options.b, {}}}};
    out.sides[0].runs.push_back(*std::move(a));
    out.sides[1].runs.push_back(*std::move(b));
    return out;
}

result<measured_sides> sides_of(const compare_options& options, std::uint64_t seed) {
    const side_kind a = kind_of_side(options.a);
    if (a != kind_of_side(options.b)) {
        return error{errc::usage,
                     "one side is a result and the other is to be measured now: what happened "
                     "meanwhile would look like a difference",
                     "Give two results, or two servers, scenarios or settings."};
    }
    if (a == side_kind::stored) return stored_sides(options);
    return measure_sides(options, [&](const measured_sides& pair, std::uint32_t runs_each) {
        if (!options.of.quiet) tell_power(pair, runs_each, seed);
    });
}

}  // namespace

int compare(const compare_options& options) {
    const auto rules = parse_rules(options.fail_on);
    if (!rules) return complain(rules.error());
    const auto effective = settings_of_process(options.of);
    if (!effective) return complain(effective.error());
    const std::uint64_t seed = effective->values.workload.seed;
    const auto measured = sides_of(options, seed);
    if (!measured) return complain(measured.error());
    const auto& [a, b] = measured->sides;
    if (a.runs.empty() || b.runs.empty()) return measured->exit_code;
    const auto report = compare_sides(a, b, seed, *rules);
    if (report.levels.empty()) {
        return complain(
            {errc::usage, "the two results have no level in common",
             "Compare runs with the same API and concurrency: " + joined(report.unmatched)});
    }
    if (!report.unlike.other_work.empty() && !options.force) {
        return complain({errc::usage,
                         "the two results are not of the same work: " +
                             report::printable(joined(report.unlike.other_work)),
                         "Measure both alike, or compare them all the same with --force"});
    }
    const std::string where = measured->directory.empty()
                                  ? std::string{}
                                  : "\nresults: " + report::printable(measured->directory) + '\n';
    const auto said = say(options.json       ? report::comparison_json(report)
                          : options.markdown ? report::comparison_markdown(report)
                                             : report::comparison_table(report) + where);
    if (!said) return complain(said.error());
    return measured->exit_code != 0 ? measured->exit_code : exit_code_of(report);
}

}  // namespace lmstress::cli
