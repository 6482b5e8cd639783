#pragma once

#include "load/run_context.hpp"

#include <boost/asio/awaitable.hpp>

namespace lmstress::load {

/// The one request that brings a model into memory, before any worker starts. It belongs to the
/// first level's warm-up, so it is in no latency metric; its load time is kept.
class model_load final : exchange::listener {
  public:
    explicit model_load(run_context& run)
        : run_(run),
          exchange_(run.surroundings(), *this),
          grace_over_(run.time, [this] { exchange_.abort(); }) {}

    [[nodiscard]] boost::asio::awaitable<request_record> go();
    /// It may end within the grace.
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

}  // namespace lmstress::load
