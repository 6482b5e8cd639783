#include "analyze/request_phases.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace lmstress::analyze {
namespace {

double ms(nanoseconds d) {
    return static_cast<double>(d.count()) / 1e6;
}

nanoseconds not_negative(nanoseconds d) {
    return std::max(d, nanoseconds{0});
}

/// Tokens and the time that they took, by depth.
class speeds {
  public:
    void add(double depth, double tokens, nanoseconds took) {
        if (tokens <= 0 || took <= nanoseconds{0}) return;
        const auto at = static_cast<std::uint64_t>(std::max(depth, 0.0));
        cell& c = by_depth_[at < 2 ? 0 : std::bit_floor(at)];
        c.tokens += tokens;
        c.seconds += static_cast<double>(took.count()) / 1e9;
    }
    [[nodiscard]] std::vector<prefill_speed> result() const {
        std::vector<prefill_speed> out;
        for (const auto& [from, c] : by_depth_) {
            out.push_back({from, c.tokens / c.seconds, static_cast<std::uint64_t>(c.tokens)});
        }
        return out;
    }

  private:
    struct cell {
        double tokens = 0;
        double seconds = 0;
    };
    std::map<std::uint64_t, cell> by_depth_;
};

void add_prompt(const request_record& r, speeds& to) {
    const auto start = r.moments.get(moment::prefill_start);
    const auto end = r.moments.get(moment::prefill_end);
    if (!start || !r.input_tokens) return;
    const double cached =
        static_cast<double>(std::min(r.cached_tokens.value_or(0), *r.input_tokens));
    const double fresh = static_cast<double>(*r.input_tokens) - cached;
    if (r.prefill.empty()) {
        if (end) to.add(cached + fresh / 2, fresh, *end - *start);
        return;
    }
    nanoseconds at = *start;
    double done = 0;
    for (const prefill_point& p : r.prefill) {
        const double now = static_cast<double>(p.millionths) / 1e6 * fresh;
        // Servers say some of it twice, and the beginning as a step of its own.
        if (now > done && p.at > at) to.add(cached + (done + now) / 2, now - done, p.at - at);
        if (now > done || now == 0) at = std::max(at, p.at);
        done = std::max(done, now);
    }
}

}  // namespace

std::optional<request_phases> phases_of(const request_record& r, nanoseconds zero) {
    const auto sent = r.moments.get(moment::send_start);
    const auto first = r.moments.get(moment::first_token);
    const auto last = r.moments.get(moment::last_token);
    if (!sent || !first || !last || r.from_cache) return std::nullopt;
    request_phases p{.index = r.index, .begin = *sent - zero, .decode = *last - *first};
    const auto prompt = r.moments.get(moment::prefill_start);
    const auto load = r.moments.get(moment::load_start);
    const auto loaded = r.moments.get(moment::load_end);
    nanoseconds at = *sent;
    if (load && loaded) {
        p.queue = not_negative(*load - at);
        p.load = *loaded - *load;
        at = *loaded;
    }
    if (prompt) {
        p.queue += not_negative(*prompt - at);
        p.prefill = not_negative(*first - std::max(*prompt, at));
    } else {
        p.unknown = not_negative(*first - at);
    }
    return p;
}

std::vector<request_phases> phases_of(const measured_level& level) {
    std::vector<request_phases> out;
    const nanoseconds zero = level.summary.course.window_begin.value_or(nanoseconds{0});
    for (const request_record& r : level.requests) {
        if (r.phase != run_phase::measured) continue;
        if (const auto p = phases_of(r, zero)) out.push_back(*p);
    }
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return out;
}

std::optional<mean_phases> mean_of(const std::vector<request_phases>& all) {
    if (all.empty()) return std::nullopt;
    const auto is_told = [](const request_phases& p) { return p.unknown == nanoseconds{0}; };
    const auto told = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_told));
    const bool most_told = 2 * told >= all.size();
    mean_phases out{.requests = most_told ? told : all.size() - told, .of = all.size()};
    const double share = 1.0 / static_cast<double>(out.requests);
    for (const request_phases& p : all) {
        if (is_told(p) != most_told) continue;
        out.queue_ms += ms(p.queue) * share;
        out.load_ms += ms(p.load) * share;
        out.prefill_ms += ms(p.prefill) * share;
        out.decode_ms += ms(p.decode) * share;
        out.unknown_ms += ms(p.unknown) * share;
    }
    return out;
}

std::vector<prefill_speed> prefill_by_depth(const measured_level& level) {
    speeds all;
    for (const request_record& r : level.requests) add_prompt(r, all);
    return all.result();
}

}  // namespace lmstress::analyze
