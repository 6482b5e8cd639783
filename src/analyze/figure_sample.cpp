#include "analyze/figure_sample.hpp"

#include "measure/request_metrics.hpp"
#include "measure/tpot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

namespace lmstress::analyze {
namespace {

constexpr std::size_t most_groups = 400;
constexpr std::size_t fewest_groups = 20;
/// What a product of fractions may be off by.
constexpr double rounding = 1e-12;

/// Those that were sent in the window, in that order.
std::vector<const request_record*> in_order_of_sending(const measured_level& level) {
    std::vector<const request_record*> out;
    for (const request_record& r : level.requests) {
        if (r.phase == run_phase::measured && !r.from_cache) out.push_back(&r);
    }
    const auto sent = [](const request_record* r) {
        const auto at = r->moments.get(moment::send_start);
        return std::pair{at ? *at : r->moments.get(moment::intended).value_or(nanoseconds{0}),
                         r->index};
    };
    std::sort(out.begin(), out.end(),
              [&](const request_record* a, const request_record* b) { return sent(a) < sent(b); });
    return out;
}

/// A quantile of a metric that a request has one value of; those that were cut by Kaplan and Meier.
class request_quantile final : public figure_sample {
  public:
    request_quantile(const measure::request_metric& metric, double p, const measured_level& level)
        : p_(p) {
        const auto requests = in_order_of_sending(level);
        const std::size_t each = group_size(requests.size(), level.summary.setup.concurrency);
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const auto group = static_cast<std::uint32_t>(i / each);
            groups_ = group + std::size_t{1};
            if (const auto known = metric.of(*requests[i])) {
                points_.push_back({*known, false, group});
                ++known_;
            } else if (const auto cut = measure::cut_ms(*requests[i], metric)) {
                points_.push_back({*cut, true, group});
            }
        }
        // Of equal ones those that ended go first: who was cut then was still waiting.
        std::sort(points_.begin(), points_.end(), [](const point& a, const point& b) {
            return std::tie(a.value, a.cut, a.group) < std::tie(b.value, b.cut, b.group);
        });
    }

    std::size_t groups() const override { return groups_; }
    std::uint64_t count() const override { return known_; }
    std::optional<double> value(std::span<const std::uint32_t> times) const override {
        double waiting = 0;
        for (const point& p : points_) waiting += times[p.group];
        if (waiting == 0) return std::nullopt;
        double left = 1;
        for (std::size_t i = 0; i < points_.size();) {
            const point& first = points_[i];
            double here = 0;
            for (; i < points_.size() && points_[i].value == first.value &&
                   points_[i].cut == first.cut;
                 ++i) {
                here += times[points_[i].group];
            }
            if (!first.cut && here > 0) left *= (waiting - here) / waiting;
            if (!first.cut && here > 0 && 1 - left >= p_ - rounding) return first.value;
            waiting -= here;
        }
        return std::numeric_limits<double>::infinity();
    }

  private:
    struct point {
        double value;
        bool cut;
        std::uint32_t group;
    };
    double p_;
    std::size_t groups_ = 0;
    std::uint64_t known_ = 0;
    std::vector<point> points_;
};

/// A quantile over gaps.
class gap_quantile final : public figure_sample {
  public:
    gap_quantile(sparse_histogram (*of)(const request_record&), double p,
                 const measured_level& level)
        : p_(p) {
        const auto requests = in_order_of_sending(level);
        const std::size_t each = group_size(requests.size(), level.summary.setup.concurrency);
        std::vector<sparse_histogram> merged;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (i % each == 0) merged.emplace_back();
            const sparse_histogram gaps = of(*requests[i]);
            known_ += gaps.exact().total() > 0;
            merged.back().merge(gaps);
        }
        std::map<std::uint32_t, std::uint32_t> place;  // of each cell that is not empty
        for (const sparse_histogram& h : merged) {
            for (const auto& c : h.cells()) place[c.index] = 0;
        }
        for (auto& [cell, at] : place) {
            at = static_cast<std::uint32_t>(edges_.size());
            edges_.push_back(static_cast<double>(histogram_layout::highest_in(cell)) / 1e3);
        }
        for (const sparse_histogram& h : merged) {
            std::vector<sparse_histogram::cell>& cells = groups_.emplace_back();
            for (const auto& c : h.cells()) cells.push_back({place[c.index], c.count});
        }
    }

