#include "load/arrivals.hpp"

#include "workload/arrival_values.hpp"
#include "workload/random.hpp"
#include "workload/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lmstress::load {
namespace {

constexpr double longest = 1e9;  // seconds, some thirty years: more is never

double seconds(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e9;
}

/// To as many digits as a file of JSON gives back.
double rounded(double value) {
    const double scale = std::pow(10, 9 - std::ceil(std::log10(value)));
    return std::round(value * scale) / scale;
}

/// Gamma with this shape and a mean of 1, by Marsaglia and Tsang (ACM TOMS 26, 2000).
double unit_gamma(double shape, workload::random& r) {
    // Below 1 the density is unbounded: one of shape + 1 times U^(1/shape) has the right one.
    const double above = shape < 1 ? shape + 1 : shape;
    const double d = above - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    double g = 0;
    for (;;) {
        const double x = r.normal();
        const double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
        const double u = 1 - r.uniform();  // (0, 1]: the logarithm is finite
        if (v > 0 && std::log(u) < x * x / 2 + d * (1 - v + std::log(v))) {
            g = d * v;
            break;
        }
    }
    if (shape < 1) g *= std::pow(1 - r.uniform(), 1 / shape);
    return g / shape;
}

/// A gap with a mean of 1.
double unit_gap(const arrival_law& law, workload::random& r) {
    switch (law.follows) {
        case arrival_law::law::constant:
            return 1;
        case arrival_law::law::poisson:
            return -std::log(1 - r.uniform());
        case arrival_law::law::gamma:
            // A coefficient of variation c: shape 1/c^2.
            return unit_gamma(1 / (law.variation * law.variation), r);
    }
    return 1;
}

}  // namespace

rate_curve::rate_curve(std::vector<piece> pieces) : pieces_(std::move(pieces)) {
    double sum = 0;
    for (const piece& p : pieces_) {
        before_.push_back(sum);
        sum += (p.from + p.to) / 2 * seconds(p.length);
    }
}

double rate_curve::expected(nanoseconds t) const {
    nanoseconds begin{0};
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const piece& p = pieces_[i];
        if (t < begin + p.length) {
            const double s = seconds(t - begin);
            return before_[i] + p.from * s + (p.to - p.from) * s * s / (2 * seconds(p.length));
        }
        begin += p.length;
    }
    const piece& last = pieces_.back();
    return before_.back() + (last.from + last.to) / 2 * seconds(last.length) +
           last.to * seconds(t - begin);
}

/// Let the rate of a piece of length l go from a to b, and let n arrivals be expected in its first
/// t seconds:
///
///     n(t) = a t + (b - a) t^2 / (2 l)
///
/// Solved for t by the form of the quadratic formula that subtracts nothing, so that it is exact
/// for a = b (t = n / a) and defined for a = 0:
///
///     t(n) = 2 n / (a + sqrt(a^2 + 2 (b - a) n / l))
///
/// The rate at t is that square root, so under it stands no negative number while n is less than
/// the piece's own (a + b) l / 2.
nanoseconds rate_curve::when(double n) const {
    nanoseconds begin{0};
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const piece& p = pieces_[i];
        const double own = (p.from + p.to) / 2 * seconds(p.length);
        const double left = n - before_[i];
        if (left < own) {
            const double under = p.from * p.from + 2 * (p.to - p.from) * left / seconds(p.length);
            const double t = left == 0 ? 0 : 2 * left / (p.from + std::sqrt(std::max(under, 0.0)));
            return begin + nanoseconds{std::llround(t * 1e9)};
        }
        begin += p.length;
    }
    const piece& last = pieces_.back();
    const double own = (last.from + last.to) / 2 * seconds(last.length);
    // By a rate of 0 it is infinite.
    const double more = (n - before_.back() - own) / last.to;
    return more < longest ? begin + nanoseconds{std::llround(more * 1e9)} : nanoseconds::max();
}

rate_curve rate_over(const load_settings& load, std::size_t level) {
    const arrival_settings& a = load.arrivals;
    const nanoseconds warmup = load.warmup_in_effect();
    std::vector<rate_curve::piece> window;
    for (const rate_step& s : a.steps) window.push_back({s.length, s.rate, s.rate});
    if (a.ramp) window.push_back({load.duration_in_effect(), a.ramp->from, a.ramp->to});
    if (window.empty()) {
        // One piece for all of it, that no time is rounded twice.
        const double rate = a.rates.at(level);
        return rate_curve{{{nanoseconds{0}, rate, rate}}};
    }
    // A ramp from nothing has nothing to warm up with.
    const double first = window.front().from;
    window.insert(window.begin(), {warmup, first, first});
    return rate_curve{std::move(window)};
}

