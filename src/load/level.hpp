#pragma once

#include "load/run_context.hpp"
#include "load/worker.hpp"

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lmstress::load {

/// One level of concurrency: warm-up, window, drain. Where a run has several APIs, its requests go
/// over them in rounds: round r takes prompt r over each, lane r % n first, so that each API gets
/// the same prompts and meets the same load.
class level final : worker::employer {
  public:
    /// A setup for each lane of the run, of the same concurrency.
    level(run_context& run, std::vector<level_setup> lanes);
    ~level();

    /// Until every worker has ended. `earlier` are requests that went before the workers and belong
    /// to this level.
    [[nodiscard]] boost::asio::awaitable<void> run(std::span<const request_record> earlier);
    /// The window ends, no further request is sent; those in flight have the grace to end in.
    void drain();
    /// Those in flight are cut.
    void stop();

  private:
    std::optional<ticket> admit(std::optional<talk>& under_way) override;
    outgoing request_for(const ticket& t, const talk& in) override;
    measure::recorder::options recording() const override;
    void fill(const ticket& t, const talk& in, request_record& record) const override;
    void on_sent(std::uint64_t index, instant at) override;
    void on_read(std::uint32_t lane, const net::stamped_bytes& bytes) override;
    void on_ended(const request_record& record) override;

    /// The next conversation, on the lane whose turn it is.
    talk begin_talk(run_phase phase);
    void start_workers();
    void on_worker_ended();
    void end_window(instant at);
    [[nodiscard]] level_course course() const;
    /// Of all lanes, where a number of requests ends the window.
    [[nodiscard]] std::optional<std::uint64_t> wanted_requests() const;
    void show_begin();

    run_context& run_;
    std::vector<level_setup> lanes_;
    instant begin_;
    closed_loop schedule_;
    measure::window window_;
    net::alarm window_over_;
    net::alarm grace_over_;
    net::sleeper all_ended_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::uint32_t working_ = 0;
    std::uint64_t round_ = 0;     // each lane gets one request a round
    std::uint32_t in_round_ = 0;  // requests of the round under way
    bool in_window_ = false;
    std::uint64_t measured_ = 0;
    std::optional<std::uint64_t>
        last_index_;                          // of the request that ends the window, where one does
    std::vector<sparse_histogram> read_lag_;  // by lane
    std::exception_ptr fault_;
    bool draining_ = false;
};

}  // namespace lmstress::load
