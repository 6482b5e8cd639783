#include "report/together.hpp"

#include "measure/request_sums.hpp"
#include "measure/slo_tally.hpp"
#include "report/api_differences.hpp"
#include "report/level_name.hpp"

#include <algorithm>
#include <array>

namespace lmstress::report {
namespace {

void add(token_counts& sum, const token_counts& t) {
    sum.input += t.input;
    sum.cached += t.cached;
    sum.cache_creation += t.cache_creation;
    sum.output += t.output;
    sum.reasoning += t.reasoning;
    if (sum.source != t.source) sum.source = sum.source == "none" ? t.source : "mixed";
}

double share(std::uint64_t of, std::uint64_t offered) {
    return offered == 0 ? 0.0 : static_cast<double>(of) / static_cast<double>(offered);
}

/// `offered` is already that of all of them.
void add(slo_summary& sum, const slo_summary& s, std::uint64_t offered) {
    sum.met += s.met;
    sum.attainment = share(sum.met, offered);
    sum.ci95 = measure::around_attainment(sum.attainment, offered);
    sum.goodput_per_second += s.goodput_per_second;
    sum.goodput_ci95.reset();  // they share a server: their rates are not independent
    for (std::size_t i = 0; i < std::min(sum.clauses.size(), s.clauses.size()); ++i) {
        sum.clauses[i].met += s.clauses[i].met;
        slo_clause& clause = sum.clauses[i];
        clause.attainment = share(clause.met, offered);
        clause.ci95 = measure::around_attainment(clause.attainment, offered);
    }
}

void add(level_summary& sum, const level_summary& level) {
    sum.setup.target.api += ", " + level.setup.target.api;
    measure::add(sum.requests, level.requests);
    for (const auto& [kind, e] : level.errors) {
        error_count& all = sum.errors[kind];
        all.count += e.count;
        if (all.example.empty()) all.example = e.example;
    }
    add(sum.tokens, level.tokens);
    sum.output_tokens_per_second += level.output_tokens_per_second;
    sum.requests_per_second += level.requests_per_second;
    if (sum.slo && level.slo) add(*sum.slo, *level.slo, sum.requests.offered);
    sum.events += level.events;
    sum.user_events += level.user_events;
    sum.coalesced_events += level.coalesced_events;
    sum.unknown_events += level.unknown_events;
}

/// What adds up of a level, and nothing else.
level_summary sums_of(const level_summary& level) {
    level_summary out;
    out.setup = level.setup;
    out.course = level.course;
    out.course.client.reset();  // of the process, which is one
    out.requests = level.requests;
    out.errors = level.errors;
    out.tokens = level.tokens;
    out.window_seconds = level.window_seconds;
    out.output_tokens_per_second = level.output_tokens_per_second;
    out.requests_per_second = level.requests_per_second;
    out.slo = level.slo;
    out.events = level.events;
    out.user_events = level.user_events;
    out.coalesced_events = level.coalesced_events;
    out.unknown_events = level.unknown_events;
    return out;
}

}  // namespace

bool is_of_the_server(std::string_view figure) noexcept {
    constexpr std::array all = {"output_tokens_per_second", "requests_per_second",
                                "inputs_per_second", "goodput_per_second"};
    return std::any_of(all.begin(), all.end(),
                       [&](std::string_view one) { return figure.ends_with(one); });
}

std::vector<level_summary> levels_together(const run_summary& run) {
    if (apis_of(run).size() < 2) return {};
    std::vector<level_summary> out;
    std::vector<std::string_view> within;  // the APIs of the last one
    for (const level_summary& level : run.levels) {
        const std::string_view api = level.setup.target.api;
        const bool goes_on = !out.empty() &&
                             level_number(out.back().setup) == level_number(level.setup) &&
                             std::find(within.begin(), within.end(), api) == within.end();
        if (goes_on) {
            add(out.back(), level);
        } else {
            out.push_back(sums_of(level));
            within.clear();
        }
        within.push_back(api);
    }
    return out;
}

}  // namespace lmstress::report
