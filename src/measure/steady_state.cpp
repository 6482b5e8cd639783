#include "measure/steady_state.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lmstress::measure {
namespace {

constexpr std::size_t least_values = 50;
constexpr nanoseconds least_span = std::chrono::seconds{10};
constexpr std::size_t least_batches = 50;
constexpr std::size_t most_batches = 100;
/// A beginning that differs by less is not worth a user's time.
constexpr double least_difference = 0.05;

double mean_of(std::span<const double> x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double squares_around(std::span<const double> x, double mean) {
    return std::accumulate(x.begin(), x.end(), 0.0,
                           [&](double sum, double v) { return sum + (v - mean) * (v - mean); });
}

/// By how much successive values' likeness inflates the variance of their mean: (1 + r) / (1 - r)
/// for the correlation r of neighbours, as in a first-order autoregression.
double inflation(std::span<const double> x, double mean) {
    const double all = squares_around(x, mean);
    if (all <= 0 || x.size() < 3) return 1;
    double neighbours = 0;
    for (std::size_t i = 1; i < x.size(); ++i) neighbours += (x[i] - mean) * (x[i - 1] - mean);
    // The estimate is too small by about (1 + 3 r) / n (Kendall).
    const auto n = static_cast<double>(x.size());
    const double r = neighbours / all;
    const double corrected = std::clamp(r + (1 + 3 * r) / n, 0.0, 0.9);
    return (1 + corrected) / (1 - corrected);
}

/// Where MSER would cut: the d that makes the squared standard error of what remains least. It
/// looks no further than the middle, and takes the earliest that comes near the least: behind the
/// true end of a transient that error hardly changes, and where in all of that its least lies is
/// chance.
std::size_t mser(std::span<const double> x) {
    constexpr double near = 1.1;
    std::vector<double> errors(x.size() / 2 + 1);
    double sum = 0;
    double squares = 0;
    for (std::size_t d = x.size(); d-- > 0;) {
        sum += x[d];
        squares += x[d] * x[d];
        const auto n = static_cast<double>(x.size() - d);
        if (d < errors.size()) errors[d] = (squares - sum * sum / n) / (n * n);
    }
    const double enough = near * *std::min_element(errors.begin(), errors.end());
    const auto first =
        std::find_if(errors.begin(), errors.end(), [&](double error) { return error <= enough; });
    return static_cast<std::size_t>(first - errors.begin());
}

bool differs(std::span<const double> first, std::span<const double> rest) {
    const double a = mean_of(first);
    const double b = mean_of(rest);
    const auto n = static_cast<double>(rest.size());
    const double variance = squares_around(rest, b) / (n - 1) * inflation(rest, b);
    const double error = std::sqrt(variance * (1 / static_cast<double>(first.size()) + 1 / n));
    // The cut was chosen among some fifty because it makes the difference great: hence no 1.96.
    return std::abs(a - b) > 3.5 * error && std::abs(a - b) > least_difference * std::abs(b);
}

}  // namespace

batch_means::batch_means(std::span<const timed_value> series, nanoseconds span) {
    if (series.size() < least_values || span < least_span) return;
    const auto wanted = static_cast<std::size_t>(span / std::chrono::seconds{1});
    const std::size_t n = std::clamp(wanted, least_batches, most_batches);
    each_ = span / static_cast<nanoseconds::rep>(n);
    std::vector<double> sums(n, 0.0);
    std::vector<double> counts(n, 0.0);
    for (const timed_value& v : series) {
        const auto i = static_cast<std::size_t>(std::max(v.at, nanoseconds{0}) / each_);
        sums[std::min(i, n - 1)] += v.value;
        counts[std::min(i, n - 1)] += 1;
    }
    const auto first = std::find_if(counts.begin(), counts.end(), [](double c) { return c > 0; });
    double last = sums[static_cast<std::size_t>(first - counts.begin())] / *first;
    for (std::size_t i = 0; i < n; ++i) {
        if (counts[i] > 0) last = sums[i] / counts[i];
        means_.push_back(last);
    }
}

std::optional<nanoseconds> transient(const batch_means& batches) {
    const std::span<const double> x = batches.values();
    if (x.empty()) return std::nullopt;
    const std::size_t cut = mser(x);
    const bool real = cut > 0 && differs(x.first(cut), x.subspan(cut));
    return real ? batches.each() * static_cast<nanoseconds::rep>(cut) : nanoseconds{0};
}

std::optional<drift> drift_of(const batch_means& batches) {
    const std::span<const double> x = batches.values();
    if (x.empty()) return std::nullopt;
    const auto n = static_cast<double>(x.size());
    const double mean = mean_of(x);
    double products = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        products += (static_cast<double>(i) - (n - 1) / 2) * (x[i] - mean);
    }
    const double spread = n * (n * n - 1) / 12;  // of 0 .. n - 1 around their middle
    const double slope = products / spread;
    std::vector<double> residuals;
    for (std::size_t i = 0; i < x.size(); ++i) {
        residuals.push_back(x[i] - mean - slope * (static_cast<double>(i) - (n - 1) / 2));
    }
    const double variance =
        squares_around(residuals, 0) / (n - 2) * inflation(residuals, 0) / spread;
    return drift{.change = mean == 0 ? 0 : slope * n / std::abs(mean),
                 .significant = std::abs(slope) > student_bound(n - 2, 0.99) * std::sqrt(variance)};
}

}  // namespace lmstress::measure
