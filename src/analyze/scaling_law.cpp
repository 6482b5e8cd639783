#include "analyze/scaling_law.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace lmstress::analyze {
namespace {

constexpr double least_error = 0.01;  // of x
constexpr std::size_t parameters = 3;
constexpr std::size_t refits = 400;
constexpr double infinite = std::numeric_limits<double>::infinity();

double weight(const load_point& p) {
    const double error = std::max(p.error, least_error * p.x);
    return 1 / (error * error);
}

template <class Law>
double misfit(const Law& law, std::span<const load_point> points) {
    double sum = 0;
    for (const load_point& p : points) sum += weight(p) * std::pow(p.x - law.at(p.n), 2);
    return sum;
}

using matrix = std::array<std::array<double, 4>, 3>;  // three equations, the right side last

/// By Gauss and Jordan, over the unknowns that `free` names; the others are zero.
std::optional<std::array<double, 3>> solve(matrix m, std::array<bool, 3> free) {
    for (std::size_t i = 0; i < 3; ++i) {
        if (free[i]) continue;
        for (auto& row : m) row[i] = 0;
        m[i] = {};
        m[i][i] = 1;
    }
    for (std::size_t i = 0; i < 3; ++i) {
        std::size_t pivot = i;
        for (std::size_t r = i + 1; r < 3; ++r) {
            if (std::abs(m[r][i]) > std::abs(m[pivot][i])) pivot = r;
        }
        if (std::abs(m[pivot][i]) < 1e-300) return std::nullopt;
        std::swap(m[i], m[pivot]);
        for (std::size_t r = 0; r < 3; ++r) {
            if (r == i) continue;
            const double by = m[r][i] / m[i][i];
            for (std::size_t c = i; c < 4; ++c) m[r][c] -= by * m[i][c];
        }
    }
    return std::array{m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]};
}

/// N / X is linear in what is sought: N/X = a0 + a1 (N - 1) + a2 N (N - 1) with lambda = 1 / a0,
/// sigma = a1 / a0, kappa = a2 / a0. Least squares with none of them negative: the best of the fits
/// in which sigma and kappa are free or zero. An error of x is one of N / x^2 in N / x.
universal_law linear_fit(std::span<const load_point> points) {
    matrix normal{};
    for (const load_point& p : points) {
        const std::array row = {1.0, p.n - 1, p.n * (p.n - 1), p.n / p.x};
        const double w = weight(p) * std::pow(p.x * p.x / p.n, 2);
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t k = 0; k < 4; ++k) normal[i][k] += w * row[i] * row[k];
        }
    }
    universal_law best;
    double least = infinite;
    for (const auto free : {std::array{true, true, true}, std::array{true, true, false},
                            std::array{true, false, true}, std::array{true, false, false}}) {
        const auto a = solve(normal, free);
        if (!a || (*a)[0] <= 0 || (*a)[1] < 0 || (*a)[2] < 0) continue;
        const universal_law law{1 / (*a)[0], (*a)[1] / (*a)[0], (*a)[2] / (*a)[0]};
        const double by = misfit(law, points);
        if (by < least) {
            least = by;
            best = law;
        }
    }
    return best;
}

/// Gauss and Newton on X itself, from there; a step that would make it worse is halved.
universal_law fit_universal(std::span<const load_point> points) {
    universal_law law = linear_fit(points);
    for (int round = 0; round < 20; ++round) {
        matrix normal{};
        for (const load_point& p : points) {
            const double below = 1 + law.sigma * (p.n - 1) + law.kappa * p.n * (p.n - 1);
            const double at = law.lambda * p.n / below;
            const std::array row = {p.n / below, -at * (p.n - 1) / below,
                                    -at * p.n * (p.n - 1) / below, p.x - at};
            for (std::size_t i = 0; i < 3; ++i) {
                for (std::size_t k = 0; k < 4; ++k) normal[i][k] += weight(p) * row[i] * row[k];
            }
        }
        // What is zero and would become negative stays zero.
        const auto step = solve(normal, {true, law.sigma > 0, law.kappa > 0});
        if (!step) return law;
        double by = 1;
        const double before = misfit(law, points);
        universal_law next = law;
        for (; by > 1e-6; by /= 2) {
            next = {law.lambda + by * (*step)[0], std::max(0.0, law.sigma + by * (*step)[1]),
                    std::max(0.0, law.kappa + by * (*step)[2])};
            if (next.lambda > 0 && misfit(next, points) < before) break;
        }
        if (by <= 1e-6) return law;
        law = next;
    }
    return law;
}

