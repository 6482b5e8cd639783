#pragma once

#include "load/run_context.hpp"

#include <boost/asio/awaitable.hpp>

namespace lmstress::load {

/// Requests that go one by one before any worker starts: the one that brings a model into memory,
/// and those that find out how the server counts. They belong to the first level's warm-up, so they
/// are in no latency metric; what a load took is kept.
class lone_request final : exchange::listener {
  public:
    explicit lone_request(run_context& run)
        : run_(run),
          exchange_(run.surroundings(), *this),
          grace_over_(run.time, [this] { exchange_.abort(); }) {}

    /// The first turn of `says`, over lane `on`, for the level of that index.
    [[nodiscard]] boost::asio::awaitable<request_record> go(std::uint32_t on,
                                                            workload::script says);
    /// The one under way may end within the grace.
    void drain() { grace_over_.set(run_.time.now() + run_.settings.load.grace); }
    void abort() { exchange_.abort(); }

  private:
    void on_sent(instant) override {}
    void on_read(const net::stamped_bytes&) override {}
    void on_left(instant, instant) override {}

    run_context& run_;
    exchange exchange_;
    net::alarm grace_over_;
    measure::window nothing_measured_;
};

/// Sends what is needed to know how long made-up prompts are to each lane's API, and tells the
/// lanes. Nothing is sent where no prompt is made up; `go_on` is asked before each request. The
/// records belong to the level of their lane's index.
[[nodiscard]] boost::asio::awaitable<std::vector<request_record>> calibrate(
    run_context& run, lone_request& by, const std::function<bool()>& go_on);

}  // namespace lmstress::load
