#pragma once

#include "lmstress/clock.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace lmstress::sim {

/// What the inference engine of the built-in server is like (docs/simulator.md).
struct engine_settings {
    std::uint64_t context_length = 8192;
    std::uint32_t parallel = 4;
    bool unified_kv = true;
    /// Without unified KV: a slot has context_length / parallel tokens, as in llama-server; or else
    /// the full context each, as LM Studio's own text says. Which of them LM Studio does is
    /// unsettled.
    bool divide_context = true;

    nanoseconds step_base = std::chrono::milliseconds{12};
    nanoseconds step_per_stream =
        std::chrono::milliseconds{1};  ///< each decoding stream in the batch
    nanoseconds prefill_per_token = std::chrono::microseconds{250};
    nanoseconds longest_wait{0};  ///< for a slot; 0: any time
    bool prefill_goes_on = true;  ///< the prompt of a client that went away is processed to its end
    std::uint64_t prefill_chunk = 512;  ///< prompt tokens in one step, of all requests together
    /// While a prompt is processed nothing else is: no token of any stream, no other prompt.
    bool prefill_alone = false;
};

using job_id = std::uint64_t;

/// A request, as the engine sees it.
struct job {
    std::uint64_t prompt_tokens = 1;
    std::uint64_t max_output_tokens = 128;  ///< at least 1
    std::uint64_t cached_tokens = 0;  ///< of the prompt, that need no processing: fewer than all
};

/// Something that the engine brings forth, at the time at which it is due.
struct emission {
    enum class kind : std::uint8_t {
        prefill_start,     ///< a slot was free: the prompt is taken up
        prefill_progress,  ///< `done` of the prompt's tokens are processed
        prefill_end,
        token,              ///< the `done`-th token
        finished,           ///< all `max_output_tokens` are generated
        context_full,       ///< the context holds no further token of this stream
        prompt_too_long,    ///< the prompt does not fit the context
        context_exhausted,  ///< the pool was full, and every running request with it
        no_slot,            ///< it has waited as long as it may, and a step more at most
    };
    job_id id = 0;
    kind what = kind::token;
    std::uint64_t done = 0;
    instant due{};
};

/// Continuous batching, as pure arithmetic: arrivals in, timed emissions out; no clock, no socket.
///
/// The engine works in steps. A step holds one token of every decoding stream and up to
/// `prefill_chunk` prompt tokens, taken from the requests in prefill in the order in which they got
/// their slots. With B decoding streams and P prompt tokens it takes
///
///     T(B, P) = step_base + B * step_per_stream + P * prefill_per_token
///
/// and what it brings is due when it ends: a token of each decoding stream, and the first token of
/// a request whose prompt it finished. So a long prompt delays running streams by as much as a
/// chunk takes, and a batch is slower for each of its streams but faster for all together. Requests
/// beyond `parallel` wait, first come first served, and get a slot at the beginning of a step.
///
/// With `prefill_alone`, as LM Studio's MLX engine does it, a step holds either chunks of one
/// prompt or tokens, prompts first: decoding streams stand still until the prompt is done.
///
/// KV memory: with `unified_kv` all slots draw on one pool of `context_length` tokens. A step that
/// would pass it kills every running request, unless there is only one, which then ends for length.
/// Without it each slot has its own share and a full one ends for length.
class engine {
  public:
    explicit engine(const engine_settings& s) : settings_(s) {}

    /// A request arrives. Times never go back, over all calls.
    void submit(instant now, job_id id, const job& j);
    /// Its client went away. One that decodes is dropped at once; one in prefill finishes its
    /// prompt first, as LM Studio does, unless `prefill_goes_on` is false.
    void cancel(job_id id);

    /// When the next emissions are due; nothing while idle.
    [[nodiscard]] std::optional<instant> next_due() const noexcept;
    /// Appends everything due at or before `now`, in order.
    void advance(instant now, std::vector<emission>& out);

    [[nodiscard]] bool idle() const noexcept { return slots_.empty() && queue_.empty(); }
    /// Requests that run or wait.
    [[nodiscard]] std::size_t requests() const noexcept { return slots_.size() + queue_.size(); }
    /// One of them brings forth tokens.
    [[nodiscard]] bool decoding() const noexcept;
    [[nodiscard]] const engine_settings& settings() const noexcept { return settings_; }
    /// Tokens that one request can have.
    [[nodiscard]] std::uint64_t slot_context() const noexcept;

  private:
    struct request {
        job_id id;
        job wanted;
        instant arrived;
        std::uint64_t prefilled = 0;
        std::uint64_t generated = 0;
        std::uint64_t in_step = 0;  // prompt tokens of the step under way
        bool cancelled = false;

        [[nodiscard]] bool decoding() const noexcept { return prefilled == wanted.prompt_tokens; }
        [[nodiscard]] std::uint64_t live_tokens() const noexcept { return prefilled + generated; }
    };

    /// What a step holds.
    struct batch {
        std::uint64_t prompt_tokens = 0;
        std::uint64_t decoding = 0;
    };

    [[nodiscard]] std::uint64_t chunk_of(const request& r, std::uint64_t taken) const noexcept;
    [[nodiscard]] batch next_batch() const noexcept;
    void take_slots(instant now, std::vector<emission>& out);
    void begin_step(instant now, std::vector<emission>& out);
    void send_away(instant now, std::vector<emission>& out);
    void end_step(std::vector<emission>& out);
    void decode_one(request& r, std::vector<emission>& out);
    void prefill_some(request& r, std::vector<emission>& out);
    bool end_where_full(instant now, std::vector<emission>& out);
    void drop_cancelled();

    engine_settings settings_;
    std::deque<request> queue_;
    std::vector<request> slots_;
    std::optional<instant> step_end_;
    bool step_decodes_ = false;
    std::optional<instant> wake_at_;  // an arrival at an idle engine
};

}  // namespace lmstress::sim
