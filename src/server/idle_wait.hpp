#pragma once

#include "server/identify.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string_view>

namespace lmstress::server {

/// Waits until a server has nothing to do: by its own word where LM Studio gives it over the socket
/// of its SDK, else by how soon it answers a request of one token.
class idle_wait {
  public:
    /// What `to` refers to outlives this, as `who` does.
    idle_wait(way to, const identity& who) : to_(to), who_(who) {}

    /// To be called while nobody else asks the server anything: how soon it answers then.
    [[nodiscard]] boost::asio::awaitable<void> learn();

    enum class outcome : std::uint8_t {
        idle,
        still_busy,  ///< when the time was over
        unknown,     ///< nothing tells: a request of one token fails as well
        gone,        ///< nobody accepts connections there
    };
    [[nodiscard]] boost::asio::awaitable<outcome> until_idle(nanoseconds limit);

  private:
    [[nodiscard]] boost::asio::awaitable<std::optional<outcome>> by_its_word(nanoseconds limit);
    /// A request of one token.
    struct answered {
        std::optional<nanoseconds> took = {};  ///< absent where it failed
        bool connected = true;
    };
    [[nodiscard]] boost::asio::awaitable<answered> probe(nanoseconds limit);

    way to_;
    const identity& who_;
    std::optional<nanoseconds> base_;
};

}  // namespace lmstress::server
