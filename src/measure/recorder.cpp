#include "measure/recorder.hpp"

#include "wire/letters.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace lmstress::measure {
namespace {

template <class T>
void keep(std::optional<T>& slot, const std::optional<T>& value) {
    if (value) slot = value;
}

std::optional<double> to_ms(std::optional<double> seconds) {
    const double ms = seconds.value_or(0.0) * 1000.0;
    return seconds && std::isfinite(ms) ? std::optional{ms} : std::nullopt;
}

/// As many token-bearing events as tokens, give or take one: a server may count its end token, or
/// send two tokens at the start together (docs/metrics.md).
bool one_token_each(std::uint64_t tokens, std::uint64_t events) {
    return tokens <= events + 1 && events <= tokens + 1;
}

constexpr nanoseconds slot_timeout_after = std::chrono::seconds{118};
constexpr nanoseconds slot_timeout_before = std::chrono::seconds{125};

/// Another case of the letters is the same model, and "key:2" an instance of "key".
bool names_same_model(std::string_view asked, std::string_view answered) {
    if (asked.empty() || answered.empty()) return true;
    const std::string_view instance_of = answered.substr(0, asked.size());
    const bool whole = answered.size() == instance_of.size() || answered[asked.size()] == ':';
    return whole && wire::same_letters(asked, instance_of);
}

}  // namespace

void recorder::arrived(instant at, clock_source source) {
    now_ = at;
    tokens_in_read_ = 0;
    by_user_ = source == clock_source::user;
    ++(by_user_ ? record_.user_stamps : record_.kernel_stamps);
}

std::string recorder::hidden(std::string_view said) const {
    return options_.hidden != nullptr ? options_.hidden->hidden_in(said) : std::string{said};
}

void recorder::on_frame() {
    record_.moments.set_first(moment::first_event, now_ - options_.run_start);
    frame_has_token_ = false;
}

void recorder::on_event(const stream_event& e) {
    std::visit([this](const auto& known) { take(known); }, e);
}

void recorder::take(const event::opened& e) {
    if (!e.answered_by.empty()) record_.answered_by = hidden(e.answered_by);
}

void recorder::take(const event::load_progress& e) {
    using step = event::load_progress::step;
    if (options_.live != nullptr)
        options_.live->model_loaded(e.at == step::end ? 1 : std::clamp(e.fraction, 0.0, 1.0));
    if (e.at == step::start) set_now(moment::load_start);
    if (e.at == step::end) {
        set_now(moment::load_end);
        keep(record_.server_load_ms, to_ms(e.load_seconds));
    }
}

/// How long ago the server took up the prompt, where it says so and that is not before the send.
nanoseconds recorder::server_time(const event::prefill_progress& e) const {
    const double most = static_cast<double>((now_ - last_sent()).count());
    const double said = e.server_time_ms.value_or(0.0) * 1e6;
    return nanoseconds{said > 0 && said <= most ? static_cast<std::int64_t>(said) : 0};
}

void recorder::take(const event::prefill_progress& e) {
    using step = event::prefill_progress::step;
    switch (e.at) {
        case step::start: {
            // A second prefill, after a tool call, does not move the beginning of the first.
            record_.moments.set_first(moment::prefill_start,
                                      now_ - server_time(e) - options_.run_start);
            break;
        }
        case step::progress:
            note_progress(e);
            break;
        case step::end:
            note_progress(e);
            // Some builds say it twice; the last one before the first token is meant.
            if (!has(moment::first_token)) set_now(moment::prefill_end);
            break;
    }
    keep(record_.input_tokens, e.total);
    keep(record_.cached_tokens, e.cached);
}

void recorder::note_progress(const event::prefill_progress& e) {
    if (!options_.keep_event_times || has(moment::first_token)) return;
    const auto cached = static_cast<double>(e.cached.value_or(0));
    const double to_do = static_cast<double>(e.total.value_or(0)) - cached;
    double share = e.at == event::prefill_progress::step::end ? 1 : e.fraction.value_or(-1);
    if (e.done && to_do > 0) share = (static_cast<double>(*e.done) - cached) / to_do;
    if (share < 0 || share > 1) return;
    record_.prefill.push_back(
        {now_ - options_.run_start, static_cast<std::uint32_t>(std::lround(share * 1e6))});
}

void recorder::take(const event::text& e) {
    in_tool_call_ = e.of == event::text::kind::tool_arguments;
    if (!frame_has_token_) token_event(e);
    if (e.of == event::text::kind::answer) {
        if (options_.answer != nullptr) options_.answer->append(e.content);
        record_.moments.set_first(moment::first_answer, now_ - options_.run_start);
    }
}

