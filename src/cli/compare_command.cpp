#include "analyze/regression.hpp"
#include "cli/options.hpp"
#include "report/comparison_text.hpp"
#include "report/level_name.hpp"
#include "report/printable.hpp"
#include "store/journal.hpp"

#include <algorithm>
#include <cstdio>

namespace lmstress::cli {
namespace {

struct stored_run {
    run_setup setup;
    std::vector<analyze::measured_level> levels;
};

result<stored_run> load_run(const std::string& directory) {
    auto rebuilt = store::rebuild(directory, store::keep_requests::yes);
    if (!rebuilt) return rebuilt.error();
    stored_run out{.setup = std::move(rebuilt->summary.setup), .levels = {}};
    for (std::size_t i = 0; i < rebuilt->summary.levels.size(); ++i) {
        out.levels.push_back(
            {std::move(rebuilt->summary.levels[i]), std::move(rebuilt->requests[i])});
    }
    return out;
}

std::string name_of(const analyze::measured_level& level) {
    const level_setup& s = level.summary.setup;
    return report::level_name(s) + " over " + s.target.api;
}

/// Levels of the same name are of the same load; of several the first one.
const analyze::measured_level* like(const analyze::measured_level& level, const stored_run& run) {
    const auto at = std::find_if(run.levels.begin(), run.levels.end(), [&](const auto& other) {
        return name_of(other) == name_of(level);
    });
    return at == run.levels.end() ? nullptr : &*at;
}

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

report::comparison_report compare_runs(const stored_run& a, const stored_run& b,
                                       const compare_options& options,
                                       const std::vector<analyze::regression_rule>& rules) {
    report::comparison_report out{.a = options.a, .b = options.b, .seed = options.seed};
    out.unlike = analyze::unlikeness_of(a.setup, b.setup);
    for (const analyze::measured_level& level : a.levels) {
        const analyze::measured_level* other = like(level, b);
        if (other == nullptr) {
            out.unmatched.push_back("A: " + name_of(level));
            continue;
        }
        analyze::add_unlikeness(level.summary, other->summary, out.unlike);
        const analyze::runs one{&level, 1};
        const analyze::runs two{other, 1};
        out.levels.push_back({name_of(level), analyze::compare(one, two, options.seed)});
        for (const auto& rule : rules) {
            out.verdicts.push_back(analyze::judge(rule, one, two, options.seed));
        }
    }
    for (const analyze::measured_level& level : b.levels) {
        if (like(level, a) == nullptr) out.unmatched.push_back("B: " + name_of(level));
    }
    return out;
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

}  // namespace

int compare(const compare_options& options) {
    const auto rules = parse_rules(options.fail_on);
    if (!rules) return complain(rules.error());
    const auto a = load_run(options.a);
    if (!a) return complain(a.error());
    const auto b = load_run(options.b);
    if (!b) return complain(b.error());
    const auto report = compare_runs(*a, *b, options, *rules);
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
    const auto said = say(options.json       ? report::comparison_json(report)
                          : options.markdown ? report::comparison_markdown(report)
                                             : report::comparison_table(report));
    if (!said) return complain(said.error());
    return exit_code_of(report);
}

}  // namespace lmstress::cli
