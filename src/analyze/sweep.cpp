#include "analyze/sweep.hpp"

#include "analyze/clause_text.hpp"
#include "measure/context_in_force.hpp"
#include "measure/quantile_interval.hpp"
#include "wire/plural.hpp"
#include "wire/short_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lmstress::analyze {
namespace {

using value = std::optional<double>;

const distribution* metric_of(const level_summary& level, std::string_view name) {
    // Of an open loop the latency from the intended time, for it is the one that a user feels.
    if (level.setup.open && name == "ttft_ms") return level.metric("ttft_intended_ms");
    if (level.setup.open && name == "e2e_ms") return level.metric("e2e_intended_ms");
    return level.metric(name);
}

value quantile(const level_summary& level, std::string_view name, double distribution::* q) {
    const distribution* d = metric_of(level, name);
    return d != nullptr && std::isfinite(d->*q) ? value{d->*q} : std::nullopt;
}

std::optional<interval> around(const level_summary& level, std::string_view name,
                               std::optional<interval> quantile_intervals::* q) {
    const distribution* d = metric_of(level, name);
    return d == nullptr ? std::nullopt : d->ci95.*q;
}

value throughput(const level_summary& l) {
    return l.output_tokens_per_second;
}
value stream_rate(const level_summary& l) {
    return quantile(l, "stream_tokens_per_second", &distribution::p50);
}
value ttft_p50(const level_summary& l) {
    return quantile(l, "ttft_ms", &distribution::p50);
}
value ttft_p95(const level_summary& l) {
    return quantile(l, "ttft_ms", &distribution::p95);
}
value itl_p50(const level_summary& l) {
    return quantile(l, "itl_ms", &distribution::p50);
}
value itl_p95(const level_summary& l) {
    return quantile(l, "itl_ms", &distribution::p95);
}
value load_time(const level_summary& l) {
    return quantile(l, "load_ms", &distribution::p50);
}
value errors(const level_summary& l) {
    if (l.requests.offered == 0) return std::nullopt;
    return 100 * static_cast<double>(l.requests.failed + l.requests.timed_out) /
           static_cast<double>(l.requests.offered);
}
std::optional<share_counts> error_share(const level_summary& l) {
    return share_counts{static_cast<double>(l.requests.failed + l.requests.timed_out),
                        static_cast<double>(l.requests.offered)};
}
value goodput(const level_summary& l) {
    return l.slo ? value{l.slo->goodput_per_second} : std::nullopt;
}
value attainment(const level_summary& l) {
    return l.slo && l.requests.offered > 0 ? value{100 * l.slo->attainment} : std::nullopt;
}
std::optional<share_counts> attainment_share(const level_summary& l) {
    if (!l.slo) return std::nullopt;
    return share_counts{static_cast<double>(l.slo->met), static_cast<double>(l.requests.offered)};
}

std::optional<interval> stream_rate_around(const level_summary& l) {
    return around(l, "stream_tokens_per_second", &quantile_intervals::p50);
}
std::optional<interval> ttft_p50_around(const level_summary& l) {
    return around(l, "ttft_ms", &quantile_intervals::p50);
}
std::optional<interval> ttft_p95_around(const level_summary& l) {
    return around(l, "ttft_ms", &quantile_intervals::p95);
}
std::optional<interval> itl_p50_around(const level_summary& l) {
    return around(l, "itl_ms", &quantile_intervals::p50);
}
std::optional<interval> itl_p95_around(const level_summary& l) {
    return around(l, "itl_ms", &quantile_intervals::p95);
}
std::optional<interval> attainment_around(const level_summary& l) {
    if (!l.slo || !l.slo->ci95) return std::nullopt;
    return interval{100 * l.slo->ci95->low, 100 * l.slo->ci95->high};
}

constexpr std::array figures = {
    sweep_figure{"output_tokens_per_second", "throughput, output tokens/s", false, throughput,
                 nullptr},
    sweep_figure{"stream_tokens_per_second", "rate of a stream, tokens/s (p50)", false, stream_rate,
                 stream_rate_around, "stream_tokens_per_second"},
    sweep_figure{"ttft_p50_ms", "TTFT p50, ms", true, ttft_p50, ttft_p50_around, "ttft_ms"},
    sweep_figure{"ttft_p95_ms", "TTFT p95, ms", true, ttft_p95, ttft_p95_around, "ttft_ms"},
    sweep_figure{"itl_p50_ms", "ITL p50, ms", true, itl_p50, itl_p50_around, "itl_ms"},
    sweep_figure{"itl_p95_ms", "ITL p95, ms", true, itl_p95, itl_p95_around, "itl_ms"},
    sweep_figure{"load_p50_ms", "load of the model p50, ms (in TTFT)", true, load_time, nullptr},
    sweep_figure{"errors_percent", "errors, % of the requests", true, errors, nullptr, nullptr,
                 error_share},
    sweep_figure{"goodput_per_second", "goodput, requests/s that met the SLO", false, goodput,
                 nullptr},
    sweep_figure{"attainment_percent", "SLO met, % of the requests", false, attainment,
                 attainment_around, nullptr, attainment_share},
};

// What a table has no room for.
constexpr std::array further = {
    sweep_figure{"requests_per_second", "completed, requests/s", false,
                 [](const level_summary& l) { return value{l.requests_per_second}; }, nullptr},
    sweep_figure{
        "ttft_p99_ms", "TTFT p99, ms", true,
        [](const level_summary& l) { return quantile(l, "ttft_ms", &distribution::p99); },
        [](const level_summary& l) { return around(l, "ttft_ms", &quantile_intervals::p99); },
        "ttft_ms"},
    sweep_figure{
        "itl_p99_ms", "ITL p99, ms", true,
        [](const level_summary& l) { return quantile(l, "itl_ms", &distribution::p99); },
        [](const level_summary& l) { return around(l, "itl_ms", &quantile_intervals::p99); },
        "itl_ms"},
    sweep_figure{
        "e2e_p50_ms", "E2E p50, ms", true,
        [](const level_summary& l) { return quantile(l, "e2e_ms", &distribution::p50); },
        [](const level_summary& l) { return around(l, "e2e_ms", &quantile_intervals::p50); },
        "e2e_ms"},
    sweep_figure{
        "e2e_p95_ms", "E2E p95, ms", true,
        [](const level_summary& l) { return quantile(l, "e2e_ms", &distribution::p95); },
        [](const level_summary& l) { return around(l, "e2e_ms", &quantile_intervals::p95); },
        "e2e_ms"},
};

/// Of a share over several runs: all requests are one sample, for runs that came to the same share
/// say no more of it than their requests do.
figure_over_runs pooled(const sweep_figure& f, std::span<const level_summary* const> runs,
                        figure_over_runs out) {
    share_counts all;
    for (const level_summary* level : runs) {
        const auto one = f.share(*level);
        if (!one) continue;
        all.hits += one->hits;
        all.of += one->of;
    }
    if (all.of <= 0) return out;
    const auto around = measure::share_around(all.hits / all.of, all.of);
    out.mean = 100 * all.hits / all.of;
    out.ci95 = interval{100 * around.low, 100 * around.high};
    return out;
}

bool is_of(const measured_cell& c, std::size_t variant, std::size_t load) {
    return c.cell.variant == variant && c.cell.load == load;
}

template <class T>
void compare_setting(const char* what, const std::optional<T>& asked, const server_setting<T>& said,
                     std::vector<std::string>& into) {
    if (!asked || !said.confirmed || *asked == *said.confirmed) return;
    if constexpr (std::is_same_v<T, bool>) {
        into.push_back(fmt::format("the server has {} {} and not {}", what,
                                   *said.confirmed ? "on" : "off", *asked ? "on" : "off"));
    } else {
        into.push_back(
            fmt::format("the server says {} {} and not {}", what, *said.confirmed, *asked));
    }
}

/// What the choice looks at, over the runs of a cell.
struct candidate {
    std::size_t variant = 0;
    std::size_t load = 0;
    double size =
        0;  ///< users, or requests a second: a load like "2x" is another one on more slots
    figure_over_runs throughput = {};
    double met = 0;
    double offered = 0;
    bool has_objective = false;
    bool invalid = false;
    std::optional<figure_over_runs> ttft = {};
    std::optional<figure_over_runs> itl = {};
    std::string unit;
    std::string objective;
    [[nodiscard]] double attainment() const { return offered > 0 ? met / offered : 0; }
};

std::optional<candidate> candidate_of(std::span<const measured_cell> all, std::size_t variant,
                                      const server_variant& asked, std::size_t load) {
    candidate c{.variant = variant, .load = load, .unit = {}, .objective = {}};
    bool any = false;
    for (const measured_cell& m : all) {
        if (!is_of(m, variant, load) || m.figures.level.requests.completed == 0) continue;
        if (!not_in_force(asked, m.figures).empty()) return std::nullopt;  // of another setting
        c.invalid = c.invalid || !m.invalid.empty();
        const level_summary& l = m.figures.level;
        any = true;
        c.size = l.setup.open ? l.setup.open->requested_rate : l.setup.concurrency;
        c.unit = l.setup.open ? fmt::format("{:g} request{}/s", c.size, c.size == 1 ? "" : "s")
                              : wire::plural(l.setup.concurrency, "user");
        if (!l.slo) continue;
        c.has_objective = true;
        c.objective = objective_text(*l.slo);
        c.met += static_cast<double>(l.slo->met);
        c.offered += static_cast<double>(l.requests.offered);
    }
    if (!any) return std::nullopt;
    const auto seen = [&](const char* key) {
        return over_runs(sweep_figure_named(key), all, variant, load);
    };
    c.throughput = seen("output_tokens_per_second").value_or(figure_over_runs{});
    c.ttft = seen("ttft_p95_ms");
    c.itl = seen("itl_p95_ms");
    return c;
}

/// By their runs they may be the same: the intervals over them meet.
bool no_other(const figure_over_runs& a, const figure_over_runs& b) {
    if (a.runs < 2 || b.runs < 2 || !a.ci95 || !b.ci95) return false;
    return a.ci95->low <= b.ci95->high && b.ci95->low <= a.ci95->high;
}

/// "doubles" and "ITL p95", "takes" and "ITL p95 from 20 to 34 ms".
struct change {
    std::string verb;
    std::string of;
};

/// Nothing where it changes by little, or by no more than its runs differ.
std::optional<change> change_of(const char* what, const std::optional<figure_over_runs>& from,
                                const std::optional<figure_over_runs>& to) {
    if (!from || !to || from->mean <= 0 || no_other(*from, *to)) return std::nullopt;
    const double ratio = to->mean / from->mean;
    if (ratio > 1.9 && ratio < 2.15) return change{"doubles", what};
    if (ratio > 0.47 && ratio < 0.53) return change{"halves", what};
    if (std::abs(ratio - 1) < 0.05) return std::nullopt;
    return change{"takes", fmt::format("{} from {} to {} ms", what, wire::short_number(from->mean),
                                       wire::short_number(to->mean))};
}

/// " and doubles TTFT p95", ", doubles TTFT p95 and takes ITL p95 from 20 to 34 ms"; what has the
/// same verb shares it.
std::string changes_text(const std::optional<change>& first, const std::optional<change>& second) {
    if (!first && !second) return {};
    if (!first || !second) {
        const change& one = first ? *first : *second;
        return fmt::format(" and {} {}", one.verb, one.of);
    }
    const std::string verb = first->verb == second->verb ? std::string{} : second->verb + ' ';
    return fmt::format(", {} {} and {}{}", first->verb, first->of, verb, second->of);
}

std::string throughput_text(const figure_over_runs& from, const figure_over_runs& to) {
    const double more = to.mean / std::max(from.mean, 1e-9) - 1;
    if (std::abs(more) < 0.005) return "has the same throughput";
    if (no_other(from, to)) return "has no other throughput that its runs would show";
    return more > 0 ? fmt::format("adds {:.0f} % throughput", 100 * more)
                    : fmt::format("has {:.0f} % less throughput", -100 * more);
}

std::string named(const sweep_plan& plan, const candidate& c) {
    return variant_name(plan.variants[c.variant]) + (c.invalid ? " (by an INVALID run)" : "");
}

/// What the setting with the most output of all others would change.
std::string other_text(const sweep_plan& plan, const std::vector<candidate>& all,
                       const candidate& best) {
    const candidate* other = nullptr;
    for (const candidate& c : all) {
        if (c.variant == best.variant) continue;
        // Of those with about as much, one of as many users says the most.
        const double enough = c.size == best.size ? 0.99 : 1.01;
        if (other == nullptr || c.throughput.mean > enough * other->throughput.mean) other = &c;
    }
    if (other == nullptr) return {};
    return fmt::format("; {}{} {}{}", named(plan, *other),
                       other->size == best.size ? std::string{} : " with " + other->unit,
                       throughput_text(best.throughput, other->throughput),
                       changes_text(change_of("TTFT p95", best.ttft, other->ttft),
                                    change_of("ITL p95", best.itl, other->itl)));
}

/// A share in per cent to a decimal, which is on the same side of the bound as the share is.
std::string percent_text(double share, double bound) {
    const double tenths = std::floor(1000 * share + 1e-9);
    const bool crosses = share >= bound && tenths < 1000 * bound - 1e-9;
    return fmt::format("{:g}", (crosses ? tenths + 1 : tenths) / 10);
}

bool more_users(const candidate& a, const candidate& b) {
    return a.size != b.size ? a.size > b.size : a.throughput.mean > b.throughput.mean;
}

}  // namespace

