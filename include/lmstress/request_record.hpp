#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/histogram.hpp"
#include "lmstress/outcome.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress {

/// The moments of a request (docs/metrics.md), in nanoseconds since the run began.
enum class moment : std::uint8_t {
    intended,       ///< when the schedule wanted it sent; closed loop: when the worker was ready
    connect_start,  ///< only where a new connection was made, as `connect_end`
    connect_end,
    send_start,   ///< first byte handed to the kernel
    send_end,     ///< last byte handed over
    headers,      ///< response header complete
    first_event,  ///< first event of any type
    load_start,   ///< model load, where this request caused one
    load_end,
    prefill_start,  ///< the server began to process the prompt
    prefill_end,    ///< the last time it said that it had
    first_token,    ///< first event with generated text of any kind
    first_answer,   ///< first event with message text; reasoning does not count
    last_token,
    end,  ///< the end event, or the end of the body
};
inline constexpr std::size_t moment_count = 15;

/// As in the journal, without its "_ns": "first_token".
[[nodiscard]] std::string_view to_string(moment value) noexcept;

/// The moments that a request has. Absent ones stay absent; none is made up.
class moment_set {
  public:
    moment_set() { at_.fill(absent); }

    void set(moment m, nanoseconds since_run_start) noexcept { slot(m) = since_run_start.count(); }
    /// Keeps the first of several.
    void set_first(moment m, nanoseconds since_run_start) noexcept {
        if (slot(m) == absent) slot(m) = since_run_start.count();
    }
    void clear(moment m) noexcept { slot(m) = absent; }
    [[nodiscard]] bool has(moment m) const noexcept { return slot(m) != absent; }
    [[nodiscard]] std::optional<nanoseconds> get(moment m) const noexcept {
        return has(m) ? std::optional{nanoseconds{slot(m)}} : std::nullopt;
    }
    /// `to - from`, where the request has both.
    [[nodiscard]] std::optional<nanoseconds> between(moment from, moment to) const noexcept {
        if (!has(from) || !has(to)) return std::nullopt;
        return nanoseconds{slot(to) - slot(from)};
    }
    friend bool operator==(const moment_set&, const moment_set&) = default;

  private:
    static constexpr std::int64_t absent = std::numeric_limits<std::int64_t>::min();
    [[nodiscard]] std::int64_t& slot(moment m) noexcept { return at_[static_cast<std::size_t>(m)]; }
    [[nodiscard]] const std::int64_t& slot(moment m) const noexcept {
        return at_[static_cast<std::size_t>(m)];
    }

    std::array<std::int64_t, moment_count> at_;
};

/// Part of a level in which a request was sent.
enum class run_phase : std::uint8_t { warmup, measured };
[[nodiscard]] std::string_view to_string(run_phase value) noexcept;

/// How the number of tokens in each event is known; decides what ITL can say.
enum class token_source : std::uint8_t {
    none,     ///< the server gave no count
    exact,    ///< each event carried its count
    events,   ///< as many token-bearing events as tokens, +- 1: one each
    average,  ///< the server's total spread evenly over the events
};
[[nodiscard]] std::string_view to_string(token_source value) noexcept;
[[nodiscard]] std::optional<token_source> token_source_named(std::string_view name) noexcept;

/// Where a request stands in its conversation.
struct conversation_turn {
    std::uint64_t conversation = 0;  ///< over the whole run, from 0
    std::uint32_t turn = 0;          ///< from 0
    std::uint32_t turns = 0;         ///< of the whole conversation, as planned
    friend bool operator==(const conversation_turn&, const conversation_turn&) = default;
};

/// A tool that the server called itself while it answered.
struct tool_span {
    std::string name;
    nanoseconds start{0};                    ///< since the run began, as the moments
    std::optional<nanoseconds> called = {};  ///< its arguments were complete
    std::optional<nanoseconds> end = {};     ///< absent: the answer ended before it did
    bool failed = false;
    friend bool operator==(const tool_span&, const tool_span&) = default;
};

/// What went wrong, where something did.
struct request_error {
    std::optional<failure_kind> kind = {};   ///< outcome::failed
    std::optional<phase> timed_out_in = {};  ///< outcome::timed_out
    int http_status = 0;                     ///< 0: no answer
    std::string message = {};                ///< the server's words, or ours; at most 500 bytes
    friend bool operator==(const request_error&, const request_error&) = default;
};

