#pragma once

#include "load/exchange.hpp"
#include "load/response_cache.hpp"
#include "load/schedule.hpp"
#include "net/timers.hpp"
#include "workload/conversation.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>

namespace lmstress::load {

/// The right to send one request.
struct ticket {
    std::uint64_t index = 0;  ///< over the whole run
    std::uint32_t lane = 0;   ///< the API that it goes over
    run_phase phase = run_phase::measured;
};

/// A conversation that a worker has under way; a single request is one of one turn.
struct talk {
    std::uint64_t number = 0;  ///< over the whole run
    std::uint32_t lane = 0;    ///< the API that it goes over
    workload::conversation says;
};

/// What arrived in an open loop: a conversation, with the right to its first request.
struct arrival {
    ticket right;
    talk begun;
    instant intended;
};

/// One user: sleeps until its next request is wanted, sends it, reads the answer, hands in the
/// record. Of an open loop, one connection, which is given whoever arrives while it is idle.
class worker final : exchange::listener {
  public:
    /// What a worker asks of its level.
    class employer {
      public:
        /// What is to be done before each request of a closed loop; it is due only then.
        virtual boost::asio::awaitable<void> prepare() = 0;
        virtual bool wants_preparation() const = 0;
        /// For the next turn of the conversation that is under way, or else of one that begins.
        /// Nothing when no more requests are to be sent at that time.
        virtual std::optional<ticket> admit(std::optional<talk>& under_way, instant at) = 0;
        virtual outgoing request_for(const ticket& t, const talk& in) = 0;
        virtual measure::recorder::options recording() const = 0;
        virtual void fill(const ticket& t, const talk& in, request_record& record) const = 0;
        virtual void on_sent(std::uint64_t index, instant at) = 0;
        virtual void on_read(std::uint32_t lane, const net::stamped_bytes& bytes) = 0;
        virtual void on_left(std::uint32_t lane, instant sent, instant over) = 0;
        virtual void on_ended(const request_record& record) = 0;

      protected:
        ~employer() = default;
    };

    /// All of them outlive this.
    worker(std::uint32_t number, const exchange::surroundings& s, const schedule& when,
           employer& e);
    /// What was answered before is answered from there. It outlives this.
    void remember_in(response_cache& cache) { cache_ = &cache; }

    /// Of a closed loop: until the employer has no more tickets.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// Of an open loop: one conversation to its end. Not while another goes on.
    [[nodiscard]] boost::asio::awaitable<void> serve(arrival who);
    /// No further request; the one under way goes on.
    void drain() { sleeper_.interrupt(); }
    /// Cuts the one under way as well.
    void stop();

  private:
    boost::asio::awaitable<void> send_one(const ticket& t, instant intended);
    boost::asio::awaitable<void> answer(const outgoing& request, measure::recorder& rec);
    void go_on(const request_record& record, std::string said, const std::string& id);
    [[nodiscard]] nanoseconds pause_after_failures() const;
    void on_sent(instant at) override { employer_.on_sent(index_, at); }
    void on_read(const net::stamped_bytes& bytes) override { employer_.on_read(lane_, bytes); }
    void on_left(instant sent, instant over) override { employer_.on_left(lane_, sent, over); }

    std::uint32_t number_;
    clock& clock_;
    const schedule& schedule_;
    employer& employer_;
    net::sleeper sleeper_;
    exchange exchange_;
    response_cache* cache_ = nullptr;  // null: every request is sent
    std::optional<talk> talk_;
    std::uint64_t index_ = 0;
    std::uint32_t lane_ = 0;
    std::uint32_t unanswered_ = 0;  // requests in a row that no server answered
    bool refused_ = false;          // the last one failed without a token
};

}  // namespace lmstress::load
