#pragma once

#include "load/run_context.hpp"
#include "load/self_watch.hpp"
#include "load/worker.hpp"

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lmstress::load {

/// One level of concurrency, or of an open loop's rate: warm-up, window, drain. Where a run has
/// several APIs, its requests go over them in rounds: round r takes prompt r over each, lane r % n
/// first, so that each API gets the same prompts and meets the same load.
class level final : worker::employer {
  public:
    /// A setup for each lane of the run, of the same concurrency. `arrivals` are those of an open
    /// loop, since the level's beginning; one without is closed.
    level(run_context& run, std::vector<level_setup> lanes,
          std::optional<std::vector<nanoseconds>> arrivals = {});
    ~level();

    /// Until every worker has ended. `earlier` are requests that went before the workers and belong
    /// to this level.
    [[nodiscard]] boost::asio::awaitable<void> run(std::span<const request_record> earlier);
    /// The window ends, no further request is sent; those in flight have the grace to end in.
    void drain();
    /// Those in flight are cut.
    void stop();

  private:
    boost::asio::awaitable<void> prepare() override { return run_.before_each(); }
    bool wants_preparation() const override { return static_cast<bool>(run_.before_each); }
    std::optional<ticket> admit(std::optional<talk>& under_way, instant at) override;
    outgoing request_for(const ticket& t, const talk& in) override;
    measure::recorder::options recording() const override;
    void fill(const ticket& t, const talk& in, request_record& record) const override;
    void on_sent(std::uint64_t index, instant at) override;
    void on_read(std::uint32_t lane, const net::stamped_bytes& bytes) override;
    void on_left(std::uint32_t lane, instant sent, instant over) override;
    void on_ended(const request_record& record) override;

    // Of an open loop.

    /// Wakes up for each arrival, and last for the end of the window.
    boost::asio::awaitable<void> dispatch();
    void arrive(instant intended);
    /// Whose connection was in use last, or a new one; null where all that may be are busy.
    worker* free_worker();
    /// An arrival that no request comes of.
    void leave_unsent(const arrival& who, outcome how, std::optional<instant> given_up);

    [[nodiscard]] ticket next_ticket(instant at, bool counts);
    worker& hire();
    /// Runs it; the worker, if any, is idle afterwards.
    void set_going(boost::asio::awaitable<void> work, worker* idle_after);
    /// The next conversation, on the lane whose turn it is.
    talk begin_talk(run_phase phase);
    void start_workers();
    void on_worker_ended();
    void end_window(instant at);
    /// Of that lane, requests that the window can come to have.
    [[nodiscard]] most_requests most_of(std::uint32_t lane) const;
    [[nodiscard]] std::uint64_t most_arrivals() const;
    void ask_whether_lost(const request_record& record);
    [[nodiscard]] level_course course() const;
    /// Of all lanes, where a number of requests ends the window.
    [[nodiscard]] std::optional<std::uint64_t> wanted_by_settings() const;
    void show_begin();

    run_context& run_;
    std::vector<level_setup> lanes_;
    instant begin_;
    std::optional<std::vector<nanoseconds>> arrivals_;
    closed_loop schedule_;
    measure::window window_;
    self_watch self_;
    net::alarm window_over_;
    net::alarm grace_over_;
    net::sleeper all_ended_;
    net::sleeper dispatcher_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::vector<worker*> idle_;  // the one that was busy last is the last
    std::uint32_t working_ = 0;
    std::uint64_t round_ = 0;     // each lane gets one request a round
    std::uint32_t in_round_ = 0;  // requests of the round under way
    bool in_window_ = false;
    std::uint64_t measured_ = 0;
    std::optional<std::uint64_t> wanted_;  // of these, where they end the window
    std::optional<std::uint64_t>
        last_index_;                         // of the request that ends the window, where one does
    std::vector<dense_histogram> read_lag_;  // by lane
    std::vector<nanoseconds> in_flight_time_;  // by lane, within the window
    std::vector<std::uint64_t> ended_;         // of the window, by lane
    std::vector<nanoseconds> fastest_;         // request so far, by lane
    std::exception_ptr fault_;
    bool draining_ = false;
};

}  // namespace lmstress::load