/// How far a server said that it was with a prompt.
struct prefill_point {
    nanoseconds at{0};             ///< when it arrived, since the run began
    std::uint32_t millionths = 0;  ///< of the tokens that had to be processed
    friend bool operator==(const prefill_point&, const prefill_point&) = default;
};

/// What came of the tokens that a draft model proposed.
struct draft_counts {
    std::uint64_t total = 0;
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::uint64_t ignored = 0;
    std::string model = {};  ///< which proposed them, where the server names it
    friend bool operator==(const draft_counts&, const draft_counts&) = default;
};

/// What answered, as the answer itself said (LM Studio's v0); what it left out is empty.
struct engine_facts {
    std::string arch;
    std::string quant;
    std::string format;
    std::optional<std::uint64_t> context_length = {};
    std::string runtime;
    std::string runtime_version;
    friend bool operator==(const engine_facts&, const engine_facts&) = default;
};

/// What the kernel says of a request's connection at its end (Linux).
struct connection_figures {
    nanoseconds round_trip{0};       ///< smoothed
    std::uint32_t retransmits = 0;   ///< segments of ours sent again since the request began
    std::uint32_t out_of_order = 0;  ///< segments that came out of their order since then
    /// Of the former those that ask for the connection (SYN): the server did not take it in time,
    /// or the network lost one. Each costs a second or more, before anything is sent.
    std::uint32_t connect_retransmits = 0;
    friend bool operator==(const connection_figures&, const connection_figures&) = default;
};

/// One request, complete: a line of the journal, and all that measuring knows of it.
struct request_record {
    std::string request_id;   ///< "<index>-<run id>", as sent in x-request-id
    std::uint64_t index = 0;  ///< over the whole run, from 0
    std::uint32_t level = 0;
    std::uint32_t worker = 0;
    run_phase phase = run_phase::measured;
    outcome ended = outcome::censored;
    std::optional<request_error> error;
    moment_set moments;
    /// When it was given up, since the run began: where it timed out or was censored.
    std::optional<nanoseconds> cut;
    /// When it was seen to have failed, since the run began.
    std::optional<nanoseconds> broke = {};

    std::optional<std::uint64_t> input_tokens;
    std::optional<std::uint64_t> asked_tokens;  ///< of a made-up prompt: the length it should have
    std::optional<std::uint64_t> cached_tokens;
    std::optional<std::uint64_t> output_tokens;  ///< reasoning included
    std::optional<std::uint64_t> reasoning_tokens;
    std::optional<std::uint64_t> cache_creation_tokens;  ///< of the input (Anthropic)
    std::optional<draft_counts> draft;
    token_source tokens_from = token_source::none;

    std::uint64_t events = 0;            ///< token-bearing events
    std::uint64_t window_events = 0;     ///< those that arrived inside the measured window
    std::uint64_t coalesced_events = 0;  ///< those that shared a read with an earlier one
    std::uint64_t unknown_events = 0;    ///< of a type that this version does not know
    std::uint64_t kernel_stamps = 0;     ///< reads timed by the kernel
    std::uint64_t user_stamps = 0;       ///< reads timed by this process
    std::uint64_t user_events = 0;       ///< token-bearing events of those reads
    sparse_histogram gaps;               ///< between successive token-bearing events
    sparse_histogram itl;  ///< only with token_source::exact, and only where it differs
                           ///< from `gaps`
    std::vector<nanoseconds> event_times;  ///< only where asked for (--events)
    std::vector<prefill_point> prefill;    ///< the same, where the server told

    std::optional<conversation_turn> turn;  ///< of a conversation of several turns
    std::vector<tool_span> tool_calls;
    nanoseconds tool_gaps{0};  ///< between token-bearing events while a tool ran; not in `gaps`
    std::uint64_t inputs = 0;  ///< texts of an embedding request
    std::optional<std::uint64_t> vector_size;  ///< of the embeddings, where they came
    /// Answered from the client's own memory (--response-cache): in no metric.
    bool from_cache = false;

    std::string finish_reason;
    std::string stop_reason;  ///< the same in the engine's own words, where it has some
    std::optional<engine_facts> engine;
    std::string answered_by;
    bool model_mismatch = false;  ///< another model answered than the one that was asked
    bool connection_reused = false;
    std::optional<connection_figures> connection;
    std::uint32_t retries = 0;
    std::optional<double> server_ttft_ms;
    std::optional<double> server_tokens_per_second;
    std::optional<double> server_load_ms;

    friend bool operator==(const request_record&, const request_record&) = default;
};

}  // namespace lmstress
