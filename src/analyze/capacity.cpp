#include "analyze/capacity.hpp"

#include "analyze/clause_text.hpp"
#include "analyze/figure_sample.hpp"
#include "analyze/joined_level.hpp"
#include "measure/quantile_interval.hpp"
#include "measure/slo_tally.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace lmstress::analyze {
namespace {

constexpr std::size_t stretches = 20;

/// Whether each request of the window met the objective, in the order of the sends.
std::vector<double> met_in_order(const measured_level& level) {
    const level_setup& s = level.summary.setup;
    const moment from = s.open ? moment::intended : moment::send_start;
    std::vector<std::pair<std::int64_t, double>> all;
    for (const request_record& r : level.requests) {
        if (r.phase != run_phase::measured || r.from_cache) continue;
        const auto at = r.moments.get(s.open ? moment::intended : moment::send_start);
        all.emplace_back(at.value_or(nanoseconds{0}).count(),
                         measure::meets_all(r, s.slo, from) ? 1.0 : 0.0);
    }
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<double> out;
    for (const auto& [at, met] : all) out.push_back(met);
    return out;
}

double mean_of(std::span<const double> values) {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / static_cast<double>(values.size());
}

/// Of the throughput; 0 where there is too little to say.
double throughput_error(const measured_level& level) {
    const auto sample = sample_of("throughput.output_tokens_per_second", level);
    if (!sample || sample->groups() < 3) return 0;
    const std::size_t n = sample->groups();
    std::vector<double> left_out;
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<std::uint32_t> times(n, 1);
        times[i] = 0;
        if (const auto v = sample->value(times)) left_out.push_back(*v);
    }
    if (left_out.size() < n) return 0;
    const double mean = mean_of(left_out);
    double squares = 0;
    for (const double v : left_out) squares += (v - mean) * (v - mean);
    return std::sqrt(squares * static_cast<double>(n - 1) / static_cast<double>(n));
}

}  // namespace

std::optional<interval> attainment_interval(const measured_level& level) {
    if (!level.summary.setup.slo.any()) return std::nullopt;
    const std::vector<double> met = met_in_order(level);
    if (met.empty()) return std::nullopt;
    const double share = mean_of(met);
    const auto apart = measure::share_around(share, static_cast<double>(met.size()));
    interval out{apart.low, apart.high};
    if (met.size() < 2 * stretches) return out;
    std::vector<double> means;
    for (std::size_t i = 0; i < stretches; ++i) {
        const std::size_t begin = i * met.size() / stretches;
        const std::size_t end = (i + 1) * met.size() / stretches;
        means.push_back(mean_of(std::span{met}.subspan(begin, end - begin)));
    }
    const double middle = mean_of(means);
    double squares = 0;
    for (const double m : means) squares += (m - middle) * (m - middle);
    constexpr double n = stretches;
    const double half = measure::student_bound(n - 1) * std::sqrt(squares / (n - 1) / n);
    out.low = std::max(0.0, std::min(out.low, share - half));
    out.high = std::min(1.0, std::max(out.high, share + half));
    return out;
}

step_judgement judge_attainment(const measured_level& level, double attainment) {
    const auto around = attainment_interval(level);
    if (!around) return step_verdict::undecided;
    if (around->low >= attainment) return step_verdict::holds;
    if (around->high < attainment) return step_verdict::fails;
    return {step_verdict::undecided,
            level.summary.slo && level.summary.slo->attainment >= attainment};
}

step_judgement judge_errors(const level_summary& level, double most) {
    const auto offered = static_cast<double>(level.requests.offered);
    const auto errors = static_cast<double>(level.requests.failed + level.requests.timed_out);
    if (offered == 0) return step_verdict::undecided;
    if (errors == 0) return step_verdict::holds;
    const auto around = measure::share_around(errors / offered, offered);
    if (around.low > most) return step_verdict::fails;
    if (around.high <= most) return step_verdict::holds;
    return {step_verdict::undecided, errors <= most * offered};
}

std::optional<double> capacity_hunt::next() const {
    if (out_of_time_) return std::nullopt;
    return pieces_.empty() ? search_.next() : std::optional{steps_.back().load};
}

void capacity_hunt::told(measured_level piece, nanoseconds took, bool server_busy) {
    knew(std::move(piece), took, server_busy);
    heed_time();
}