cell_figures figures_of(const measured_level& level, std::uint32_t max_tokens, std::uint64_t seed) {
    constexpr std::size_t parts = 60;
    return {.level = level.summary,
            .batch = batch_of(level),
            .decoding = decoding_over_time(level, parts),
            .interference = interference_of(level, seed),
            .phases = mean_of(phases_of(level)),
            .prefill = prefill_by_depth(level),
            .exhausted = pool_exhaustion_of(level),
            .limited = context_limit_of(level, max_tokens)};
}

std::span<const sweep_figure> sweep_figures() noexcept {
    return figures;
}

std::span<const sweep_figure> further_figures() noexcept {
    return further;
}

const sweep_figure& sweep_figure_named(std::string_view key) {
    return *std::find_if(figures.begin(), figures.end(),
                         [&](const sweep_figure& f) { return f.key == key; });
}

std::optional<figure_over_runs> over_runs(const sweep_figure& f, std::span<const measured_cell> all,
                                          std::size_t variant, std::size_t load) {
    std::vector<const level_summary*> runs;
    for (const measured_cell& m : all) {
        if (is_of(m, variant, load)) runs.push_back(&m.figures.level);
    }
    return over_runs(f, runs);
}

std::optional<figure_over_runs> over_runs(const sweep_figure& f,
                                          std::span<const level_summary* const> runs) {
    std::vector<double> values;
    std::optional<interval> own;
    for (const level_summary* level : runs) {
        const auto v = f.of(*level);
        // What nobody asked has no answer, but where none arrived at a rate nothing was done.
        if (!v || (level->requests.offered == 0 && !level->setup.open)) continue;
        values.push_back(*v);
        if (f.around != nullptr) own = f.around(*level);
    }
    if (values.empty()) return std::nullopt;
    const auto n = static_cast<double>(values.size());
    double mean = 0;
    for (const double v : values) mean += v / n;
    figure_over_runs out{.mean = mean, .ci95 = own, .runs = static_cast<std::uint32_t>(n)};
    if (values.size() < 2) return out;
    if (f.share != nullptr) return pooled(f, runs, std::move(out));
    double squares = 0;
    for (const double v : values) squares += (v - mean) * (v - mean);
    const double half = measure::student_bound(n - 1) * std::sqrt(squares / (n - 1) / n);
    out.ci95 = interval{mean - half, mean + half};
    return out;
}

