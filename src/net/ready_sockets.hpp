#pragma once

#include "net/stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace lmstress::net {

/// Which of many sockets have bytes to be read, by a set of our own that the kernel keeps
/// (epoll, edge-triggered). Asio's reactor arms a socket anew for each wait, which is a system call
/// for every event of every stream; here a socket is entered once, and one wait of Asio's is for
/// all. Asio is to know nothing of the sockets in here: its reactor would be told of each event as
/// well, and no timer would be looked at before it has been through all of them. One of these for
/// each context; none of it is for another thread.
class ready_sockets : public boost::asio::execution_context::service {
  public:
    static inline boost::asio::execution_context::id id;

    explicit ready_sockets(boost::asio::execution_context& of);

    /// A socket in the set, open until this ends.
    class member {
      public:
        member() = default;
        /// Where it enters, the socket is this one's, which closes it.
        member(ready_sockets& of, int socket);
        member(member&& from) noexcept;
        member& operator=(member&& from) noexcept;
        ~member();

        /// False where the system has no such set, or it takes no more.
        [[nodiscard]] bool entered() const noexcept { return of_ != nullptr; }
        [[nodiscard]] int native() const noexcept;
        /// Waits until bytes have come, the other end has closed, or something failed, since the
        /// last wait. False when the member was taken out meanwhile. One waits at a time.
        [[nodiscard]] boost::asio::awaitable<bool> wait_to_read();
        /// Waits until more can be written, or something failed. False as above; one at a time.
        /// Precondition: a write has said that the socket takes no more.
        [[nodiscard]] boost::asio::awaitable<bool> wait_to_write();
        /// Whether the other end has said its last: then a read that brings less than was asked for
        /// does not mean that nothing more is to be had, and no wait ends for the rest.
        [[nodiscard]] bool ended() const noexcept;
        /// Has the next wait to read end at once: there was more than one read takes.
        void more_to_read() noexcept;
        /// Closes the socket.
        void close() noexcept;
        /// Leaves the set, and gives the socket back.
        [[nodiscard]] int release() noexcept;

      private:
        ready_sockets* of_ = nullptr;
        std::uint32_t place_ = 0;
    };

  private:
    using handler =
        boost::asio::async_result<boost::asio::use_awaitable_t<>, void(bool)>::handler_type;
    /// Something that can be waited for.
    struct turn {
        bool come = false;
        std::optional<handler> waiting = {};
    };
    struct place {
        std::uint32_t generation = 0;  // who was here before is not meant
        int socket = -1;
        bool ended = false;
        turn to_read = {};
        turn to_write = {};
    };

    void shutdown() override;
    std::optional<std::uint32_t> enter(int socket);
    int leave(std::uint32_t at) noexcept;
    void end_wait(turn& t) noexcept;
    void wait(turn& t, handler h);
    void await_set();
    void collect();
    void tell(turn& t);
    [[nodiscard]] place* who_is(std::uint64_t told);

    boost::asio::io_context& context_;
    std::optional<boost::asio::posix::stream_descriptor> set_;
    std::vector<place> places_;
    std::vector<std::uint32_t> free_;
    std::size_t waiting_ = 0;
    bool armed_ = false;
    bool collecting_ = false;
};

}  // namespace lmstress::net
