#pragma once

#include "lmstress/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

// What a server said, whichever API it said it in. Each API of src/api reads its frames into these.
// Views point into the frame being read and are valid during the call that hands the event over.

namespace lmstress {

namespace event {

/// The server took the request and will stream (native: chat.start).
struct opened {
    std::string_view answered_by;  ///< model or instance that answers; empty where not said
};

/// The model is being loaded for this request (native: model_load.*).
struct load_progress {
    enum class step : std::uint8_t { start, progress, end } at;
    double fraction = 0.0;                    ///< 0..1
    std::optional<double> load_seconds = {};  ///< with `end`, where the server said it
};

/// The prompt is being processed (native: prompt_processing.*; llama.cpp: prompt_progress).
struct prefill_progress {
    enum class step : std::uint8_t { start, progress, end } at;
    std::optional<double> fraction = {};
    std::optional<std::uint64_t> done = {};     ///< tokens processed, cached ones included
    std::optional<std::uint64_t> total = {};    ///< tokens of the prompt
    std::optional<std::uint64_t> cached = {};   ///< tokens reused from the cache
    std::optional<double> server_time_ms = {};  ///< the server's time since it took the prompt
};

/// Generated text: a token-bearing event.
struct text {
    enum class kind : std::uint8_t { reasoning, answer, tool_arguments } of;
    std::string_view content;
    /// Tokens generated so far, this event's included, where the event itself carries the count
    /// (continuous usage, llama.cpp timings_per_token).
    std::optional<std::uint64_t> tokens_so_far = {};
};

/// What an embedding request asks for, in place of text.
struct vectors {
    std::uint64_t count;
    std::uint64_t size = 0;  ///< numbers in each; 0: not known
};

/// Under which id the server remembers this answer, for a next turn (native: response_id).
struct answer_id {
    std::string_view id;
};

/// A tool that the server calls itself (native: tool_call.*; responses: mcp_call). Its arguments
/// are an event::text besides.
struct tool_call {
    enum class step : std::uint8_t { start, arguments, success, failure } at;
    std::string_view name;
    std::string_view reason = {};  ///< with `failure`
};

/// Token counts by the server's own tokenizer.
struct usage {
    std::optional<std::uint64_t> input_tokens = {};
    std::optional<std::uint64_t> cached_tokens = {};
    std::optional<std::uint64_t> output_tokens = {};  ///< reasoning included
    std::optional<std::uint64_t> reasoning_tokens = {};
    /// Of the input, written to a cache that is paid for (Anthropic).
    std::optional<std::uint64_t> cache_creation_tokens = {};
};

/// The server's own figures of this request.
struct server_stats {
    std::optional<double> ttft_seconds = {};
    std::optional<double> tokens_per_second = {};
    std::optional<double> load_seconds = {};
    std::string_view stop_reason = {};  ///< in the engine's own words (LM Studio's v0)
};

/// What came of a draft model's tokens (LM Studio's `stats`).
struct draft_stats {
    std::uint64_t total = 0;
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::uint64_t ignored = 0;
    std::string_view model = {};  ///< empty: it does not say
};

/// What answers, as the answer itself says (LM Studio's v0: `model_info`, `runtime`). Each may be
/// empty.
struct engine_facts {
    std::string_view arch = {};
    std::string_view quant = {};
    std::string_view format = {};
    std::optional<std::uint64_t> context_length = {};
    std::string_view runtime = {};
    std::string_view runtime_version = {};
};

/// Why generation stopped: stop, length, tool_calls ... as the server spells it.
struct finish {
    std::string_view reason;
};

/// The server says that the request failed. Whatever follows, it did.
struct failure {
    failure_kind kind;
    std::string_view message;
};

/// The answer's own end: chat.end, [DONE].
struct end {};

/// An event type that this version does not know. Counted, never fatal.
struct unknown {
    std::string_view type;
};

}  // namespace event

using stream_event =
    std::variant<event::opened, event::load_progress, event::prefill_progress, event::text,
                 event::vectors, event::answer_id, event::tool_call, event::usage,
                 event::server_stats, event::draft_stats, event::engine_facts, event::finish,
                 event::failure, event::end, event::unknown>;

/// Takes the events of one answer in the order in which they came.
class event_sink {
  public:
    /// A frame has come whole, whatever it says: called before the events that it is read into,
    /// which may be none or several.
    virtual void on_frame() = 0;
    virtual void on_event(const stream_event& e) = 0;

  protected:
    ~event_sink() = default;
};

}  // namespace lmstress
