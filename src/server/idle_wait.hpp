#pragma once

#include "server/identify.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace lmstress::server {

/// Waits until a server has nothing to do: by its own word where LM Studio gives it over the socket
/// of its SDK, else by how soon it answers a request of one token: as soon as it ever did. Where
/// others load it from the first request on, that is known only once they have gone.
class idle_wait {
  public:
    /// What `to` refers to outlives this, as `who` does.
    idle_wait(way to, const identity& who) : to_(to), who_(who) {}

    enum class outcome : std::uint8_t {
        idle,
        still_busy,  ///< when the time was over
        unknown,     ///< nothing tells: a request of one token is refused as well
        gone,        ///< nobody accepts connections there
    };
    [[nodiscard]] boost::asio::awaitable<outcome> until_idle(nanoseconds limit);
    /// Whether the last wait found the server to answer far sooner than when it was taken for idle
    /// before: it was busy all the time since the first wait, or since this was said last.
    [[nodiscard]] bool earlier_were_busy() const noexcept { return earlier_were_busy_; }

  private:
    [[nodiscard]] boost::asio::awaitable<std::optional<outcome>> by_its_word(nanoseconds limit);
    /// A request of one token.
    struct answered {
        std::optional<nanoseconds> took = {};  ///< absent where it failed
        bool connected = true;
        bool refused = false;  ///< the same request would be again
    };
    [[nodiscard]] boost::asio::awaitable<answered> probe(nanoseconds limit);
    void learn(nanoseconds took);
    [[nodiscard]] bool tells_idle(const answered& a) const;

    way to_;
    const identity& who_;
    std::uint32_t seen_ = 0;                // answers to a probe
    std::optional<nanoseconds> base_;       // the soonest of them
    std::optional<nanoseconds> judged_by_;  // the latest of them that was taken for idle
    bool earlier_were_busy_ = false;
};

}  // namespace lmstress::server