    std::size_t groups() const override { return groups_.size(); }
    std::uint64_t count() const override { return known_; }
    std::optional<double> value(std::span<const std::uint32_t> times) const override {
        std::vector<std::uint64_t> all(edges_.size());
        std::uint64_t total = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (times[g] == 0) continue;
            for (const auto& [place, n] : groups_[g]) {
                all[place] += std::uint64_t{n} * times[g];
                total += std::uint64_t{n} * times[g];
            }
        }
        if (total == 0) return std::nullopt;
        std::uint64_t rank = rank_of_percentile(p_ * 100, total);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i] >= rank) return edges_[i];
            rank -= all[i];
        }
        return std::nullopt;
    }

  private:
    double p_;
    std::vector<std::vector<sparse_histogram::cell>> groups_;  // index: the place in `edges_`
    std::vector<double> edges_;                                // of the cells, in milliseconds
    std::uint64_t known_ = 0;
};

/// A rate over the window: what arrived in each of its stretches.
class window_rate final : public figure_sample {
  public:
    /// A hundred: a stretch is then long beside a gap, and the window long beside a stretch.
    static constexpr std::size_t stretches = 100;

    explicit window_rate(const measured_level& level) : arrived_(stretches) {
        const level_course& course = level.summary.course;
        if (!course.window_begin || !course.window_end) return;
        begin_ = static_cast<double>(course.window_begin->count());
        end_ = static_cast<double>(course.window_end->count());
        for (const request_record& r : level.requests) requests_ += r.phase == run_phase::measured;
    }

    std::size_t groups() const override { return groups_of(arrived_.size()); }
    std::uint64_t count() const override { return requests_; }
    std::optional<double> value(std::span<const std::uint32_t> times) const override {
        const std::size_t each = group_size(arrived_.size(), in_a_group);
        double sum = 0;
        double length = 0;
        for (std::size_t i = 0; i < arrived_.size(); ++i) {
            sum += arrived_[i] * times[i / each];
            length += times[i / each];
        }
        if (end_ <= begin_ || length == 0) return std::nullopt;
        return sum / (length * (end_ - begin_) / 1e9 / static_cast<double>(stretches));
    }

    /// Evenly over that part of the time between the two that lies in the window.
    void spread_inside(double amount, nanoseconds from, nanoseconds to) {
        if (end_ <= begin_) return;
        const auto begin = nanoseconds{static_cast<std::int64_t>(begin_)};
        const auto last = nanoseconds{static_cast<std::int64_t>(end_)} - nanoseconds{1};
        spread(amount, std::clamp(from, begin, last), std::clamp(to, begin, last));
    }

    /// Evenly between two times, as far as they lie in the window.
    void spread(double amount, nanoseconds from, nanoseconds to) {
        const auto a = static_cast<double>(from.count());
        const auto b = std::max(static_cast<double>(to.count()), a + 1);
        const double each = (end_ - begin_) / static_cast<double>(stretches);
        if (each <= 0) return;
        const auto at = [&](double t) {
            return std::clamp((t - begin_) / each, 0.0, 1.0 * stretches);
        };
        for (auto i = static_cast<std::size_t>(at(a)); i < stretches; ++i) {
            const double low = std::max(a, begin_ + each * static_cast<double>(i));
            const double high = std::min(b, begin_ + each * static_cast<double>(i + 1));
            if (low >= b) break;
            if (high > low) arrived_[i] += amount * (high - low) / (b - a);
        }
    }