void capacity_hunt::knew(measured_level piece, nanoseconds took, bool server_busy) {
    const auto load = next();
    if (!load) return;
    const level_course& c = piece.summary.course;
    const nanoseconds window =
        c.window_begin && c.window_end ? *c.window_end - *c.window_begin : nanoseconds{0};
    if (pieces_.empty()) begin_step(*load);
    capacity_step& step = steps_.back();
    step.last = piece;
    pieces_.push_back(std::move(piece));
    step.level = joined(pieces_);
    const step_judgement judged = judge_(step.level);
    step.verdict = judged.verdict;
    step.leans = judged.leans;
    ++step.pieces;
    step.length += window;
    step.server_busy = step.server_busy || server_busy;
    spent_ += took;
    longest_piece_ = std::max(longest_piece_, took);
    const bool may_go_on = window > nanoseconds{0} && step.length + window <= settings_.step_limit;
    if (step.verdict != step_verdict::undecided || !may_go_on) close_step();
}

void capacity_hunt::were_busy(std::size_t first) {
    for (std::size_t i = first; i < steps_.size(); ++i) steps_[i].server_busy = true;
}

void capacity_hunt::heed_time() {
    if (spent_ + longest_piece_ <= settings_.max_time || !next()) return;
    out_of_time_ = true;
    if (pieces_.empty()) return;
    steps_.back().cut_short = true;
    close_step();
}

void capacity_hunt::begin_step(double load) {
    const auto before = std::find_if(steps_.rbegin(), steps_.rend(),
                                     [&](const capacity_step& s) { return s.load == load; });
    capacity_step step{.load = load, .level = {}};
    if (before != steps_.rend()) {
        step.earlier = before->earlier + before->length;
        step.server_busy = before->server_busy;
        pieces_.push_back(before->level);
    }
    steps_.push_back(std::move(step));
}

void capacity_hunt::close_step() {
    pieces_.clear();
    search_.told({steps_.back().verdict, steps_.back().leans});
}

std::vector<load_point> load_points(std::span<const loaded_level> levels) {
    std::map<double, std::vector<load_point>> by_load;
    for (const auto& [load, level] : levels) {
        const level_summary& l = level->summary;
        if (l.output_tokens_per_second <= 0) continue;
        const double n = l.setup.open ? l.load.value_or(load_figures{}).in_flight_mean : load;
        if (n <= 0) continue;
        by_load[load].push_back({n, l.output_tokens_per_second, throughput_error(*level)});
    }
    std::vector<load_point> out;
    for (const auto& [load, all] : by_load) {
        load_point p;
        const auto k = static_cast<double>(all.size());
        double squares = 0;
        for (const load_point& one : all) {
            p.n += one.n / k;
            p.x += one.x / k;
            squares += one.error * one.error;
        }
        p.error = std::sqrt(squares) / k;
        out.push_back(p);
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.n < b.n; });
    return out;
}

std::vector<load_point> load_points(std::span<const capacity_step> steps) {
    std::map<double, const capacity_step*> by_load;  // the last time has those before in it
    for (const capacity_step& s : steps) by_load[s.load] = &s;
    std::vector<loaded_level> levels;
    for (const auto& [load, step] : by_load) levels.push_back({load, &step->level});
    return load_points(levels);
}

std::vector<clause_capacity> by_clause(std::span<const capacity_step> steps, double attainment) {
    // A load that was tested again has all that was measured of it in its last step.
    std::map<double, const slo_summary*> by_load;
    for (const capacity_step& s : steps) {
        if (s.level.summary.slo) by_load[s.load] = &*s.level.summary.slo;
    }
    std::vector<clause_capacity> out;
    for (const auto& [load, slo] : by_load) {
        if (out.empty()) {
            for (const slo_clause& c : slo->clauses) out.push_back({clause_text(c), {}, {}});
        }
        for (std::size_t i = 0; i < out.size() && i < slo->clauses.size(); ++i) {
            if (out[i].fails) continue;  // what holds beyond a load that fails does so by chance
            (slo->clauses[i].attainment >= attainment ? out[i].holds : out[i].fails) = load;
        }
    }
    return out;
}

}  // namespace lmstress::analyze