/// For a knee that is given, least squares of lambda and slope, the slope not below zero.
hinge_law hinge_at(double knee, std::span<const load_point> points) {
    double aa = 0;
    double ab = 0;
    double bb = 0;
    double ax = 0;
    double bx = 0;
    for (const load_point& p : points) {
        const double a = std::min(p.n, knee);
        const double b = std::max(0.0, p.n - knee);
        const double w = weight(p);
        aa += w * a * a;
        ab += w * a * b;
        bb += w * b * b;
        ax += w * a * p.x;
        bx += w * b * p.x;
    }
    const double determinant = aa * bb - ab * ab;
    if (determinant > 1e-9 * aa * bb) {
        const hinge_law law{(ax * bb - bx * ab) / determinant, knee,
                            (bx * aa - ax * ab) / determinant};
        if (law.slope >= 0 && law.lambda >= law.slope) return law;
    }
    return {ax / aa, knee, 0};
}

hinge_law fit_hinge(std::span<const load_point> points) {
    const auto [least, most] =
        std::minmax_element(points.begin(), points.end(),
                            [](const load_point& a, const load_point& b) { return a.n < b.n; });
    hinge_law best;
    double by = infinite;
    constexpr int tries = 400;
    for (int i = 0; i <= tries; ++i) {
        const double knee = least->n * std::pow(most->n / least->n, 1.0 * i / tries);
        const hinge_law law = hinge_at(knee, points);
        const double here = misfit(law, points);
        if (here < by) {
            by = here;
            best = law;
        }
    }
    return best;
}

/// Akaike's criterion for errors whose scale is not known, corrected for few points.
double aic(double misfit, std::size_t points) {
    const auto n = static_cast<double>(points);
    constexpr double k = parameters + 1.0;
    const double correction = n > k + 1 ? 2 * k * (k + 1) / (n - k - 1) : 0;
    return n * std::log(std::max(misfit / n, 1e-12)) + 2 * k + correction;
}

double explained(const scaling_law& law, std::span<const load_point> points) {
    double mean = 0;
    for (const load_point& p : points) mean += p.x / static_cast<double>(points.size());
    double left = 0;
    double all = 0;
    for (const load_point& p : points) {
        left += std::pow(p.x - *law.at(p.n), 2);
        all += std::pow(p.x - mean, 2);
    }
    return all > 0 ? 1 - left / all : 1;
}

std::array<double, 3> parameters_of(law which, std::span<const load_point> points) {
    if (which == law::universal) {
        const universal_law l = fit_universal(points);
        return {l.lambda, l.sigma, l.kappa};
    }
    const hinge_law l = fit_hinge(points);
    return {l.lambda, l.knee, l.slope};
}

double normal(std::mt19937_64& random) {
    const auto uniform = [&] { return static_cast<double>(random() >> 11U) * 0x1.0p-53; };
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
}

std::vector<interval> intervals_of(law which, std::span<const load_point> points,
                                   std::uint64_t seed) {
    if (std::all_of(points.begin(), points.end(), [](const auto& p) { return p.error <= 0; })) {
        return {};
    }
    std::mt19937_64 random{seed};
    std::array<std::vector<double>, 3> seen;
    for (std::size_t i = 0; i < refits; ++i) {
        std::vector<load_point> drawn{points.begin(), points.end()};
        for (load_point& p : drawn) p.x = std::max(p.x * 1e-3, p.x + p.error * normal(random));
        const auto found = parameters_of(which, drawn);
        for (std::size_t k = 0; k < 3; ++k) seen[k].push_back(found[k]);
    }
    std::vector<interval> out;
    const double tail = (1 - measure::confidence) / 2;
    for (auto& values : seen) {
        std::sort(values.begin(), values.end());
        const auto at = [&](double p) {
            return values[static_cast<std::size_t>(
                std::lround(p * static_cast<double>(values.size() - 1)))];
        };
        out.push_back({at(tail), at(1 - tail)});
    }
    return out;
}

