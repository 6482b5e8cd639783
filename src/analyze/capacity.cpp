#include "analyze/capacity.hpp"

#include "analyze/batch.hpp"
#include "analyze/clause_text.hpp"
#include "analyze/context_use.hpp"
#include "analyze/figure_sample.hpp"
#include "analyze/joined_level.hpp"
#include "analyze/request_phases.hpp"
#include "measure/quantile_interval.hpp"
#include "measure/slo_tally.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

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

limit_found of_slots(const batch_figures& b, const mean_phases& p) {
    const std::uint32_t slots = b.parallel.value_or(b.in_slots.value_or(b.decoding_most));
    return {
        .is = limit::slots,
        .evidence = fmt::format("{} ran at once, {:.1f} requests were there, and {:.0f} % of the "
                                "time to the first token was waiting for a slot.",
                                wire::plural(slots, "stream"), b.in_flight_mean,
                                100 * p.queue_ms / (p.queue_ms + p.prefill_ms)),
        .next_step = fmt::format("More slots would let more run at once, each of them slower: "
                                 "lmstress sweep --parallel {},{} shows what that costs.",
                                 slots, 2 * slots)};
}

limit_found of_prefill(const mean_phases& p) {
    return {.is = limit::prefill,
            .evidence = fmt::format("Of a request's first {:.0f} ms, {:.0f} were the processing of "
                                    "its prompt.",
                                    p.queue_ms + p.prefill_ms, p.prefill_ms),
            .next_step =
                "Shorter prompts, a prefix that the server can keep, or more compute (a "
                "faster GPU) would shorten it; more slots would not."};
}

limit_found of_decode(const batch_figures& b) {
    return {.is = limit::decode,
            .evidence = fmt::format("{:.1f} streams decoded at once on average, and each was too "
                                    "slow.",
                                    b.decoding_mean),
            .next_step =
                "Fewer slots would make each stream faster and let others wait; a smaller "
                "or more quantized model, or faster memory, would make all of them faster."};
}

limit_found of_pool(const measured_level& level, const measured_level& piece) {
    auto full = pool_exhaustion_of(piece);
    if (!full) full = pool_exhaustion_of(level);
    const std::string demand =
        full ? fmt::format(", when {} wanted {} tokens of context together",
                           wire::plural(full->streams, "stream"), full->demand)
             : std::string{};
    const level_summary& l = level.summary;
    return {.is = limit::kv_pool,
            .evidence = fmt::format("{} of {} failed because the pool of the KV cache was full{}.",
                                    l.errors.at("context_exhausted").count,
                                    wire::plural(l.requests.offered, "request"), demand),
            .next_step =
                "A longer context, fewer slots, or shorter prompts and answers would "
                "leave room in it."};
}

/// By what ran and what was there alone.
limit_found of_slots_untold(const batch_figures& b, std::uint32_t slots) {
    limit_found found = of_slots(b, {.queue_ms = 1});
    found.evidence = fmt::format("{} ran at once and {:.1f} requests were there.",
                                 wire::plural(slots, "stream"), b.in_flight_mean);
    return found;
}

/// As the load shows it, else as the server says.
std::optional<std::uint32_t> slots_of(const measured_level& level, const batch_figures& b) {
    if (b.parallel) return b.parallel;
    const auto& told = level.summary.setup.server.parallel.confirmed;
    return told ? std::optional{static_cast<std::uint32_t>(*told)} : std::nullopt;
}

/// It ended more than a few requests, and no fewer than anything else did.
bool exhausts_the_pool(const level_summary& level) {
    const auto at = level.errors.find("context_exhausted");
    if (at == level.errors.end() || 20 * at->second.count <= level.requests.offered) return false;
    return std::none_of(level.errors.begin(), level.errors.end(),
                        [&](const auto& other) { return other.second.count > at->second.count; });
}

/// What of a request was too slow.
enum class slow_part : std::uint8_t { unknown, first_token, tokens, whole };

/// By the name of an SLO's clause, or of a figure that bounds are on.
slow_part part_named(std::string_view name) {
    struct row {
        std::string_view begins;
        slow_part is;
    };
    constexpr row rows[] = {
        {"ttft", slow_part::first_token},  {"ttfa", slow_part::first_token},
        {"queue", slow_part::first_token}, {"prefill", slow_part::first_token},
        {"tpot", slow_part::tokens},       {"itl", slow_part::tokens},
        {"event_gap", slow_part::tokens},  {"stream_tokens_per_second", slow_part::tokens},
        {"e2e", slow_part::whole},
    };
    for (const row& r : rows) {
        if (name.starts_with(r.begins)) return r.is;
    }
    return slow_part::unknown;
}

/// Of the clause that the fewest requests met.
slow_part worst_part(const level_summary& level) {
    if (!level.slo || level.slo->clauses.empty()) return slow_part::unknown;
    const auto& all = level.slo->clauses;
    const auto worst = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.attainment < b.attainment;
    });
    return worst->attainment < 1 ? part_named(worst->name) : slow_part::unknown;
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

std::string_view to_string(limit l) noexcept {
    switch (l) {
        case limit::slots:
            return "slots";
        case limit::prefill:
            return "prefill";
        case limit::decode:
            return "decode";
        case limit::kv_pool:
            return "KV pool";
        case limit::errors:
            return "errors";
        case limit::unknown:
            break;
    }
    return "unknown";
}

limit_found what_limits(const measured_level& beyond, std::string_view bound) {
    return what_limits(beyond, beyond, bound);
}

limit_found what_limits(const measured_level& beyond, const measured_level& piece,
                        std::string_view bound) {
    const level_summary& level = beyond.summary;
    if (exhausts_the_pool(level)) return of_pool(beyond, piece);
    const auto batch = batch_of(piece);
    const auto phases = mean_of(phases_of(beyond));
    const slow_part slow = bound.empty() ? worst_part(level) : part_named(bound);
    if (!batch || !phases || slow == slow_part::unknown) return {};
    const bool of_all =
        slow == slow_part::whole &&
        phases->decode_ms > phases->queue_ms + phases->prefill_ms + phases->unknown_ms;
    if (slow == slow_part::tokens || of_all) return of_decode(*batch);
    if (phases->unknown_ms > 0) {
        // The server does not tell when it took up a prompt.
        return batch->parallel ? of_slots_untold(*batch, *batch->parallel) : limit_found{};
    }
    return phases->queue_ms > phases->prefill_ms ? of_slots(*batch, *phases) : of_prefill(*phases);
}

limit_found what_limits_output(const measured_level& level) {
    if (exhausts_the_pool(level.summary)) return of_pool(level, level);
    auto batch = batch_of(level);
    const auto phases = mean_of(phases_of(level));
    if (!batch || !phases) return {};
    const auto slots = slots_of(level, *batch);
    batch->parallel = slots;
    constexpr double noise = 1.05;
    const bool more = slots && batch->in_flight_mean > noise * *slots;
    if (phases->unknown_ms > 0) {
        if (more) return of_slots_untold(*batch, *slots);
    } else if ((more || !slots) && phases->queue_ms > phases->prefill_ms) {
        return of_slots(*batch, *phases);
    }
    if (phases->decode_ms > phases->queue_ms + phases->prefill_ms + phases->unknown_ms) {
        limit_found found = of_decode(*batch);
        found.evidence = fmt::format(
            "{:.1f} streams decoded at once on average, and more of them made each one slower.",
            batch->decoding_mean);
        return found;
    }
    return phases->prefill_ms > phases->unknown_ms ? of_prefill(*phases) : limit_found{};
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
