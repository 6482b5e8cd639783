#include "analyze/comparison.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <random>

namespace lmstress::analyze {
namespace {

constexpr std::size_t resamples = 2000;
/// Of the normal distribution: what a change must exceed its bound by to be found in 80 % of cases.
constexpr double power_80 = 0.8416;
/// Fewer requests than this say nothing of a quantile's neighbourhood (the least n whose two-sided
/// interval by order statistics is closed: docs/metrics.md).
constexpr std::array least_requests = {std::pair{".p50", 6U}, std::pair{".p90", 36U},
                                       std::pair{".p95", 72U}, std::pair{".p99", 368U}};
/// Fewer groups are too few to see from how they differ what they are worth.
constexpr std::size_t least_groups = 6;

constexpr std::array deciding = {"ttft_ms.p50", "ttft_ms.p95", "itl_ms.p50", "e2e_ms.p50",
                                 "throughput.output_tokens_per_second"};
constexpr std::array further = {"ttft_ms.p99",
                                "itl_ms.p95",
                                "event_gap_ms.p95",
                                "tpot_ms.p50",
                                "e2e_ms.p95",
                                "stream_tokens_per_second.p50",
                                "throughput.requests_per_second"};

/// The samples of a side, and draws of them.
class side {
  public:
    side(const std::string& name, runs of) {
        for (const measured_level& level : of) {
            auto sample = sample_of(name, level);
            if (sample == nullptr) return;
            groups_ += sample->groups();
            count_ += sample->count();
            samples_.push_back(std::move(sample));
        }
    }

    [[nodiscard]] bool known() const { return !samples_.empty(); }
    [[nodiscard]] std::size_t groups() const { return groups_; }
    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// The mean over the runs, each as it is.
    [[nodiscard]] std::optional<double> value() const {
        return mean([](std::size_t n) { return std::vector<std::uint32_t>(n, 1); });
    }
    /// The same with the groups of each run drawn anew.
    [[nodiscard]] std::optional<double> drawn(std::mt19937_64& random) const {
        return mean([&](std::size_t n) {
            std::vector<std::uint32_t> times(n);
            for (std::size_t i = 0; i < n; ++i) ++times[random() % n];
            return times;
        });
    }

  private:
    template <class Times>
    [[nodiscard]] std::optional<double> mean(const Times& times) const {
        double sum = 0;
        for (const auto& sample : samples_) {
            const auto v = sample->value(times(sample->groups()));
            if (!v) return std::nullopt;
            sum += *v;
        }
        return sum / static_cast<double>(samples_.size());
    }

