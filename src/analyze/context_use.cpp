#include "analyze/context_use.hpp"

#include "measure/tpot.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace lmstress::analyze {
namespace {

bool failed_as(const request_record& r, failure_kind kind) {
    return r.ended == outcome::failed && r.error && r.error->kind == kind;
}

std::optional<nanoseconds> end_of(const request_record& r) {
    if (r.broke) return r.broke;
    if (const auto end = r.moments.get(moment::end)) return end;
    return r.cut;
}

/// Tokens of a request that had arrived by then, spread evenly where their times were not kept.
double tokens_by(const request_record& r, nanoseconds at) {
    const auto first = r.moments.get(moment::first_token);
    const auto last = r.moments.get(moment::last_token);
    if (!first || !last || at < *first) return 0;
    const auto all = static_cast<double>(std::max(measure::tokens_of(r), r.events));
    if (at >= *last) return all;
    if (!r.event_times.empty()) {
        const auto n = std::upper_bound(r.event_times.begin(), r.event_times.end(), at) -
                       r.event_times.begin();
        return all * static_cast<double>(n) / static_cast<double>(r.event_times.size());
    }
    return all * static_cast<double>((at - *first).count()) /
           static_cast<double>((*last - *first).count());
}

/// The one that a stream waits for then, which is what did not fit.
double next_token(const request_record& r, nanoseconds at) {
    const auto first = r.moments.get(moment::first_token);
    const auto last = r.moments.get(moment::last_token);
    const bool all_there = r.ended == outcome::completed && last && *last <= at;
    return first && *first <= at && !all_there ? 1 : 0;
}

/// It has a slot then: its prompt was taken up before, and it has not ended. One that is taken up
/// at that time has the place of one that ended.
bool runs_at(const request_record& r, nanoseconds at) {
    const auto start = r.moments.has(moment::prefill_start) ? r.moments.get(moment::prefill_start)
                                                            : r.moments.get(moment::first_token);
    const auto end = end_of(r);
    return start && *start < at && (!end || *end >= at);
}

/// How long prompts are that the server did not count, as those of requests that failed: as those
/// that it counted, on average, or as much longer than was asked for.
struct usual_prompt {
    double tokens = 0;
    double beyond_asked = 0;
    [[nodiscard]] double of(const request_record& r) const {
        if (r.input_tokens) return static_cast<double>(*r.input_tokens);
        return r.asked_tokens ? static_cast<double>(*r.asked_tokens) + beyond_asked : tokens;
    }
};

usual_prompt usual_prompt_of(const measured_level& level) {
    usual_prompt out;
    double counted = 0;
    double asked = 0;
    for (const request_record& r : level.requests) {
        if (!r.input_tokens) continue;
        const auto tokens = static_cast<double>(*r.input_tokens);
        out.tokens += (tokens - out.tokens) / ++counted;
        // What was asked for before prompts were calibrated came to other lengths.
        if (!r.asked_tokens || r.phase != run_phase::measured) continue;
        const double more = tokens - static_cast<double>(*r.asked_tokens);
        out.beyond_asked += (more - out.beyond_asked) / ++asked;
    }
    return out;
}

bool ended_for_length(const request_record& r) {
    for (const std::string_view word : {"length", "max_tokens", "contextLengthReached",
                                        "maxPredictedTokensReached", "max_output_tokens"}) {
        if (r.finish_reason == word || r.stop_reason == word) return true;
    }
    return false;
}

std::uint64_t whole_of(const request_record& r) {
    return r.input_tokens.value_or(0) + r.output_tokens.value_or(0);
}

/// Engines end an answer where its next token would not fit, or a few before.
constexpr std::uint64_t near_full = 4;

bool fills(const request_record& r, std::uint64_t context) {
    return whole_of(r) <= context && whole_of(r) + near_full >= context;
}

/// The context of a stream, where requests fill it and none goes beyond. What the server tells is
/// the whole; without a unified KV cache a stream may have a share of it, or all.
std::optional<std::uint64_t> filled_context(const measured_level& level) {
    const server_settings& s = level.summary.setup.server;
    const std::uint64_t all = s.context_length.confirmed.value_or(0);
    if (all == 0 || s.context_length.source == llama_cpp_props) return std::nullopt;
    std::uint64_t longest = 0;
    const request_record* at = nullptr;
    for (const request_record& r : level.requests) {
        // A prompt that was refused is as long as it likes.
        if (r.ended != outcome::completed || whole_of(r) <= longest) continue;
        longest = whole_of(r);
        at = &r;
    }
    if (at == nullptr) return std::nullopt;
    const bool shared = s.unified_kv.confirmed == false && s.parallel.confirmed;
    for (const std::uint64_t context : {shared ? all / *s.parallel.confirmed : all, all}) {
        if (fills(*at, context)) return context;
    }
    return std::nullopt;
}

bool tells_no_reason(const request_record& r) {
    return r.finish_reason.empty() && r.stop_reason.empty();
}

/// Of a pool that is full a server ends all that run, one right after the other; some of them may
/// have been sent before the window.
nanoseconds burst_begin(const measured_level& level, nanoseconds first) {
    constexpr nanoseconds at_once = std::chrono::milliseconds{10};
    nanoseconds begin = first;
    for (const request_record& r : level.requests) {
        if (!failed_as(r, failure_kind::context_exhausted)) continue;
        const auto at = end_of(r);
        if (at && *at >= first - at_once) begin = std::min(begin, *at);
    }
    return begin;
}

}  // namespace

std::optional<pool_exhaustion> pool_exhaustion_of(const measured_level& level) {
    pool_exhaustion out;
    std::optional<nanoseconds> first;
    for (const request_record& r : level.requests) {
        // As the errors of a level are counted.
        if (r.phase != run_phase::measured) continue;
        if (!failed_as(r, failure_kind::context_exhausted)) continue;
        ++out.failed;
        const auto at = end_of(r);
        if (at && (!first || *at < *first)) first = at;
    }
    if (!first) return std::nullopt;
    const usual_prompt usual = usual_prompt_of(level);
    const nanoseconds begin = burst_begin(level, *first);
    double demand = 0;
    for (const request_record& r : level.requests) {
        // What was refused with its prompt never ran, and wanted all of that.
        const auto end = end_of(r);
        const bool refused =
            failed_as(r, failure_kind::context_exhausted) && end && *end >= begin && *end <= *first;
        if (!refused && !runs_at(r, begin)) continue;
        ++out.streams;
        demand += usual.of(r) + tokens_by(r, begin) + next_token(r, begin);
    }
    out.demand = static_cast<std::uint64_t>(std::llround(demand));
    out.at = *first - level.summary.course.window_begin.value_or(nanoseconds{0});
    return out;
}

std::optional<context_limit> context_limit_of(const measured_level& level,
                                              std::uint32_t max_tokens) {
    context_limit out;
    const auto context = filled_context(level);
    for (const request_record& r : level.requests) {
        // Before the window stand also the requests that prompts are calibrated by, of one token.
        if (r.phase != run_phase::measured) continue;
        if (failed_as(r, failure_kind::prompt_too_long)) ++out.prompts;
        if (r.ended != outcome::completed || r.from_cache) continue;
        if (!r.output_tokens || *r.output_tokens >= max_tokens) continue;
        const bool full =
            ended_for_length(r) || (context && tells_no_reason(r) && fills(r, *context));
        if (!full) continue;
        ++out.answers;
        out.tokens = std::max(out.tokens.value_or(0), whole_of(r));
    }
    return out.answers + out.prompts > 0 ? std::optional{out} : std::nullopt;
}

}  // namespace lmstress::analyze
