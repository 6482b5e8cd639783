#pragma once

#include "load/exchange.hpp"
#include "load/response_cache.hpp"
#include "load/schedule.hpp"
#include "net/timers.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>

namespace lmstress::load {

/// The right to send one request.
struct ticket {
    std::uint64_t index = 0;     ///< over the whole run
    std::uint32_t lane = 0;      ///< the API that it goes over
    std::uint64_t in_level = 0;  ///< over the level's requests of that lane
    run_phase phase = run_phase::measured;
};

/// One user: sleeps until its next request is wanted, sends it, reads the answer, hands in the
/// record.
class worker final : exchange::listener {
  public:
    /// What a worker asks of its level.
    class employer {
      public:
        /// Nothing when no more requests are to be sent.
        virtual std::optional<ticket> admit() = 0;
        virtual outgoing request_for(const ticket& t) = 0;
        virtual measure::recorder::options recording() const = 0;
        virtual void fill(const ticket& t, request_record& record) const = 0;
        virtual void on_sent(std::uint64_t index, instant at) = 0;
        virtual void on_read(std::uint32_t lane, const net::stamped_bytes& bytes) = 0;
        virtual void on_ended(const request_record& record) = 0;

      protected:
        ~employer() = default;
    };

    /// All of them outlive this.
    worker(std::uint32_t number, const exchange::surroundings& s, const schedule& when,
           employer& e);
    /// What was answered before is answered from there. It outlives this.
    void remember_in(response_cache& cache) { cache_ = &cache; }

    /// Until the employer has no more tickets.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// No further request; the one under way goes on.
    void drain() { sleeper_.interrupt(); }
    /// Cuts the one under way as well.
    void stop();

  private:
    boost::asio::awaitable<void> send_one(const ticket& t, instant intended);
    boost::asio::awaitable<void> answer(const outgoing& request, measure::recorder& rec);
    [[nodiscard]] nanoseconds pause_after_failures() const;
    void on_sent(instant at) override { employer_.on_sent(index_, at); }
    void on_read(const net::stamped_bytes& bytes) override { employer_.on_read(lane_, bytes); }

    std::uint32_t number_;
    clock& clock_;
    const schedule& schedule_;
    employer& employer_;
    net::sleeper sleeper_;
    exchange exchange_;
    response_cache* cache_ = nullptr;  // null: every request is sent
    std::uint64_t index_ = 0;
    std::uint32_t lane_ = 0;
    std::uint32_t unanswered_ = 0;  // requests in a row that no server answered
    bool refused_ = false;          // the last one failed without a token
};

}  // namespace lmstress::load
