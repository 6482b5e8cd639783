#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/stream_event.hpp"
#include "measure/live_counters.hpp"
#include "wire/secrets.hpp"

#include <cstdint>

namespace lmstress::measure {

/// The measured window of a level. Its bounds are set as they become known.
struct window {
    instant begin = instant::max();
    instant end = instant::max();

    [[nodiscard]] bool contains(instant t) const noexcept { return begin <= t && t < end; }
};

/// Folds the events of one request, each with the time at which it arrived, into its record.
class recorder final : public event_sink {
  public:
    struct options {
        instant run_start;
        const window* measured;             ///< outlives the recorder
        std::string_view asked_model = {};  ///< outlives the recorder; empty: any is right
        bool keep_event_times = false;
        const wire::secrets* hidden = nullptr;  ///< in what a server says; outlives the recorder
        live_counters* live = nullptr;          ///< outlives the recorder; null: nobody looks
        std::string* answer = nullptr;          ///< takes the message text; outlives the recorder
        bool needs_answer_id = false;           ///< without one the answer is of no use
    };

    /// `record` outlives this. The request is in flight from here to finish().
    recorder(request_record& record, const options& o) : record_(record), options_(o) {
        if (options_.live != nullptr) options_.live->request_began();
    }

    void set(moment m, instant at) { record_.moments.set(m, at - options_.run_start); }
    /// The events reported from here on came with bytes of this time.
    void arrived(instant at, clock_source source);
    /// The peer closed its side: events that it brings about have this time, but no byte came.
    void closed(instant at) noexcept { now_ = at; }
    void on_frame() override;
    void on_event(const stream_event& e) override;

    /// Forgets what an attempt left behind, so that the request can be sent again.
    void restart();

    // How a request ends. Each is called at most once, and finish() after it.
    void complete();
    void time_out(phase in, instant at);
    void fail(failure_kind kind, std::string_view message);
    void censor(instant at);
    /// No more will come. Where it has failed, it did so then.
    void broke(instant at);
    /// It was answered from memory; cut short where that was not `whole`.
    void remember(bool whole);
    /// What the kernel said of the connection, at the end.
    void connection(const connection_figures& seen) { record_.connection = seen; }
    /// Once no more will come: says how the tokens are spread over the events, and what the whole
    /// of the answer shows. `http_status` is 0 where no header came.
    void finish(int http_status, bool connection_reused);

    [[nodiscard]] const request_record& record() const noexcept { return record_; }
    [[nodiscard]] bool has(moment m) const noexcept { return record_.moments.has(m); }
    [[nodiscard]] bool failed() const noexcept { return record_.error.has_value(); }
    /// The last thing that came belongs to a tool call, whose arguments are often made in silence.
    [[nodiscard]] bool in_tool_call() const noexcept { return in_tool_call_; }
    /// Under which id the server remembers the answer; empty where it does not say.
    [[nodiscard]] const std::string& answer_id() const noexcept { return answer_id_; }
    /// When the request was sent; the epoch of the clock before that.
    [[nodiscard]] instant last_sent() const noexcept {
        return options_.run_start +
               record_.moments.get(moment::send_start).value_or(nanoseconds{0});
    }

  private:
    [[nodiscard]] std::string hidden(std::string_view said) const;
    void take(const event::opened& e);
    void take(const event::load_progress& e);
    void take(const event::prefill_progress& e);
    void note_progress(const event::prefill_progress& e);
    void take(const event::text& e);
    void take(const event::vectors& e);
    void take(const event::answer_id& e);
    void take(const event::tool_call& e);
    void take(const event::usage& e);
    void take(const event::server_stats& e);
    void take(const event::draft_stats& e);
    void take(const event::engine_facts& e);
    void take(const event::finish& e);
    void take(const event::failure& e);
    void take(const event::end& e);
    void take(const event::unknown& e);

    [[nodiscard]] nanoseconds server_time(const event::prefill_progress& e) const;
    [[nodiscard]] tool_span* tool_under_way(std::string_view name);
    void end_tool(std::string_view name, bool failed);
    void settle_tokens();
    void settle_failure(int http_status);
    void token_event(const event::text& e);
    void show_token(bool first);
    void exact_tokens(std::uint64_t tokens_so_far);
    void set_now(moment m) { set(m, now_); }

    request_record& record_;
    options options_;
    instant now_{};
    instant last_token_at_{};
    instant counted_until_{};  // where the exact ITL has got to
    std::string answer_id_;
    std::uint64_t tokens_so_far_ = 0;
    std::uint64_t events_with_count_ = 0;
    std::uint64_t tokens_in_read_ = 0;
    bool by_user_ = false;  // whose clock timed the read under way
    bool frame_has_token_ = false;
    bool in_tool_call_ = false;
    bool tool_ran_ = false;  // since the last token-bearing event
    bool has_vectors_ = false;
};

}  // namespace lmstress::measure