void recorder::token_event(const event::text& e) {
    frame_has_token_ = true;
    if (++tokens_in_read_ > 1) ++record_.coalesced_events;
    const bool first = record_.events == 0;
    ++record_.events;
    record_.user_events += by_user_;
    if (options_.measured->contains(now_)) ++record_.window_events;
    if (options_.keep_event_times) record_.event_times.push_back(now_ - options_.run_start);
    if (first) {
        set_now(moment::first_token);
        counted_until_ = now_;
        tokens_so_far_ = e.tokens_so_far.value_or(0);
    } else if (tool_ran_) {
        // What passed was the tool's time and not the model's.
        record_.tool_gaps += now_ - last_token_at_;
        counted_until_ = now_;
        tokens_so_far_ = e.tokens_so_far.value_or(tokens_so_far_);
    } else {
        record_.gaps.record(now_ - last_token_at_);
    }
    if (e.tokens_so_far) {
        ++events_with_count_;
        if (!first && !tool_ran_) exact_tokens(*e.tokens_so_far);
    }
    tool_ran_ = false;
    set_now(moment::last_token);
    last_token_at_ = now_;
    if (options_.live != nullptr) show_token(first);
}

void recorder::show_token(bool first) {
    options_.live->token_event();
    if (!first) return;
    const auto ttft = record_.moments.between(moment::send_start, moment::first_token);
    if (ttft) options_.live->first_token(record_.phase, *ttft);
}

void recorder::exact_tokens(std::uint64_t tokens_so_far) {
    if (tokens_so_far <= tokens_so_far_) return;
    const std::uint64_t tokens = tokens_so_far - tokens_so_far_;
    const auto each = (now_ - counted_until_) / static_cast<std::int64_t>(tokens);
    record_.itl.record(each, static_cast<std::uint32_t>(tokens));
    tokens_so_far_ = tokens_so_far;
    counted_until_ = now_;
}

void recorder::take(const event::vectors& e) {
    has_vectors_ = e.count > 0;
    if (e.size > 0) record_.vector_size = e.size;
    if (record_.inputs == 0 || e.count == record_.inputs) return;
    const auto text = [](std::uint64_t n, const char* of) {
        return std::to_string(n) + of + (n == 1 ? "" : "s");
    };
    fail(failure_kind::bad_frame,
         "the answer to " + text(record_.inputs, " text") + " has " + text(e.count, " vector"));
}

void recorder::take(const event::answer_id& e) {
    answer_id_ = e.id;
}

void recorder::take(const event::tool_call& e) {
    using step = event::tool_call::step;
    in_tool_call_ = e.at == step::start || e.at == step::arguments;
    switch (e.at) {
        case step::start:
            record_.tool_calls.push_back(
                {.name = hidden(e.name), .start = now_ - options_.run_start});
            break;
        case step::arguments:
            if (tool_span* span = tool_under_way(e.name)) span->called = now_ - options_.run_start;
            break;
        case step::success:
        case step::failure:
            end_tool(e.name, e.at == step::failure);
            break;
    }
}

/// The first that has begun and not ended. Not every event says of which tool it is.
tool_span* recorder::tool_under_way(std::string_view name) {
    const std::string shown = hidden(name);
    for (tool_span& span : record_.tool_calls) {
        if (!span.end && !span.failed && (shown.empty() || span.name == shown)) return &span;
    }
    return nullptr;
}

void recorder::end_tool(std::string_view name, bool failed) {
    tool_ran_ = true;
    if (tool_span* span = tool_under_way(name)) {
        span->end = now_ - options_.run_start;
        span->failed = failed;
    } else if (failed) {
        // A call of a tool that there is not fails without having begun.
        record_.tool_calls.push_back(
            {.name = hidden(name), .start = now_ - options_.run_start, .failed = true});
    }
}

void recorder::take(const event::usage& e) {
    keep(record_.input_tokens, e.input_tokens);
    keep(record_.cached_tokens, e.cached_tokens);
    keep(record_.output_tokens, e.output_tokens);
    keep(record_.reasoning_tokens, e.reasoning_tokens);
    keep(record_.cache_creation_tokens, e.cache_creation_tokens);
}

void recorder::take(const event::server_stats& e) {
    keep(record_.server_ttft_ms, to_ms(e.ttft_seconds));
    keep(record_.server_tokens_per_second, e.tokens_per_second);
    keep(record_.server_load_ms, to_ms(e.load_seconds));
    if (!e.stop_reason.empty()) record_.stop_reason = hidden(e.stop_reason);
}