/// A process of rate 1 is stretched by the inverse of the integrated rate: if x_1, x_2, ... are the
/// arrivals of a process with one arrival a second, and R(t) is the integral of the rate, then
/// R^-1(x_1), R^-1(x_2), ... has that rate. Of a Poisson process this is exact (Cinlar 1975,
/// "inversion"), and no arrival is thrown away, as thinning would; of the others it keeps the gaps'
/// order and their coefficient of variation where the rate changes little between two arrivals. A
/// constant sequence begins with an arrival at 0, the others with a gap.
std::vector<nanoseconds> make_arrivals(const arrival_law& law, const rate_curve& rate,
                                       std::uint64_t seed, const arrivals_end& end) {
    workload::random r{workload::hash("arrivals", seed)};
    std::vector<nanoseconds> all;
    std::uint64_t counted = 0;
    // Compensated (Neumaier): a million gaps would lose six digits.
    double x = 0;
    double lost = 0;
    bool first = law.follows == arrival_law::law::constant;
    while (counted < end.most) {
        if (!std::exchange(first, false)) {
            const double gap = unit_gap(law, r);
            const double sum = x + gap;
            lost += (x - sum) + gap;
            x = sum;
        }
        const nanoseconds at = rate.when(x + lost);
        if (at >= end.at) break;
        all.push_back(at);
        counted += at >= end.counted_from;
    }
    return all;
}

namespace {

/// " (5/s for 2s, 10/s for 30s)", " (1/s to 20/s)"; empty of a rate that is the same all the time.
std::string course_of_rate(const arrival_settings& a) {
    if (a.ramp) return fmt::format(" ({:.4g}/s to {:.4g}/s)", a.ramp->from, a.ramp->to);
    constexpr std::size_t most = 6;
    std::string out;
    for (std::size_t i = 0; i < std::min(a.steps.size(), most); ++i) {
        out += fmt::format("{}{:.4g}/s for {}", i == 0 ? " (" : ", ", a.steps[i].rate,
                           workload::duration_text(a.steps[i].length));
    }
    if (a.steps.size() > most) out += fmt::format(" and {} more", a.steps.size() - most);
    return out.empty() ? out : out + ')';
}

/// The warm-up takes the beginning of the trace, not more time.
arrival_plan plan_trace(const load_settings& load, std::span<const workload::trace_entry> trace) {
    const nanoseconds begin = load.warmup_in_effect();
    const nanoseconds end = load.duration ? begin + *load.duration : nanoseconds::max();
    arrival_plan plan{.at = {}, .load = {.arrivals = "trace", .steady = false}};
    std::uint64_t measured = 0;
    for (const workload::trace_entry& e : trace) {
        const double at = static_cast<double>(e.at.count()) * load.arrivals.trace_scale;
        if (at >= longest * 1e9) break;
        plan.at.emplace_back(std::llround(at));
        if (plan.at.back() >= end) {
            plan.at.pop_back();
            break;
        }
        measured += plan.at.back() >= begin;
    }
    // Of several at one time there is no rate: as many as in a second.
    const nanoseconds last = plan.at.empty() ? begin : std::max(plan.at.back(), begin);
    const double length = load.duration ? seconds(*load.duration) : seconds(last - begin);
    if (measured > 0) {
        plan.load.requested_rate =
            rounded(static_cast<double>(measured) / (length > 0 ? length : 1));
    }
    return plan;
}

}  // namespace

arrival_plan plan_arrivals(const load_settings& load, std::size_t level, std::uint64_t seed,
                           std::size_t apis, std::span<const workload::trace_entry> trace) {
    const arrival_settings& a = load.arrivals;
    if (!a.trace_file.empty()) return plan_trace(load, trace);
    const rate_curve rate = rate_over(load, level);
    const nanoseconds begin = load.warmup_in_effect();
    const nanoseconds end = begin + load.duration_in_effect();
    arrival_plan plan;
    plan.load.arrivals = workload::arrivals_text(a.law) + course_of_rate(a);
    plan.load.steady = !a.rates.empty();
    plan.load.requested_rate = rounded(
        plan.load.steady ? a.rates.at(level)
                         : (rate.expected(end) - rate.expected(begin)) / seconds(end - begin));
    const arrivals_end until =
        load.requests ? arrivals_end{.most = *load.requests * apis, .counted_from = begin}
                      : arrivals_end{.at = end};
    plan.at = make_arrivals(a.law, rate, seed, until);
    return plan;
}

}  // namespace lmstress::load
