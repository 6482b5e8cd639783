#pragma once

#include "api/answer_reader.hpp"
#include "lmstress/scenario.hpp"
#include "load/first_failure.hpp"
#include "measure/recorder.hpp"
#include "net/gate.hpp"
#include "net/stream.hpp"
#include "net/timers.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace lmstress::load {

/// One worker's connection, and the request that is under way on it.
class exchange {
  public:
    /// What an exchange tells while it goes on.
    class listener {
      public:
        /// The last byte of the request has been handed over.
        virtual void on_sent(instant at) = 0;
        virtual void on_read(const net::stamped_bytes& bytes) = 0;
        /// The request was in flight from then until then: its answer was whole, or no more of it
        /// will come. Not called for one that was never sent.
        virtual void on_left(instant sent, instant over) = 0;

      protected:
        ~listener() = default;
    };

    struct surroundings {
        clock& time;
        net::transport& transport;
        const deadline_settings& deadlines;
        load::first_failure& failure;
        net::gate& connects;
    };

    /// All of them outlive this.
    exchange(const surroundings& s, listener& l);

    /// Sends a request and reads its answer to the end, into `rec`. Never throws for what a server
    /// or a network can do: it is an outcome. `request` and `rec` outlive the operation.
    [[nodiscard]] boost::asio::awaitable<void> run(const outgoing& request, measure::recorder& rec);

    /// Cuts the request that is under way: it ends as censored.
    void abort();

  private:
    enum class next : std::uint8_t { done, retry };

    boost::asio::awaitable<next> attempt(const outgoing& request, measure::recorder& rec,
                                         bool may_retry);
    boost::asio::awaitable<bool> let_in(measure::recorder& rec);
    boost::asio::awaitable<bool> connect(const outgoing& request, measure::recorder& rec);
    boost::asio::awaitable<bool> open_socket(const outgoing& request, measure::recorder& rec);
    boost::asio::awaitable<void> send(const outgoing& request, measure::recorder& rec);
    boost::asio::awaitable<next> receive(const api::api& api, measure::recorder& rec,
                                         bool may_retry);

    void take(const net::stamped_bytes& bytes, std::span<const char> what,
              api::answer_reader& answer, measure::recorder& rec);
    void follow(const api::answer_reader& answer, const measure::recorder& rec);
    void enter_until_first_token(instant sent);
    void broken_off(const net::error_code& ec, const api::answer_reader& answer,
                    measure::recorder& rec);
    bool interrupted(measure::recorder& rec);
    void enter(phase p, nanoseconds wait);
    void cut();
    /// Whether the kept connection is one on which a request would be lost.
    [[nodiscard]] bool is_stale() const;
    void keep_or_drop(const api::answer_reader& answer);
    void left(measure::recorder& rec);
    /// What the kernel has counted of the connection since the request began. A connection that is
    /// closed has nothing to say any more, so this goes before.
    void note_connection();

    surroundings s_;
    listener& listener_;
    std::unique_ptr<net::byte_stream> stream_;
    net::gate::place turn_to_connect_;
    net::deadline deadline_;
    net::deadline whole_;
    std::string heard_;  // of the answer under way, its beginning
    phase phase_ = phase::connect;
    instant idle_since_{};
    std::optional<instant> sent_;  // the request under way
    std::optional<instant> over_;  // its answer was whole, or had failed
    int http_status_ = 0;
    std::uint64_t frames_ = 0;                   // of the answer under way that have been followed
    connection_figures counted_before_;          // of the connection, before the request
    std::optional<connection_figures> counted_;  // since then
    std::uint32_t connect_retransmits_ = 0;      // of the request's own connection
    bool in_tail_ = false;    // its outcome is known; the end of the HTTP message is not here yet
    bool is_socket_ = false;  // the connection is, or is to be, a WebSocket
    bool reused_ = false;
    bool connected_ = false;
    bool timed_out_ = false;
    bool aborted_ = false;
};

}  // namespace lmstress::load
