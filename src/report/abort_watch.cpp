#include "report/abort_watch.hpp"

#include "measure/error_kind.hpp"
#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lmstress::report {
namespace {

using order = threshold::order;

bool wants_less(const threshold& t) {
    return t.wanted == order::less || t.wanted == order::less_or_equal;
}

std::optional<double> share_of(std::string_view quantile) {
    constexpr std::array<std::pair<std::string_view, double>, 4> known = {
        {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}}};
    for (const auto& [name, share] : known) {
        if (name == quantile) return share;
    }
    return std::nullopt;
}

/// What a count of requests counts; empty where single requests do not decide it.
std::function<bool(const request_record&)> counted_by(const std::vector<std::string>& path) {
    if (path.size() == 2 && path[0] == "requests") {
        const auto ended = outcome_named(path[1]);
        const bool harm = ended == outcome::failed || ended == outcome::timed_out ||
                          ended == outcome::shed || ended == outcome::censored;
        if (harm) return [ended](const request_record& r) { return r.ended == ended; };
    }
    if (path.size() == 3 && path[0] == "errors") {
        return [kind = path[1]](const request_record& r) {
            return r.error && measure::error_kind(*r.error) == kind;
        };
    }
    return {};
}

}  // namespace

abort_watch::abort_watch(std::span<const threshold> of, const slo_limits& slo, moment from)
    : slo_(slo), from_(from) {
    for (const threshold& t : of) {
        if (auto known = tally_of(t)) tallies_.push_back(*std::move(known));
    }
}

std::optional<abort_watch::tally> abort_watch::tally_of(const threshold& t) const {
    std::vector<std::string> path = t.path;
    if (path.front() == "metrics") path.erase(path.begin());
    if (path == std::vector<std::string>{"slo", "attainment"}) {
        if (!slo_.any() || wants_less(t)) return std::nullopt;
        return tally{.of = &t, .is = kind::attainment};
    }
    if (auto counts = counted_by(path)) {
        if (!wants_less(t)) return std::nullopt;
        return tally{.of = &t, .is = kind::count, .counts = std::move(counts)};
    }
    if (path.size() != 2) return std::nullopt;
    const measure::request_metric* metric = measure::request_metric_named(path[0]);
    if (metric == nullptr || metric->of == nullptr || metric->in_warmup_too) return std::nullopt;
    if (const auto p = share_of(path[1])) {
        return tally{.of = &t, .is = kind::quantile, .metric = metric, .p = *p};
    }
    const bool less = wants_less(t);
    if (path[1] == (less ? "max" : "min")) {
        return tally{.of = &t, .is = kind::extreme, .metric = metric};
    }
    if (path[1] == "mean" && less) return tally{.of = &t, .is = kind::mean, .metric = metric};
    return std::nullopt;
}

void abort_watch::add(const request_record& r) {
    if (r.phase != run_phase::measured || r.from_cache) return;
    ++ended_;
    for (tally& t : tallies_) {
        switch (t.is) {
            case kind::attainment:
                t.bad += !measure::meets_all(r, slo_, from_);
                break;
            case kind::count:
                t.bad += t.counts(r);
                break;
            case kind::quantile:
            case kind::extreme:
            case kind::mean:
                add_value(t, r);
                break;
        }
    }
}

void abort_watch::add_value(tally& t, const request_record& r) const {
    if (const auto value = t.metric->of(r)) {
        ++t.sample;
        t.sum += *value;
        t.bad += !holds(*t.of, *value);
        return;
    }
    // Only quantiles take those that were cut. They would have come to more than they were seen to.
    if (t.is != kind::quantile) return;
    if (const auto cut = measure::cut_ms(r, *t.metric)) {
        ++t.sample;
        t.bad += wants_less(*t.of) && !holds(*t.of, *cut);
    }
}

bool abort_watch::is_lost(const tally& t, std::uint64_t remaining) const {
    const std::uint64_t all = t.sample + remaining;
    switch (t.is) {
        case kind::quantile: {
            // The bad ones are the greatest of the sample, or where more is wanted the least.
            const bool less = wants_less(*t.of);
            const double share = less ? 1 - t.p : t.p;
            if (static_cast<double>(t.bad) <= share * static_cast<double>(all)) return false;
            const auto ranks = measure::ranks_around(t.p, all);
            return less ? ranks.low && all - t.bad < *ranks.low
                        : ranks.high && t.bad >= *ranks.high;
        }
        case kind::extreme:
            return t.bad > 0;
        case kind::mean:
            return t.sample > 0 && !holds(*t.of, t.sum / static_cast<double>(all));
        case kind::attainment: {
            const auto offered = static_cast<double>(ended_ + remaining);
            const auto met = static_cast<double>(ended_ + remaining - t.bad);
            if (t.bad == 0 || holds(*t.of, met / offered)) return false;
            return !holds(*t.of, measure::share_around(met / offered, offered).high);
        }
        case kind::count:
            return t.bad > 0 && !holds(*t.of, static_cast<double>(t.bad));
    }
    return false;
}

const threshold* abort_watch::lost(std::uint64_t most) const {
    const std::uint64_t remaining = most > ended_ ? most - ended_ : 0;
    const auto at = std::find_if(tallies_.begin(), tallies_.end(),
                                 [&](const tally& t) { return is_lost(t, remaining); });
    return at == tallies_.end() ? nullptr : at->of;
}

}  // namespace lmstress::report
