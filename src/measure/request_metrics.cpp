#include "measure/request_metrics.hpp"

#include "measure/distribution.hpp"
#include "measure/in_flight.hpp"
#include "measure/tpot.hpp"

#include <algorithm>
#include <array>

namespace lmstress::measure {
namespace {

using value = std::optional<double>;

double to_ms(nanoseconds ns) {
    return static_cast<double>(ns.count()) / 1e6;
}

value span_ms(const request_record& r, moment from, moment to) {
    const auto span = r.moments.between(from, to);
    return span ? value{to_ms(*span)} : std::nullopt;
}

bool completed(const request_record& r) {
    return r.ended == outcome::completed;
}

// The formulae, in the words of docs/metrics.md.

value connect_ms(const request_record& r) {
    return span_ms(r, moment::connect_start, moment::connect_end);
}
value send_lag_ms(const request_record& r) {
    const auto lag = send_lag_of(r);
    return lag ? value{to_ms(*lag)} : std::nullopt;
}
value headers_ms(const request_record& r) {
    return span_ms(r, moment::send_start, moment::headers);
}
value first_event_ms(const request_record& r) {
    return span_ms(r, moment::send_start, moment::first_event);
}
value load_ms(const request_record& r) {
    return span_ms(r, moment::load_start, moment::load_end);
}
value queue_ms(const request_record& r) {
    const value wait = span_ms(r, moment::send_end, moment::prefill_start);
    if (!wait) return std::nullopt;
    // llama.cpp's own time is in whole milliseconds, so the difference can be a little under zero.
    return std::max(0.0, *wait - load_ms(r).value_or(0.0));
}
value prefill_ms(const request_record& r) {
    return span_ms(r, moment::prefill_start, moment::prefill_end);
}
value ttft_ms(const request_record& r) {
    return span_ms(r, moment::send_start, moment::first_token);
}
value ttft_intended_ms(const request_record& r) {
    return span_ms(r, moment::intended, moment::first_token);
}
value ttfa_ms(const request_record& r) {
    return span_ms(r, moment::send_start, moment::first_answer);
}
value tpot_ms(const request_record& r) {
    return completed(r) ? tpot_ms_of(r) : std::nullopt;
}
value e2e_ms(const request_record& r) {
    return completed(r) ? span_ms(r, moment::send_start, moment::end) : std::nullopt;
}
value e2e_intended_ms(const request_record& r) {
    return completed(r) ? span_ms(r, moment::intended, moment::end) : std::nullopt;
}
value stream_tokens_per_second(const request_record& r) {
    const value tpot = tpot_ms(r);
    return tpot && *tpot > 0 ? value{1000.0 / *tpot} : std::nullopt;
}
value prefill_tokens_per_second(const request_record& r) {
    const value span = prefill_ms(r);
    if (!span || *span <= 0 || !r.input_tokens) return std::nullopt;
    const std::uint64_t cached = std::min(r.cached_tokens.value_or(0), *r.input_tokens);
    return static_cast<double>(*r.input_tokens - cached) / *span * 1000.0;
}
value round_trip_ms(const request_record& r) {
    return r.connection ? value{to_ms(r.connection->round_trip)} : std::nullopt;
}
value server_ttft_ms(const request_record& r) {
    return r.server_ttft_ms;
}
value server_tokens_per_second(const request_record& r) {
    return r.server_tokens_per_second;
}

constexpr std::array all = {
    request_metric{"connect_ms", connect_ms},
    request_metric{"send_lag_ms", send_lag_ms},
    request_metric{"headers_ms", headers_ms, moment::send_start},
    request_metric{"first_event_ms", first_event_ms, moment::send_start},
    // A model is loaded once, mostly before the window; it is no latency of the load.
    request_metric{"load_ms", load_ms, {}, true},
    request_metric{"queue_ms", queue_ms},
    request_metric{"prefill_ms", prefill_ms},
    request_metric{"ttft_ms", ttft_ms, moment::send_start},
    request_metric{"ttft_intended_ms", ttft_intended_ms, moment::intended},
    request_metric{"ttfa_ms", ttfa_ms, moment::send_start},
    request_metric{"event_gap_ms", nullptr},
    request_metric{"itl_ms", nullptr},
    request_metric{"tpot_ms", tpot_ms},
    request_metric{"e2e_ms", e2e_ms, moment::send_start},
    request_metric{"e2e_intended_ms", e2e_intended_ms, moment::intended},
    request_metric{"stream_tokens_per_second", stream_tokens_per_second},
    request_metric{"prefill_tokens_per_second", prefill_tokens_per_second},
    request_metric{"server_ttft_ms", server_ttft_ms},
    request_metric{"server_tokens_per_second", server_tokens_per_second},
    request_metric{"round_trip_ms", round_trip_ms},
    request_metric{"tool_call_ms", nullptr},
};

}  // namespace

std::span<const request_metric> request_metrics() noexcept {
    return all;
}

const request_metric* request_metric_named(std::string_view name) noexcept {
    const auto* const at = std::find_if(all.begin(), all.end(),
                                        [&](const request_metric& m) { return m.name == name; });
    return at == all.end() ? nullptr : at;
}

std::optional<double> cut_ms(const request_record& r, const request_metric& m) {
    // What was shed was never sent: it misses an objective, and has no latency.
    if (!m.from || !r.cut || r.ended == outcome::shed) return std::nullopt;
    const auto begin = r.moments.get(*m.from);
    return begin ? value{to_ms(*r.cut - *begin)} : std::nullopt;
}

std::optional<double> ttft_ms_of(const request_record& r) {
    return ttft_ms(r);
}

sparse_histogram itl_of(const request_record& r) {
    switch (r.tokens_from) {
        case token_source::none:
            break;
        case token_source::exact:
            return r.itl.exact().total() > 0 ? r.itl : r.gaps;
        case token_source::events:
            return r.gaps;
        case token_source::average:
            return spread_evenly(r.gaps, tokens_of(r), r.events);
    }
    return {};
}

}  // namespace lmstress::measure
