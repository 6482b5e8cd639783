#include "sim/generation.hpp"

#include "wire/json_writer.hpp"

#include <fmt/format.h>

#include <array>

namespace lmstress::sim {
namespace {

double seconds(nanoseconds ns) {
    return static_cast<double>(ns.count()) / 1e9;
}

constexpr std::string_view too_long =
    "The number of tokens to keep from the initial prompt is greater than the context length. Try "
    "to "
    "load the model with a larger context length, or provide a shorter input";
constexpr std::string_view exhausted =
    "Engine protocol predict stream returned an error: {\"code\":500,\"message\":\"Context size "
    "has "
    "been exceeded.\",\"type\":\"server_error\"}";
constexpr std::string_view gave_up = "Engine protocol predict stream returned an error: {code:500}";

}  // namespace

std::string_view word(std::uint64_t n) {
    constexpr std::array<std::string_view, 24> words = {
        " a",    " server", " that", " streams",  " its",   " words", " one",   " by",
        " one",  " can",    " be",   " measured", " while", " it",    " works", " on",
        " many", " at",     " once", ",",         " and",   " so",    " on",    "."};
    return n == 1 ? std::string_view{"Here is"} : words[(n - 2) % words.size()];
}

void generation::open(const std::string& instance, instant now) {
    instance_ = instance;
    on_opened(now);
}

void generation::load_ended(instant now, double load_seconds) {
    load_seconds_ = load_seconds;
    on_load_ended(now, load_seconds);
}

bool generation::take(const emission& e) {
    using kind = emission::kind;
    switch (e.what) {
        case kind::prefill_start:
            prefill_start_ = e.due;
            [[fallthrough]];
        case kind::prefill_progress:
        case kind::prefill_end:
            on_prefill(e);
            return false;
        case kind::token:
            if (calls_tool()) {
                if (e.done == 1) on_tool_started(e.due);
                return false;
            }
            if (tokens_ == 0) first_token_ = e.due;
            last_token_ = e.due;
            tokens_ = e.done;
            if (chat_.pieces.empty()) {
                on_token(word(reasons() ? e.done : e.done - chat_.reasoning_tokens), e);
            } else {
                on_token(piece_in_json(e.done), e);
            }
            return false;
        case kind::finished:
            if (calls_tool()) {
                call_ = call_state::running;
                on_tool_called(e.due);
                return false;
            }
            end(chat_.limited(), e.due);
            break;
        case kind::context_full:
            end(true, e.due);
            break;
        case kind::no_slot:
            // Where the head has not gone out there is room for a status, as LM Studio was seen to
            // send it.
            begun_ ? fail(gave_up, e.due) : refuse(gave_up, e.due);
            break;
        case kind::prompt_too_long:
            on_failed(too_long, e.due);
            break;
        case kind::context_exhausted:
            on_failed(exhausted, e.due);
            break;
    }
    return true;
}

void generation::tool_ended(bool failed, instant now) {
    call_ = call_state::over;
    on_tool_ended(failed, now);
    // What was said so far is in the cache.
    chat_.cached_tokens = chat_.prompt_tokens + tool_run::argument_tokens;
    chat_.prompt_tokens = chat_.cached_tokens + tool_run::result_tokens;
}

void generation::fail(std::string_view message, instant now) {
    on_failed(message, now);
}

void generation::end(bool cut, instant now) {
    const std::string text = logged_text();
    const std::string reasoning = reasoning_text();
    const bool call = !chat_.tool.empty();
    to_.tell({.request_id = chat_.request_id,
              .model = instance_,
              .text = call ? std::string_view{} : text,
              .reasoning = reasoning,
              .tool = chat_.tool,
              .arguments = call ? text : std::string_view{},
              .input_tokens = chat_.prompt_tokens,
              .output_tokens = output_tokens(),
              .finish_reason = finish_reason(cut),
              .turn = chat_.said.turn,
              .conversation = chat_.said.conversation});
    on_end(cut, now);
}

void generation::refuse(std::string_view message, instant now) {
    chat_.stream = false;
    on_failed(message, now);
}

void generation::send_whole(std::string_view bytes) {
    to_.send(bytes);
    to_.end();
}

void generation::open_stream(std::string_view content_type) {
    waiting_head_ = content_type;
    if (!withheld_) begin_stream();
}

void generation::begin_stream() {
    if (begun_) return;
    begun_ = true;
    to_.open_stream(waiting_head_);
}

void generation::send_event(std::string_view type, std::string_view frame, instant due) {
    begin_stream();
    const truth t{.request_id = chat_.request_id, .event = events_++, .type = type, .due = due};
    to_.send_event(frame, t);
}

void generation::end_stream() {
    begin_stream();
    to_.end();
}

std::string generation::whole_text() const {
    std::string out;
    for (std::uint64_t n = 1; n + chat_.reasoning_tokens <= tokens_; ++n) {
        out += chat_.pieces.empty() ? word(n) : std::string_view{chat_.pieces[n - 1]};
    }
    return out;
}

std::string generation::reasoning_text() const {
    std::string out;
    for (std::uint64_t n = 1; n <= reasoned(); ++n) out += word(n);
    return out;
}

std::string generation::piece_in_json(std::uint64_t n) const {
    std::string out;
    wire::append_json_string(out, chat_.pieces[n - 1]);
    return out.substr(1, out.size() - 2);
}

std::string_view generation::finish_reason(bool cut) const noexcept {
    if (cut) return "length";
    return chat_.tool.empty() ? "stop" : "tool_calls";
}

std::string generation::call_id() const {
    return fmt::format("{:0>9}", chat_.request_id.substr(0, chat_.request_id.find('-')));
}

double generation::seconds_to_first_token() const {
    return seconds(time_to_first_token());
}

double generation::seconds_of_generation() const {
    return seconds(time_of_further_tokens());
}

double generation::tokens_per_second() const {
    const double span = seconds_of_generation();
    return span > 0 ? static_cast<double>(tokens_) / span : 0.0;
}

}  // namespace lmstress::sim
