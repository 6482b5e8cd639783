#pragma once

#include "lmstress/histogram.hpp"
#include "lmstress/request_record.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace lmstress::measure {

/// What a run is at, and until when: it changes a few times a level. Times are since the run began.
struct live_plan {
    enum class stage : std::uint8_t {
        loading,   ///< one request goes alone and brings the model into memory
        running,   ///< warm-up, then window
        draining,  ///< no further request is sent; those in flight may end
    };
    stage at = stage::running;
    std::uint32_t level = 1;  ///< of `levels`, from 1
    std::uint32_t levels = 1;
    std::uint32_t streams = 1;
    std::optional<double> rate = {};  ///< of an open loop: arrivals a second that are wanted
    nanoseconds begin{0};             ///< of the load, or of the level
    std::optional<nanoseconds> window_begin = {};  ///< absent: there is no window
    std::optional<nanoseconds> window_end = {};    ///< absent: not known yet
    std::optional<nanoseconds> drain_end = {};     ///< when those still in flight are cut
    std::optional<std::uint64_t> wanted_requests =
        {};  ///< that end the window, where a number does
};

struct live_quantiles {
    nanoseconds p50{0};
    nanoseconds p95{0};
};

/// A look at a run that goes on.
struct live_snapshot {
    nanoseconds taken{0};  ///< since the run began
    live_plan plan = {};
    std::optional<double> loaded = {};  ///< share of the model, where the server says it
    std::uint64_t in_flight = 0;        ///< requests
    std::uint64_t arrivals = 0;         ///< of open loops, in the whole run
    std::uint64_t shed = 0;             ///< of them
    std::uint64_t errors = 0;           ///< failed or timed out, in the whole run with its warm-ups
    std::uint64_t measured_requests = 0;  ///< of this level's window that have ended
    std::uint64_t token_events = 0;       ///< token-bearing events, in the whole run
    /// By the server's counts of the requests that have ended; absent before the first count.
    std::optional<double> tokens_per_event = {};
    std::optional<live_quantiles> warmup_ttft = {};    ///< of this level
    std::optional<live_quantiles> measured_ttft = {};  ///< of this level: what its table will show
};

/// What a run shows while it goes on. The thread that measures writes, without a lock and without
/// waiting; any other thread takes snapshots.
class live_counters {
  public:
    // For the one thread that measures.

    void begin_model_load(nanoseconds at);
    /// Level counts begin anew. Precondition: no request is in flight.
    void begin_level(const live_plan& plan);
    /// Nothing where no level has begun.
    void begin_drain(nanoseconds end);

    void model_loaded(double share) noexcept { loaded_.store(share, relaxed); }
    void request_arrived() noexcept { add(arrivals_, 1); }
    void request_unsent(run_phase phase, outcome how) noexcept;
    void request_began() noexcept { add(in_flight_, 1); }
    void first_token(run_phase phase, nanoseconds ttft) noexcept;
    void token_event() noexcept { add(token_events_, 1); }
    void request_ended(const request_record& record) noexcept;

    // For any thread.

    /// Something has begun. Before, and while a level takes over from another, there is no
    /// snapshot.
    [[nodiscard]] bool begun() const noexcept { return plan_.load(relaxed) != nullptr; }
    [[nodiscard]] std::optional<live_snapshot> snapshot(nanoseconds now) const;

  private:
    static constexpr auto relaxed = std::memory_order_relaxed;
    using cell = std::atomic<std::uint32_t>;
    using cells = std::vector<cell>;

    /// There is one writer: what it reads nobody changes before it writes.
    template <class T>
    static void add(std::atomic<T>& counter, std::uint64_t n) noexcept {
        counter.store(static_cast<T>(counter.load(relaxed) + n), relaxed);
    }
    void publish(const live_plan& plan);
    void forget_level() noexcept;
    static std::optional<live_quantiles> quantiles_of(const cells& histogram);

    // Plans are never changed once others can see them, and stay until the end.
    std::deque<live_plan> plans_;
    std::atomic<const live_plan*> plan_ = nullptr;

    std::atomic<double> loaded_ = -1.0;  // negative: not said
    std::atomic<std::uint64_t> in_flight_ = 0;
    std::atomic<std::uint64_t> arrivals_ = 0;
    std::atomic<std::uint64_t> shed_ = 0;
    std::atomic<std::uint64_t> errors_ = 0;
    std::atomic<std::uint64_t> measured_requests_ = 0;
    std::atomic<std::uint64_t> token_events_ = 0;
    std::atomic<std::uint64_t> counted_tokens_ = 0;  // by the server, of requests that ended
    std::atomic<std::uint64_t> counted_events_ = 0;  // of the same requests
    std::array<cells, 2> ttft_ = {cells(histogram_layout::cell_count),
                                  cells(histogram_layout::cell_count)};  // by run_phase
};

}  // namespace lmstress::measure