  private:
    static constexpr std::size_t in_a_group = 4;
    static std::size_t groups_of(std::size_t n) {
        const std::size_t each = group_size(n, in_a_group);
        return (n + each - 1) / each;
    }

    double begin_ = 0;
    double end_ = 0;
    std::uint64_t requests_ = 0;
    std::vector<double> arrived_;
};

std::unique_ptr<figure_sample> token_rate(const measured_level& level) {
    auto rate = std::make_unique<window_rate>(level);
    const double per_event = level.summary.tokens_per_event.value_or(1.0);
    for (const request_record& r : level.requests) {
        const auto first = r.moments.get(moment::first_token);
        const auto last = r.moments.get(moment::last_token);
        if (r.from_cache || r.window_events == 0 || !first || !last) continue;
        // Which events fell into the window is known, and so the whole is the summary's figure;
        // when each came within it is not.
        const double each =
            r.output_tokens ? static_cast<double>(*r.output_tokens) / static_cast<double>(r.events)
                            : per_event;
        rate->spread_inside(static_cast<double>(r.window_events) * each, *first, *last);
    }
    return rate;
}

/// What each request that completed counts for, at its end.
template <class Weight>
std::unique_ptr<figure_sample> rate_of_ends(const measured_level& level, const Weight& weight) {
    auto rate = std::make_unique<window_rate>(level);
    for (const request_record& r : level.requests) {
        const auto end = r.moments.get(moment::end);
        if (r.from_cache || r.ended != outcome::completed || !end) continue;
        rate->spread(weight(r), *end, *end);
    }
    return rate;
}

std::unique_ptr<figure_sample> request_rate(const measured_level& level) {
    return rate_of_ends(level, [](const request_record&) { return 1.0; });
}

/// Of embeddings; null of anything else.
std::unique_ptr<figure_sample> input_rate(const measured_level& level) {
    if (!level.summary.inputs_per_second) return nullptr;
    return rate_of_ends(level,
                        [](const request_record& r) { return static_cast<double>(r.inputs); });
}

sparse_histogram gaps_of(const request_record& r) {
    return r.gaps;
}

/// "p95": 0.95
std::optional<double> quantile_named(std::string_view name) {
    constexpr std::array known = {
        std::pair{std::string_view{"p50"}, 0.50}, std::pair{std::string_view{"p90"}, 0.90},
        std::pair{std::string_view{"p95"}, 0.95}, std::pair{std::string_view{"p99"}, 0.99}};
    for (const auto& [text, p] : known) {
        if (text == name) return p;
    }
    return std::nullopt;
}

}  // namespace

std::size_t group_size(std::size_t n, std::size_t streams) noexcept {
    const std::size_t wanted =
        std::max({std::size_t{1}, streams, (n + most_groups - 1) / most_groups});
    return std::clamp(n / fewest_groups, std::size_t{1}, wanted);
}

std::unique_ptr<figure_sample> sample_of(std::string_view name, const measured_level& level) {
    if (name == "throughput.output_tokens_per_second") return token_rate(level);
    if (name == "throughput.requests_per_second") return request_rate(level);
    if (name == "throughput.inputs_per_second") return input_rate(level);
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return nullptr;
    const std::string_view metric = name.substr(0, dot);
    const auto p = quantile_named(name.substr(dot + 1));
    if (!p) return nullptr;
    if (metric == "event_gap_ms") return std::make_unique<gap_quantile>(gaps_of, *p, level);
    if (metric == "itl_ms") return std::make_unique<gap_quantile>(measure::itl_of, *p, level);
    const measure::request_metric* of = measure::request_metric_named(metric);
    if (of == nullptr || of->of == nullptr) return nullptr;
    return std::make_unique<request_quantile>(*of, *p, level);
}

}  // namespace lmstress::analyze
