#include "analyze/regression.hpp"
#include "cli/compared_end.hpp"
#include "cli/compared_plans.hpp"
#include "cli/compared_sides.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/settings.hpp"
#include "cli/side_comparison.hpp"
#include "cli/stored_side.hpp"
#include "cli/whole_result.hpp"
#include "report/comparison_text.hpp"
#include "report/printable.hpp"
#include "store/journal.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace lmstress::cli {
namespace {

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
void tell_power(const report::comparison_report& first, std::uint32_t runs_each) {
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

/// What shapes a run has no meaning for two that are over; the seed is also that of the bootstrap.
result<void> refuse_idle_flags(const compare_options& options) {
    std::string idle = options.rounds ? "--rounds" : "";
    if (!options.of.scenario_file.empty()) idle = "--scenario";
    for (const auto* flags : {&options.of.sets, &options.of.flags}) {
        for (const workload::assignment& one : *flags) {
            if (one.pointer != "/workload/seed") idle = one.name;
        }
    }
    if (idle.empty()) return {};
    return error{errc::usage, idle + " is of runs that are measured now, and A and B are results",
                 "Leave it out; or name two URLs, scenarios or settings to measure."};
}

result<void> load_sides(const compare_options& options, measured_sides& into) {
    const auto fits = refuse_idle_flags(options);
    if (!fits) return fits;
    auto a = load_side(options.a);
    if (!a) return a.error();
    auto b = load_side(options.b);
    if (!b) return b.error();
    into.sides = {*std::move(a), *std::move(b)};
    return {};
}

/// What was measured for it is dear: the comparison stays with it.
result<void> keep(const report::comparison_report& report, const std::filesystem::path& directory) {
    const auto json =
        store::write_file(directory / "comparison.json", report::comparison_json(report));
    if (!json) return json;
    return store::write_file(directory / "comparison.md", report::comparison_markdown(report));
}

class comparing {
  public:
    comparing(const compare_options& options, std::vector<analyze::regression_rule> rules,
              const scenario& effective)
        : options_(options),
          rules_(std::move(rules)),
          effective_(effective),
          measured_{.sides = {compared_side{options.a, {}}, compared_side{options.b, {}}}} {}

    int go() {
        const side_kind a = kind_of_side(options_.a);
        if (a != kind_of_side(options_.b)) {
            return complain(
                {errc::usage,
                 "one side is a result and the other is to be measured now: what happened "
                 "meanwhile would look like a difference",
                 "Give two results, or two servers, scenarios or settings."});
        }
        const auto done = a == side_kind::stored ? load_sides(options_, measured_) : measure();
        return done ? conclude() : complain(done.error());
    }

  private:
    result<void> measure() {
        const results_so_far keep{[this] {
            measured_.exit_code = 130;
            static_cast<void>(conclude());
        }};
        return measure_sides(options_, measured_, [this](std::uint32_t runs_each) -> result<void> {
            const auto first =
                compare_sides(measured_.sides[0], measured_.sides[1], effective_.workload.seed, {});
            auto comparable = check(first);
            if (comparable && !options_.of.quiet) tell_power(first, runs_each);
            return comparable;
        });
    }

    /// Whether what was measured can be compared. The first run of each side decides, so that the
    /// first pair tells what all of them would.
    [[nodiscard]] result<void> check(const report::comparison_report& report) const {
        if (report.levels.empty()) return no_common_level(report.unmatched, measured_.directory);
        if (report.unlike.other_work.empty() || options_.force) return {};
        return of_other_work(report.unlike.other_work, measured_.directory);
    }

    /// What there is, compared and shown. The exit code.
    [[nodiscard]] int conclude() const {
        const auto& [a, b] = measured_.sides;
        const std::string early = ended_early(measured_);
        if (a.runs.empty() || b.runs.empty()) {
            complain(nothing_to_compare(measured_));
            return measured_.exit_code;
        }
        auto report = compare_sides(a, b, effective_.workload.seed, rules_);
        const auto comparable = check(report);
        if (!comparable) return complain(comparable.error());
        if (!early.empty()) report.beware.insert(report.beware.begin(), early);
        const int of_sides = worse_exit_code(measured_.exit_code, exit_code_of_sides(a, b));
        const int code = worse_exit_code(of_sides, exit_code_of(report));
        report.exit_code = code;
        const auto kept =
            measured_.directory.empty() ? result<void>{} : keep(report, measured_.directory);
        const auto said = say(text_of(report));
        for (const result<void>& done : {kept, said}) {
            if (!done) return complain(done.error());
        }
        if (!measured_.directory.empty()) {
            keep_whole_in_history(effective_, measured_.directory);
        }
        return code;
    }

    [[nodiscard]] std::string text_of(const report::comparison_report& report) const {
        if (options_.json) return report::comparison_json(report);
        if (options_.markdown) return report::comparison_markdown(report);
        const std::string table = report::comparison_table(report, terminal_width());
        if (measured_.directory.empty()) return table;
        return table + "\nresults: " + report::printable(measured_.directory) + '\n';
    }

    const compare_options& options_;
    std::vector<analyze::regression_rule> rules_;
    const scenario& effective_;  // of both sides, as far as that is the same
    measured_sides measured_;
};

}  // namespace

int compare(const compare_options& options) {
    if (options.json && options.markdown) {
        return complain({errc::usage, "--json and --markdown exclude each other",
                         "What is measured now is kept as both, in the directory of the results."});
    }
    auto rules = parse_rules(options.fail_on);
    if (!rules) return complain(rules.error());
    const auto effective = settings_of_process(options.of);
    if (!effective) return complain(effective.error());
    return comparing{options, *std::move(rules), effective->values}.go();
}

}  // namespace lmstress::cli