    std::vector<std::unique_ptr<figure_sample>> samples_;
    std::size_t groups_ = 0;
    std::uint64_t count_ = 0;
};

/// The logarithms of B / A in order, as far as both have a value above zero.
std::vector<double> drawn_changes(const side& a, const side& b, std::uint64_t seed) {
    std::mt19937_64 random{seed};
    std::vector<double> out;
    for (std::size_t i = 0; i < resamples; ++i) {
        const auto one = a.drawn(random);
        const auto other = b.drawn(random);
        if (!one || !other || *one <= 0 || *other <= 0) continue;
        if (std::isinf(*one) && std::isinf(*other)) continue;
        out.push_back(std::log(*other / *one));
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// Of Student's distribution beside the normal one, and of a variance over n groups beside that
/// over n - 1.
double widening(std::size_t groups, double confidence) {
    const double n = static_cast<double>(groups);
    return measure::student_bound(n - 1, confidence) / measure::student_bound(1e7, confidence) *
           std::sqrt(n / (n - 1));
}

interval around(const std::vector<double>& sorted, double centre, double confidence, double wider) {
    const auto at = [&](double p) {
        const double rank = p * static_cast<double>(sorted.size() - 1);
        return sorted[static_cast<std::size_t>(std::lround(rank))];
    };
    const double tail = (1 - confidence) / 2;
    const auto share = [&](double bound) {
        return std::exp(centre + (bound - centre) * wider) - 1;
    };
    return {share(at(tail)), share(at(1 - tail))};
}

std::uint32_t requests_needed(const std::string& name) {
    for (const auto& [end, n] : least_requests) {
        if (name.ends_with(end)) return n;
    }
    return 0;
}

double spread_of(const std::vector<double>& values) {
    const double n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (const double v : values) squares += (v - mean) * (v - mean);
    return std::sqrt(squares / (n - 1));
}

finding found_in(const interval& change, bool lower_is_better) {
    if (change.low > 0) return lower_is_better ? finding::worse : finding::better;
    if (change.high < 0) return lower_is_better ? finding::better : finding::worse;
    return finding::none_seen;
}

}  // namespace

std::string_view to_string(finding f) noexcept {
    switch (f) {
        case finding::worse:
            return "worse";
        case finding::better:
            return "better";
        case finding::none_seen:
            return "none_seen";
        case finding::too_few:
            return "too_few";
    }
    return {};
}

std::span<const char* const> deciding_figures() noexcept {
    return deciding;
}

double confidence_together() noexcept {
    return 1 - (1 - measure::confidence) / deciding.size();
}

figure figure_named(std::string name) {
    const bool rate = name.find("per_second") != std::string::npos;
    return {std::move(name), !rate};
}

std::optional<compared_figure> compare_figure(const figure& what, runs a, runs b, double confidence,
                                              std::uint64_t seed) {
    const side one{what.name, a};
    const side other{what.name, b};
    if (!one.known() || !other.known()) return std::nullopt;
    compared_figure out{.what = what, .count_a = one.count(), .count_b = other.count()};
    out.a = one.value();
    out.b = other.value();
    if (!out.a || !out.b || *out.a <= 0 || *out.b <= 0 || std::isinf(*out.a)) return out;
    out.change = *out.b / *out.a - 1;
    const std::size_t groups = std::min(one.groups(), other.groups());
    if (std::min(out.count_a, out.count_b) < requests_needed(what.name)) return out;
    if (groups < least_groups || std::isinf(*out.b)) return out;
    const std::vector<double> drawn = drawn_changes(one, other, seed);
    if (drawn.size() < resamples / 2) return out;
    const double centre = std::log(*out.b / *out.a);
    out.ci95 = around(drawn, centre, measure::confidence, widening(groups, measure::confidence));
    const interval strict = around(drawn, centre, confidence, widening(groups, confidence));
    if (confidence > measure::confidence) out.together = strict;
    out.found = found_in(strict, what.lower_is_better);
    const double spread = spread_of(drawn) * widening(groups, confidence);
    const double bound = measure::student_bound(1e7, confidence) + power_80;
    if (std::isfinite(spread)) out.detectable = std::exp(bound * spread) - 1;
    return out;
}

namespace {

/// What embeddings have in the place of an output.
const char* of_the_work(const char* name, runs of) {
    const bool embeds = std::any_of(of.begin(), of.end(), [](const measured_level& level) {
        return level.summary.inputs_per_second.has_value();
    });
    const bool output = std::string_view{name} == "throughput.output_tokens_per_second";
    return embeds && output ? "throughput.inputs_per_second" : name;
}

}  // namespace

comparison compare(runs a, runs b, std::uint64_t seed) {
    comparison out;
    bool all_known = true;
    double most = 0;
    for (const char* name : deciding) {
        const figure what = figure_named(of_the_work(name, a));
        auto f = compare_figure(what, a, b, confidence_together(), seed);
        if (!f || !f->a || !f->b) continue;  // embeddings have no ITL
        f->decides = true;
        all_known = all_known && f->detectable.has_value();
        most = std::max(most, f->detectable.value_or(0));
        out.figures.push_back(*std::move(f));
    }
    for (const char* name : further) {
        auto f = compare_figure(figure_named(name), a, b, measure::confidence, seed);
        if (f && f->a && f->b) out.figures.push_back(*std::move(f));
    }
    std::uint64_t requests = 0;
    for (const measured_level& level : a) requests += level.summary.requests.offered;
    if (all_known && most > 0 && requests > 0) {
        // The spread falls with the root of the number of requests.
        const double times = std::log1p(most) / std::log1p(0.10);
        out.requests_for_10_percent =
            static_cast<std::uint64_t>(std::ceil(static_cast<double>(requests) * times * times));
    }
    return out;
}

}  // namespace lmstress::analyze
