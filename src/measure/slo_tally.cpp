#include "measure/slo_tally.hpp"

#include "measure/goodput.hpp"
#include "measure/quantile_interval.hpp"
#include "measure/tpot.hpp"

#include <algorithm>

namespace lmstress::measure {
namespace {

std::optional<nanoseconds> value_of(const request_record& r, slo_metric m, moment from) {
    switch (m) {
        case slo_metric::ttft:
            return r.moments.between(from, moment::first_token);
        case slo_metric::ttfa:
            return r.moments.between(from, moment::first_answer);
        case slo_metric::tpot: {
            const auto ms = tpot_ms_of(r);
            if (!ms) return std::nullopt;
            return nanoseconds{static_cast<nanoseconds::rep>(*ms * 1e6)};
        }
        case slo_metric::itl_max:
            if (r.gaps.exact().total() == 0) return std::nullopt;
            return nanoseconds{r.gaps.exact().max_ns};
        case slo_metric::e2e:
            return r.moments.between(from, moment::end);
    }
    return std::nullopt;
}

bool needs_several_tokens(slo_metric m) {
    return m == slo_metric::tpot || m == slo_metric::itl_max;
}

}  // namespace

bool meets(const request_record& r, slo_metric clause, nanoseconds below, moment from) {
    if (const auto value = value_of(r, clause, from)) {
        // Of an answer that broke off, only what was over by then is known.
        const bool over = r.ended == outcome::completed || clause == slo_metric::ttft ||
                          clause == slo_metric::ttfa;
        return over && *value < below;
    }
    return needs_several_tokens(clause) && r.ended == outcome::completed;
}

bool meets_all(const request_record& r, const slo_limits& limits, moment from) {
    bool all = r.ended == outcome::completed;
    for (std::size_t i = 0; i < slo_metric_count; ++i) {
        if (limits.below[i])
            all = all && meets(r, static_cast<slo_metric>(i), *limits.below[i], from);
    }
    return all;
}

std::optional<interval> around_attainment(double attainment, std::uint64_t offered) {
    if (offered == 0) return std::nullopt;
    const share_interval found = share_around(attainment, static_cast<double>(offered));
    return interval{found.low, found.high};
}

void slo_tally::add(const request_record& r) {
    ++offered_;
    for (std::size_t i = 0; i < slo_metric_count; ++i) {
        if (!limits_.below[i]) continue;
        clause_met_[i] += meets(r, static_cast<slo_metric>(i), *limits_.below[i], from_);
    }
    met_ += meets_all(r, limits_, from_);
}

void slo_tally::note_end(const request_record& r) {
    const auto end = r.moments.get(moment::end);
    if (limits_.any() && end && meets_all(r, limits_, from_)) good_ends_.push_back(*end);
}

std::optional<slo_summary> slo_tally::result(const level_course& course) const {
    if (!limits_.any()) return std::nullopt;
    const auto share = [&](std::uint64_t met) {
        return offered_ == 0 ? 0.0 : static_cast<double>(met) / static_cast<double>(offered_);
    };
    slo_summary s;
    s.met = met_;
    s.attainment = share(met_);
    s.ci95 = around_attainment(s.attainment, offered_);
    if (course.window_begin && course.window_end) {
        if (const auto g = goodput_of(good_ends_, *course.window_begin, *course.window_end)) {
            s.goodput_per_second = g->per_second;
            s.goodput_ci95 = g->ci95;
        }
    }
    for (std::size_t i = 0; i < slo_metric_count; ++i) {
        if (!limits_.below[i]) continue;
        const double attained = share(clause_met_[i]);
        s.clauses.push_back({slo_metric_words[i],
                             static_cast<double>(limits_.below[i]->count()) / 1e6, clause_met_[i],
                             attained, around_attainment(attained, offered_)});
    }
    return s;
}

}  // namespace lmstress::measure
