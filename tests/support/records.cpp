#include "support/records.hpp"

#include <cmath>
#include <iterator>
#include <optional>
#include <random>
#include <string>

namespace test {

using namespace lmstress;

namespace {

class dice {
  public:
    explicit dice(std::uint64_t seed) : random_(seed) {}

    /// Of any size, small ones as often as large ones.
    std::uint64_t count() { return random_() >> (1 + random_() % 63); }
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    bool half() { return below(2) == 0; }
    double real() { return std::exp(std::uniform_real_distribution<double>{-20, 20}(random_)); }
    /// Up to a few years, so that differences fit.
    nanoseconds time() { return nanoseconds{static_cast<std::int64_t>(count() >> 4U)}; }
    template <class Draw>
    auto perhaps(Draw draw) -> std::optional<decltype(draw())> {
        return half() ? std::optional{draw()} : std::nullopt;
    }
    /// With everything in it that JSON has to escape.
    std::string text() {
        constexpr const char* pieces[] = {"a",  "Z", "9",        " ",    "\"",   "\\",    "\n",
                                          "\t", "/", "\x01\x1f", "ж",    "日本", "\r",    "😀",
                                          "{",  "}", "\x7f",     "null", ":",    "\"e\":"};
        std::string out;
        for (std::uint64_t n = below(20); n > 0; --n) out += pieces[below(std::size(pieces))];
        return out;
    }
    sparse_histogram histogram() {
        sparse_histogram h;
        for (std::uint64_t n = below(8); n > 0; --n) {
            h.record(nanoseconds{static_cast<std::int64_t>(random_() >> (24 + random_() % 40))},
                     static_cast<std::uint32_t>(1 + below(1000)));
        }
        return h;
    }
    request_error error() {
        request_error e{.http_status = half() ? 0 : static_cast<int>(100 + below(500)),
                        .message = text()};
        switch (below(3)) {
            case 0:
                e.kind = static_cast<failure_kind>(below(failure_kind_count));
                break;
            case 1:
                e.timed_out_in = static_cast<phase>(below(phase_count));
                break;
            default:
                break;
        }
        return e;
    }

  private:
    std::mt19937_64 random_;
};

}  // namespace

request_record completed_record(nanoseconds sent, const std::vector<nanoseconds>& tokens) {
    request_record r;
    r.request_id = "r";
    r.ended = outcome::completed;
    for (const moment m : {moment::intended, moment::send_start, moment::send_end}) {
        r.moments.set(m, sent);
    }
    for (const moment m :
         {moment::headers, moment::first_event, moment::first_token, moment::first_answer}) {
        r.moments.set(m, tokens.front());
    }
    r.moments.set(moment::last_token, tokens.back());
    r.moments.set(moment::end, tokens.back());
    r.events = r.window_events = tokens.size();
    r.output_tokens = tokens.size();
    r.tokens_from = token_source::events;
    for (std::size_t i = 1; i < tokens.size(); ++i) r.gaps.record(tokens[i] - tokens[i - 1]);
    return r;
}

request_record random_record(std::uint64_t seed) {
    dice d{seed};
    const auto count = [&] { return d.count(); };
    const auto real = [&] { return d.real(); };
    request_record r;
    r.request_id = d.text();
    r.index = d.count();
    r.level = static_cast<std::uint32_t>(d.below(1U << 31U));
    r.worker = static_cast<std::uint32_t>(d.below(1U << 31U));
    r.phase = d.half() ? run_phase::warmup : run_phase::measured;
    r.ended = static_cast<outcome>(d.below(outcome_count));
    r.error = d.perhaps([&] { return d.error(); });
    for (std::size_t i = 0; i < moment_count; ++i) {
        if (d.half()) r.moments.set(static_cast<moment>(i), d.time());
    }
    if (d.half()) r.moments.set(moment::prefill_start, -d.time());
    r.cut = d.perhaps([&] { return d.time(); });
    r.broke = d.perhaps([&] { return d.time(); });
    r.input_tokens = d.perhaps(count);
    r.asked_tokens = d.perhaps(count);
    r.cached_tokens = d.perhaps(count);
    r.output_tokens = d.perhaps(count);
    r.reasoning_tokens = d.perhaps(count);
    r.tokens_from = static_cast<token_source>(d.below(4));
    r.events = d.count();
    r.window_events = d.count();
    r.coalesced_events = d.count();
    r.unknown_events = d.count();
    r.kernel_stamps = d.count();
    r.user_stamps = d.count();
    r.user_events = d.half() ? d.count() : 0;
    r.gaps = d.histogram();
    r.itl = d.histogram();
    for (std::uint64_t n = d.below(5); n > 0; --n) r.event_times.push_back(d.time());
    if (d.half()) {
        r.turn = conversation_turn{d.count(), static_cast<std::uint32_t>(d.below(1000)),
                                   static_cast<std::uint32_t>(d.below(1000))};
    }
    for (std::uint64_t n = d.below(3); n > 0; --n) {
        const auto time = [&] { return d.time(); };
        r.tool_calls.push_back({d.text(), d.time(), d.perhaps(time), d.perhaps(time), d.half()});
    }
    if (d.half()) r.tool_gaps = d.time();
    r.cache_creation_tokens = d.perhaps(count);
    if (d.half()) r.draft = draft_counts{d.count(), d.count(), d.count(), d.count(), d.text()};
    r.stop_reason = d.text();
    if (d.half()) {
        r.engine = engine_facts{d.text(), d.text(), d.text(), d.perhaps(count), d.text(), d.text()};
    }
    if (d.half()) r.inputs = 1 + seed % 64;
    if (d.half()) r.vector_size = 1 + seed % 4096;
    r.finish_reason = d.text();
    r.answered_by = d.text();
    r.model_mismatch = d.half();
    r.connection_reused = d.half();
    if (d.half()) {
        r.connection = connection_figures{d.time(), static_cast<std::uint32_t>(d.below(9)),
                                          static_cast<std::uint32_t>(d.below(9)),
                                          static_cast<std::uint32_t>(d.below(3))};
    }
    r.retries = static_cast<std::uint32_t>(d.below(5));
    r.server_ttft_ms = d.perhaps(real);
    r.server_tokens_per_second = d.perhaps(real);
    r.server_load_ms = d.perhaps(real);
    r.from_cache = d.below(10) == 0;
    return r;
}

level_setup level_setup_of(std::uint32_t index, std::uint32_t concurrency) {
    return {.index = index,
            .target = {"http://127.0.0.1:1234", "lmstudio", "google/gemma-4-e4b"},
            .server = {},
            .concurrency = concurrency};
}

}  // namespace test