std::optional<double> beyond_runs(const sweep_figure& f,
                                  std::span<const level_summary* const> runs) {
    if (f.metric == nullptr) return std::nullopt;
    std::optional<double> out;
    for (const level_summary* level : runs) {
        const distribution* d = metric_of(*level, f.metric);
        if (d == nullptr || f.of(*level)) continue;
        out = std::max(out.value_or(0), d->max);
    }
    return out;
}

std::vector<std::string> not_in_force(const server_variant& asked, const cell_figures& seen) {
    std::vector<std::string> out;
    const server_settings& said = seen.level.setup.server;
    compare_setting("parallel", asked.parallel, said.parallel, out);
    compare_setting("a unified KV cache", asked.unified_kv, said.unified_kv, out);
    server_settings wanted = said;
    wanted.context_length.requested = asked.context_length;
    if (asked.unified_kv) wanted.unified_kv.requested = asked.unified_kv;
    if (!measure::context_as_asked(wanted)) {
        out.push_back(fmt::format("the server says a context of {} tokens{} and not {}",
                                  *said.context_length.confirmed,
                                  said.context_length.source == llama_cpp_props ? " in a slot" : "",
                                  measure::context_wanted_text(wanted)));
    }
    if (!asked.parallel || !seen.batch || !seen.batch->parallel || !out.empty()) return out;
    const std::uint64_t shown = *seen.batch->parallel;
    // Fewer than twice as many clients as there are to be slots would not fill them.
    const bool enough = seen.batch->in_flight_mean >= 1.9 * static_cast<double>(*asked.parallel);
    if (shown < *asked.parallel && !enough) return out;
    // What the server says of each request outweighs what it says of its settings.
    const auto in_slots = seen.batch->in_slots;
    const bool less = shown < *asked.parallel && in_slots != *asked.parallel &&
                      (!said.parallel.confirmed || in_slots == shown);
    if (shown > *asked.parallel || less) {
        out.push_back(fmt::format("{} {} at once and not {}", wire::plural(shown, "stream"),
                                  shown == 1 ? "decodes" : "decode", *asked.parallel));
    }
    return out;
}