void recorder::take(const event::draft_stats& e) {
    record_.draft = draft_counts{.total = e.total,
                                 .accepted = e.accepted,
                                 .rejected = e.rejected,
                                 .ignored = e.ignored,
                                 .model = hidden(e.model)};
}

void recorder::take(const event::engine_facts& e) {
    record_.engine = engine_facts{.arch = hidden(e.arch),
                                  .quant = hidden(e.quant),
                                  .format = hidden(e.format),
                                  .context_length = e.context_length,
                                  .runtime = hidden(e.runtime),
                                  .runtime_version = hidden(e.runtime_version)};
}

void recorder::take(const event::finish& e) {
    record_.finish_reason.assign(e.reason);
}

void recorder::take(const event::failure& e) {
    fail(e.kind, e.message);
}

void recorder::take(const event::end&) {
    set_now(moment::end);
}

void recorder::take(const event::unknown&) {
    ++record_.unknown_events;
}

void recorder::restart() {
    request_record fresh;
    fresh.request_id = record_.request_id;
    fresh.index = record_.index;
    fresh.level = record_.level;
    fresh.worker = record_.worker;
    fresh.phase = record_.phase;
    fresh.turn = record_.turn;
    fresh.inputs = record_.inputs;
    fresh.asked_tokens = record_.asked_tokens;
    fresh.retries = record_.retries + 1;
    if (const auto intended = record_.moments.get(moment::intended)) {
        fresh.moments.set(moment::intended, *intended);
    }
    record_ = std::move(fresh);
    answer_id_.clear();
    tokens_so_far_ = 0;
    events_with_count_ = 0;
    in_tool_call_ = false;
    tool_ran_ = false;
    has_vectors_ = false;
    if (options_.answer != nullptr) options_.answer->clear();
}

void recorder::complete() {
    if (options_.needs_answer_id && answer_id_.empty()) {
        return fail(failure_kind::bad_frame,
                    "the answer names no id for the next turn to go on from");
    }
    if (record_.events == 0 && !has_vectors_) {
        return fail(failure_kind::empty_answer, "an answer without a token");
    }
    record_.ended = outcome::completed;
}

void recorder::time_out(phase in, instant at) {
    record_.cut = at - options_.run_start;
    record_.ended = outcome::timed_out;
    record_.error = request_error{.timed_out_in = in};
}

void recorder::fail(failure_kind kind, std::string_view message) {
    if (record_.error) return;
    record_.ended = outcome::failed;
    record_.error = request_error{.kind = kind, .message = hidden(message)};
}

void recorder::censor(instant at) {
    record_.cut = at - options_.run_start;
    record_.ended = outcome::censored;
}

void recorder::broke(instant at) {
    if (record_.ended == outcome::failed) record_.broke = at - options_.run_start;
}

void recorder::remember(bool whole) {
    record_.from_cache = true;
    record_.ended = whole ? outcome::completed : outcome::censored;
}

void recorder::settle_tokens() {
    const bool all_counted = record_.events > 0 && events_with_count_ == record_.events;
    if (all_counted && !record_.output_tokens) record_.output_tokens = tokens_so_far_;
    if (all_counted) {
        record_.tokens_from = token_source::exact;
    } else if (record_.output_tokens && record_.events > 0) {
        record_.tokens_from = one_token_each(*record_.output_tokens, record_.events)
                                  ? token_source::events
                                  : token_source::average;
    }
    if (!all_counted || record_.itl == record_.gaps) record_.itl = {};
}

void recorder::settle_failure(int http_status) {
    if (!record_.error) return;
    record_.error->http_status = http_status;
    // LM Studio gives up on a request after 120 s without a slot, in the words of any engine
    // failure.
    const auto waited = record_.moments.get(moment::send_start);
    const nanoseconds elapsed = waited ? now_ - options_.run_start - *waited : nanoseconds{0};
    if (record_.error->kind == failure_kind::engine_failed && record_.events == 0 &&
        elapsed >= slot_timeout_after && elapsed <= slot_timeout_before) {
        record_.error->kind = failure_kind::slot_timeout;
    }
}

void recorder::finish(int http_status, bool connection_reused) {
    record_.connection_reused = connection_reused;
    record_.model_mismatch = !names_same_model(options_.asked_model, record_.answered_by);
    settle_tokens();
    settle_failure(http_status);
    if (options_.live != nullptr) options_.live->request_ended(record_);
}

}  // namespace lmstress::measure
