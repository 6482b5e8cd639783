#include "analyze/batch.hpp"

#include "measure/tpot.hpp"

#include <algorithm>
#include <map>

namespace lmstress::analyze {
namespace {

/// A number of streams that is there for less of the window is an overlap by chance: a last token
/// that came late beside a first one that came early.
constexpr double shown_for = 0.02;
/// As many clients as show the slots, on average over the window.
constexpr double twice = 1.9;

/// So many are there for a good part of the window.
std::uint32_t shown_at_once(const occupancy& o) {
    std::uint32_t n = o.most();
    while (n > 1 && o.share_with_at_least(n) < shown_for) --n;
    return n;
}

/// From a moment of a request to its last token.
std::vector<occupancy::stay> stays_from(moment begin, const measured_level& level) {
    std::vector<occupancy::stay> out;
    for (const request_record& r : level.requests) {
        const auto from = r.moments.get(begin);
        const auto to = r.moments.get(moment::last_token);
        if (from && to && *to > *from && !r.from_cache) out.push_back({*from, *to});
    }
    return out;
}

std::vector<occupancy::stay> in_flight_of(const measured_level& level) {
    std::vector<occupancy::stay> out;
    for (const request_record& r : level.requests) {
        const auto from = r.moments.get(moment::send_start);
        const auto end = r.moments.get(moment::end);
        const auto to = end ? end : r.cut;
        if (from && to && *to > *from && !r.from_cache) out.push_back({*from, *to});
    }
    return out;
}

/// Whether a request was under way at some time of the window.
bool is_in_window(const request_record& r, const level_course& course) {
    const auto from = r.moments.get(moment::send_start);
    const auto end = r.moments.get(moment::end);
    const auto to = end ? end : r.cut ? r.cut : r.broke;
    return from && *from < *course.window_end && (!to || *to > *course.window_begin);
}

/// Tokens that arrived in the window, by user; none for one who asked and got none. Those of a
/// request are spread evenly over its events.
std::map<std::uint32_t, double> tokens_by_user(const measured_level& level) {
    std::map<std::uint32_t, double> out;
    for (const request_record& r : level.requests) {
        if (r.from_cache || !is_in_window(r, level.summary.course)) continue;
        double& tokens = out[r.worker];
        if (r.events == 0) continue;
        tokens += static_cast<double>(measure::tokens_of(r)) *
                  static_cast<double>(r.window_events) / static_cast<double>(r.events);
    }
    return out;
}

/// The slots that the server is known to have, or was asked to have; 0 where nobody said.
double slots_in_question(const server_settings& s) {
    return static_cast<double>(
        std::max(s.parallel.requested.value_or(0), s.parallel.confirmed.value_or(0)));
}

double tokens_of_an_answer(const measured_level& level) {
    double tokens = 0;
    double answers = 0;
    for (const request_record& r : level.requests) {
        if (r.phase != run_phase::measured || r.ended != outcome::completed || r.from_cache)
            continue;
        tokens += static_cast<double>(measure::tokens_of(r));
        answers += 1;
    }
    return answers > 0 ? tokens / answers : 0;
}

/// Whether those that decode at once are all that have a slot. Where the server does not tell when
/// it takes up a prompt, answers that are hardly more tokens than there are streams overlap as far
/// as they are long, and not as far as there are slots.
bool decode_in_all_slots(const measured_level& level, std::uint32_t at_once,
                         const std::optional<std::uint32_t>& in_slots, double slots_at_most) {
    if (in_slots) return *in_slots == at_once;
    return tokens_of_an_answer(level) >= 1.5 * slots_at_most + 2;
}

std::optional<double> jain(const std::map<std::uint32_t, double>& shares) {
    if (shares.size() < 2) return std::nullopt;
    double sum = 0;
    double squares = 0;
    for (const auto& [user, tokens] : shares) {
        sum += tokens;
        squares += tokens * tokens;
    }
    if (squares == 0) return std::nullopt;
    return sum * sum / (static_cast<double>(shares.size()) * squares);
}

}  // namespace

occupancy::occupancy(const std::vector<stay>& stays, nanoseconds begin, nanoseconds end) {
    std::map<nanoseconds, std::int64_t> changes;
    changes[begin];
    for (const stay& s : stays) {
        const nanoseconds from = std::max(s.from, begin);
        const nanoseconds to = std::min(s.to, end);
        if (from >= to) continue;
        ++changes[from];
        --changes[to];
    }
    std::int64_t n = 0;
    std::vector<nanoseconds> lasted;
    for (auto at = changes.begin(); at != changes.end(); ++at) {
        n += at->second;
        const auto number = static_cast<std::uint32_t>(n);
        if (at->first < end || begin == end) steps_.push_back({at->first, number});
        const auto next = std::next(at);
        const nanoseconds until = next == changes.end() ? end : next->first;
        if (lasted.size() <= number) lasted.resize(number + std::size_t{1});
        lasted[number] += until - at->first;
        if (until > at->first) most_ = std::max(most_, number);
    }
    const auto whole = static_cast<double>((end - begin).count());
    for (std::size_t i = 0; i < lasted.size(); ++i) {
        share_.push_back(whole > 0 ? static_cast<double>(lasted[i].count()) / whole : 0);
        mean_ += static_cast<double>(i) * share_.back();
    }
}

double occupancy::share_with_at_least(std::uint32_t n) const noexcept {
    double sum = 0;
    for (std::size_t i = n; i < share_.size(); ++i) sum += share_[i];
    return sum;
}

std::vector<occupancy::stay> decoding_of(const measured_level& level) {
    return stays_from(moment::first_token, level);
}

std::vector<double> decoding_over_time(const measured_level& level, std::size_t parts) {
    const level_course& course = level.summary.course;
    std::vector<double> out;
    if (!course.window_begin || !course.window_end || parts == 0) return out;
    const nanoseconds length = *course.window_end - *course.window_begin;
    if (length <= nanoseconds{0}) return out;
    const auto stays = decoding_of(level);
    const auto border = [&](std::size_t i) {
        return *course.window_begin +
               length * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(parts);
    };
    for (std::size_t i = 0; i < parts; ++i) {
        out.push_back(occupancy{stays, border(i), border(i + 1)}.mean());
    }
    return out;
}

std::optional<batch_figures> batch_of(const measured_level& level) {
    const level_course& course = level.summary.course;
    if (!course.window_begin || !course.window_end || *course.window_begin >= *course.window_end) {
        return std::nullopt;
    }
    const occupancy in_flight{in_flight_of(level), *course.window_begin, *course.window_end};
    const occupancy decoding{decoding_of(level), *course.window_begin, *course.window_end};
    if (decoding.most() == 0) return std::nullopt;
    batch_figures out{.in_flight_mean = in_flight.mean(),
                      .decoding_mean = decoding.mean(),
                      .decoding_most = decoding.most()};
    const std::uint32_t at_once = shown_at_once(decoding);
    const occupancy slots{stays_from(moment::prefill_start, level), *course.window_begin,
                          *course.window_end};
    if (slots.most() > 0) out.in_slots = shown_at_once(slots);
    const double slots_at_most = std::max<double>(slots_in_question(level.summary.setup.server),
                                                  std::max(at_once, out.in_slots.value_or(0)));
    if (in_flight.mean() >= twice * slots_at_most &&
        decode_in_all_slots(level, at_once, out.in_slots, slots_at_most)) {
        out.parallel = at_once;
    }
    // In an open loop nobody is there all along.
    if (!level.summary.setup.open) out.fairness = jain(tokens_by_user(level));
    return out;
}

}  // namespace lmstress::analyze