std::optional<std::uint32_t> shown_parallel(std::span<const measured_cell> all,
                                            std::size_t variant) {
    std::optional<std::uint32_t> most;
    for (const measured_cell& m : all) {
        if (m.cell.variant != variant || !m.figures.batch || !m.figures.batch->parallel) continue;
        most = std::max(most.value_or(0), *m.figures.batch->parallel);
    }
    return most;
}

std::optional<sweep_choice> best_of(const sweep_plan& plan, std::span<const measured_cell> all,
                                    double attainment) {
    std::vector<candidate> candidates;
    for (std::size_t v = 0; v < plan.variants.size(); ++v) {
        for (std::size_t load = 0; load < plan.loads.size(); ++load) {
            if (auto c = candidate_of(all, v, plan.variants[v], load))
                candidates.push_back(*std::move(c));
        }
    }
    if (candidates.empty()) return std::nullopt;
    std::vector<candidate> meeting;
    for (const candidate& c : candidates) {
        if (c.has_objective && c.attainment() >= attainment) meeting.push_back(c);
    }
    const auto by_output = [](const candidate& a, const candidate& b) {
        return a.throughput.mean < b.throughput.mean;
    };
    if (!meeting.empty()) {
        const candidate& best = *std::min_element(meeting.begin(), meeting.end(), more_users);
        return sweep_choice{
            .variant = best.variant,
            .load = best.load,
            .by_objective = true,
            .sentence = fmt::format("{}: {} with {} in {} % of the requests, {:.0f} tokens/s{}.",
                                    named(plan, best), best.unit, best.objective,
                                    percent_text(best.attainment(), attainment),
                                    best.throughput.mean, other_text(plan, candidates, best))};
    }
    const candidate& best = *std::max_element(candidates.begin(), candidates.end(), by_output);
    const std::string name = named(plan, best);
    const std::string facts =
        fmt::format("{} has the most output, {:.0f} tokens/s with {}{}.", name,
                    best.throughput.mean, best.unit, other_text(plan, candidates, best));
    if (!best.has_objective) {
        return sweep_choice{best.variant, best.load, false,
                            facts + " With --slo the largest load that meets it would be named."};
    }
    const candidate& nearest = *std::max_element(
        candidates.begin(), candidates.end(),
        [](const candidate& a, const candidate& b) { return a.attainment() < b.attainment(); });
    return sweep_choice{
        nearest.variant, nearest.load, false,
        fmt::format("No setting has {} in {:g} % of the requests; {} with {} comes nearest, with "
                    "{} %. {}",
                    nearest.objective, 100 * attainment, named(plan, nearest), nearest.unit,
                    percent_text(nearest.attainment(), attainment), facts)};
}

}  // namespace lmstress::analyze
