#pragma once

#include "net/timers.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <list>

namespace lmstress::net {

/// Paces connections, so that ten thousand may be wanted at once and no server drops a SYN.
///
/// A connection that the kernel has made waits in the server's accept queue until the server takes
/// it. That queue is as long as the server's backlog: 100 of Python's asyncio, 128 of kernels
/// before 5.4, 511 of Node, 4096 of Go. What finds it full is dropped, and tried again after a
/// second, which would be booked as a connect of 1,000 ms. So at most 64 connect at a time, and no
/// more than 64 begin within 5 ms: of a server whose event loop comes round every 7 ms, no more
/// than a hundred wait. Ten thousand take 0.8 s.
///
/// A start costs this client more than an event of an answer does. Where its own event loop comes
/// late to the next turn, half as many begin within the 5 ms, and one more after each turn that is
/// in time: who runs already is not read late because others are started.
///
/// Whoever comes first is let in first. All calls are made on the thread of the event loop.
class gate {
  public:
    static constexpr std::size_t default_width = 64;
    static constexpr nanoseconds default_spell = std::chrono::milliseconds{5};

    explicit gate(clock& time, std::size_t width = default_width, nanoseconds spell = default_spell)
        : clock_(time), width_(width), spell_(spell), pace_(width), next_(time, [this] {
              take_turn();
          }) {}
    gate(gate&&) = delete;

    /// Where somebody waits. It outlives the wait.
    class place {
        friend gate;
        std::function<void(bool)> resume_;
        std::list<place*>::iterator at_;
    };

    /// Goes in where nobody has to wait. Whoever is in calls leave() once.
    [[nodiscard]] bool try_enter();
    /// Waits until let in; false when give_up() came first. Precondition: try_enter() said no.
    [[nodiscard]] boost::asio::awaitable<bool> enter(place& p);
    void leave();
    /// Whoever waits there waits no longer.
    void give_up(place& p);

  private:
    [[nodiscard]] bool has_room() const;
    void note_entry();
    void let_in_or_wait();
    void let_in();
    void await_turn();
    void take_turn();

    clock& clock_;
    std::size_t width_;
    nanoseconds spell_;
    std::size_t pace_;  // how many may begin within a spell; `width_` at most
    std::size_t inside_ = 0;
    std::deque<instant> entered_;  // the last `width_` of them
    std::list<place*> waiting_;
    bool awaits_turn_ = false;
    instant turn_{};  // when it was to come
    alarm next_;
};

}  // namespace lmstress::net
