#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/error.hpp"
#include "measure/live_counters.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace lmstress::cli {

/// What is told of a run while it goes on (--metrics-port), on 127.0.0.1, at /metrics. A thread of
/// its own answers; the one that measures takes no part in it.
class metrics_port {
  public:
    struct about {
        std::string run_id;
        std::string model;
        instant run_start = {};
    };

    /// The counters and the clock outlive this.
    [[nodiscard]] static result<std::unique_ptr<metrics_port>> open(
        std::uint16_t port, const measure::live_counters& counters, const clock& time, about what);
    ~metrics_port();
    metrics_port(metrics_port&&) = delete;

    /// "http://127.0.0.1:9464/metrics"
    [[nodiscard]] std::string url() const;

  private:
    class server;
    explicit metrics_port(std::unique_ptr<server> s);

    std::unique_ptr<server> server_;
};

/// A look at a run that goes on, in the text format of Prometheus (docs/dashboard.md).
[[nodiscard]] std::string live_metrics(const metrics_port::about& what,
                                       const std::optional<measure::live_snapshot>& s);

}  // namespace lmstress::cli
