#include "analyze/sweep_figure.hpp"

#include "measure/quantile_interval.hpp"
#include "measure/request_sums.hpp"

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

/// Embeddings have no output, and a window that holds nothing has no rate.
value throughput(const level_summary& l) {
    if (l.inputs_per_second || measure::rates_are_unknown(l)) return std::nullopt;
    return l.output_tokens_per_second;
}
value inputs(const level_summary& l) {
    return measure::rates_are_unknown(l) ? std::nullopt : l.inputs_per_second;
}
value requests(const level_summary& l) {
    return measure::rates_are_unknown(l) ? std::nullopt : value{l.requests_per_second};
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
    sweep_figure{"inputs_per_second", "throughput, inputs/s", false, inputs, nullptr},
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
    sweep_figure{"requests_per_second", "completed, requests/s", false, requests, nullptr},
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

}  // namespace

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
    out.ci95 = interval{std::max(mean - half, 0.0), mean + half};
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

}  // namespace lmstress::analyze
