#pragma once

#include "load/arrivals.hpp"
#include "load/level.hpp"
#include "load/lone_request.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace lmstress::load {

/// A run: its levels one after another. Ctrl-C moves its state one on.
class run {
  public:
    enum class state : std::uint8_t {
        running,
        draining,   ///< no new requests, those in flight may end until the grace is over
        stopping,   ///< those in flight are cut
        reporting,  ///< over
    };

    /// The context outlives this. One level for each concurrency of the scenario, or each rate
    /// of an open loop, `common` being what the server is known to be.
    run(run_context& context, level_setup common);

    [[nodiscard]] boost::asio::awaitable<void> go();
    /// The user wants it to end: the first time after a drain, the second time now.
    void interrupt();

    [[nodiscard]] state at() const noexcept { return state_; }
    [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }

  private:
    [[nodiscard]] bool over_early() const;
    [[nodiscard]] arrival_plan plan_of(std::size_t level) const;
    /// What has to be known, or in memory, before the levels begin.
    [[nodiscard]] boost::asio::awaitable<std::vector<request_record>> prepare();

    run_context& context_;
    level_setup common_;
    lone_request* alone_ = nullptr;
    level* current_ = nullptr;
    state state_ = state::running;
    bool interrupted_ = false;
};

}  // namespace lmstress::load