/// What a parameter that may be zero has to be to make a hundredth of the throughput at twice the
/// largest load; 0 of one that may not.
double least_of_note(const scaling_law& l, std::size_t parameter) {
    const double n = 2 * l.largest_n;
    double behind = 0;  // what the parameter is multiplied by
    double whole = 1;   // what that is a part of
    if (l.better == law::universal) {
        if (parameter == 1) behind = n - 1;
        if (parameter == 2) behind = n * (n - 1);
        whole = l.universal.lambda * n / l.universal.at(n);
    } else {
        if (parameter == 2) behind = n - l.hinge.knee;
        whole = l.hinge.at(n);
    }
    return behind > 0 ? least_error * whole / behind : 0;
}

std::vector<load_point> sorted(std::span<const load_point> points) {
    std::vector<load_point> out{points.begin(), points.end()};
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.n < b.n; });
    return out;
}

}  // namespace

std::optional<double> universal_law::peak() const noexcept {
    if (kappa <= 0) return std::nullopt;
    return std::sqrt(std::max(0.0, 1 - sigma) / kappa);
}

bool scaling_law::determines(std::size_t parameter) const noexcept {
    constexpr double most_apart = 10;
    if (parameter >= ci95.size()) return true;
    const double least = least_of_note(*this, parameter);
    return ci95[parameter].high <= most_apart * std::max(ci95[parameter].low, least);
}

bool scaling_law::determined() const noexcept {
    bool all = true;
    for (std::size_t i = 0; i < parameters; ++i) all = all && determines(i);
    return all;
}

double scaling_law::holds_up_to() const noexcept {
    return determined() ? 2 * largest_n : largest_n;
}

std::optional<double> scaling_law::at(double n) const noexcept {
    if (n > holds_up_to()) return std::nullopt;
    return better == law::universal ? universal.at(n) : hinge.at(n);
}

std::optional<scaling_law> fit_scaling_law(std::span<const load_point> points, std::uint64_t seed) {
    const std::vector<load_point> by_load = sorted(points);
    std::size_t different = 0;
    double last = 0;
    for (const load_point& p : by_load) {
        if (p.n <= 0 || p.x <= 0) return std::nullopt;
        different += p.n > last;
        last = p.n;
    }
    if (different < 4) return std::nullopt;
    scaling_law out{.universal = fit_universal(by_load),
                    .hinge = fit_hinge(by_load),
                    .largest_n = by_load.back().n};
    out.aic_universal = aic(misfit(out.universal, by_load), by_load.size());
    out.aic_hinge = aic(misfit(out.hinge, by_load), by_load.size());
    out.better = out.aic_hinge < out.aic_universal ? law::hinge : law::universal;
    out.r2 = explained(out, by_load);
    out.ci95 = intervals_of(out.better, by_load, seed);
    return out;
}

std::optional<double> knee_of(std::span<const load_point> points) {
    const std::vector<load_point> by_load = sorted(points);
    if (by_load.size() < 3) return std::nullopt;
    const double n0 = by_load.front().n;
    const double n1 = by_load.back().n;
    const auto [low, high] = std::minmax_element(
        by_load.begin(), by_load.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
    if (n1 <= n0 || high->x <= low->x) return std::nullopt;
    const auto above = [&](const load_point& p) {
        return (p.x - low->x) / (high->x - low->x) - (p.n - n0) / (n1 - n0);
    };
    const auto most = std::max_element(
        by_load.begin(), by_load.end(),
        [&](const load_point& a, const load_point& b) { return above(a) < above(b); });
    // Kneedle's threshold at S = 1: the curve has to fall below its greatest height by the mean
    // step before its end.
    const double step = 1.0 / static_cast<double>(by_load.size() - 1);
    if (above(*most) <= 0 || above(by_load.back()) > above(*most) - step) return std::nullopt;
    return most->n;
}

}  // namespace lmstress::analyze
