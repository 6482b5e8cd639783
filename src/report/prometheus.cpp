#include "report/prometheus.hpp"

#include "analyze/sweep_figure.hpp"
#include "measure/validity.hpp"
#include "report/level_name.hpp"
#include "report/prometheus_text.hpp"
#include "report/together.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <deque>
#include <utility>

namespace lmstress::report {
namespace {

struct one_level {
    const source_run* run;
    const level_summary* level;
    bool valid;
    /// An API that shared the server with others: rates are of all of them, with a level of their
    /// own.
    bool shared = false;
    bool together = false;
};

prometheus_text::labels labels_of(const one_level& l) {
    const level_setup& s = l.level->setup;
    return {{"run", l.run->name},
            {"model", s.target.model},
            {"api", s.target.api},
            {"level", l.together ? "together" : fmt::format("{}", s.index)},
            {s.open ? "rate" : "streams", level_number(s)}};
}

prometheus_text::labels with(prometheus_text::labels of, std::string_view name, std::string value) {
    of.emplace_back(name, std::move(value));
    return of;
}

struct quantile {
    const char* label;
    double distribution::* value;
};
constexpr std::array quantiles = {
    quantile{"0.5", &distribution::p50}, quantile{"0.9", &distribution::p90},
    quantile{"0.95", &distribution::p95}, quantile{"0.99", &distribution::p99}};

struct time_family {
    std::string_view name;
    std::string_view metric;
    std::string_view help;
};
constexpr std::array times = {
    time_family{"lmstress_ttft_seconds", "ttft_ms", "Time from the send to the first token."},
    time_family{"lmstress_itl_seconds", "itl_ms", "Time between two tokens."},
    time_family{"lmstress_tpot_seconds", "tpot_ms", "Time per output token after the first."},
    time_family{"lmstress_e2e_seconds", "e2e_ms", "Time from the send to the end of the answer."},
};

/// A family whose samples are one a level, where it has one.
struct value_family {
    std::string_view name;
    std::string_view help;
    std::optional<double> (*of)(const one_level& l);
};
constexpr std::array values = {
    value_family{"lmstress_output_tokens_per_second", "Output tokens that arrived in the window.",
                 [](const one_level& l) {
                     return analyze::sweep_figure_named("output_tokens_per_second").of(*l.level);
                 }},
    value_family{"lmstress_inputs_per_second", "Texts that were embedded in the window.",
                 [](const one_level& l) {
                     return analyze::sweep_figure_named("inputs_per_second").of(*l.level);
                 }},
    value_family{"lmstress_requests_per_second", "Requests that completed in the window.",
                 [](const one_level& l) { return std::optional{l.level->requests_per_second}; }},
    value_family{"lmstress_slo_attainment_ratio", "Share of the offered requests that met the SLO.",
                 [](const one_level& l) {
                     return l.level->slo ? std::optional{l.level->slo->attainment} : std::nullopt;
                 }},
    value_family{"lmstress_goodput_per_second", "Requests a second that met the SLO.",
                 [](const one_level& l) {
                     return l.level->slo ? std::optional{l.level->slo->goodput_per_second}
                                         : std::nullopt;
                 }},
    value_family{"lmstress_valid", "Whether every bound of validity of the run holds.",
                 [](const one_level& l) { return std::optional{l.valid ? 1.0 : 0.0}; }},
};

/// Of the whole server: of several APIs that shared it none has one of its own.
bool is_a_rate(const value_family& f) {
    return is_of_the_server(f.name);
}

void add_times(prometheus_text& out, const std::vector<one_level>& all) {
    for (const time_family& f : times) {
        out.summary(f.name, f.help);
        for (const one_level& l : all) {
            const distribution* d = l.level->metric(f.metric);
            if (d == nullptr) continue;
            for (const quantile& q : quantiles) {
                out.sample(d->*q.value / 1e3, with(labels_of(l), "quantile", q.label));
            }
            const auto n = static_cast<double>(d->count);
            out.total(d->mean / 1e3 * n, n, labels_of(l));
        }
    }
}

void add_outcomes(prometheus_text& out, const std::vector<one_level>& all) {
    out.gauge("lmstress_requests", "Offered requests by their outcome.");
    for (const one_level& l : all) {
        if (l.together) continue;  // they are counted already
        const request_counts& c = l.level->requests;
        const auto add = [&](const char* outcome, std::uint64_t n) {
            out.sample(static_cast<double>(n), with(labels_of(l), "outcome", outcome));
        };
        add("completed", c.completed);
        add("failed", c.failed);
        add("timed_out", c.timed_out);
        add("shed", c.shed);
        add("censored", c.censored);
    }
}

}  // namespace

std::string prometheus(std::span<const source> sources) {
    std::vector<one_level> all;
    std::deque<level_summary> sums;
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            const bool valid = measure::judge(run.summary).valid();
            auto its = levels_together(run.summary);
            for (const level_summary& level : run.summary.levels)
                all.push_back({&run, &level, valid, !its.empty()});
            for (level_summary& sum : its) {
                all.push_back({&run, &sums.emplace_back(std::move(sum)), valid, false, true});
            }
        }
    }
    prometheus_text out;
    add_times(out, all);
    for (const value_family& f : values) {
        out.gauge(f.name, f.help);
        for (const one_level& l : all) {
            if (l.shared && is_a_rate(f)) continue;
            if (l.together && !is_a_rate(f)) continue;
            if (const auto v = f.of(l)) out.sample(*v, labels_of(l));
        }
    }
    add_outcomes(out, all);
    return std::move(out).take();
}

}  // namespace lmstress::report
