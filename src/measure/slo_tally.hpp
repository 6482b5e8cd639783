#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/slo.hpp"
#include "lmstress/summary.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace lmstress::measure {

/// Whether a request met a clause. One that ended before it could be told did not, unless it
/// completed: an answer of one token has no TPOT and no gap to be too long. Latencies are counted
/// from `from`.
[[nodiscard]] bool meets(const request_record& r, slo_metric clause, nanoseconds below,
                         moment from = moment::send_start);

/// Whether it completed and met every clause that there is.
[[nodiscard]] bool meets_all(const request_record& r, const slo_limits& limits,
                             moment from = moment::send_start);

/// 95 % around the share of those offered that met an objective; nothing where none were.
[[nodiscard]] std::optional<interval> around_attainment(double attainment, std::uint64_t offered);

/// How many of a level's requests met its objective. What was offered is the whole: a request that
/// failed, timed out, was shed or cut met nothing it did not live to (DistServe, OSDI 2024; and on
/// how the metric is gamed, arXiv:2410.14257).
class slo_tally {
  public:
    /// Of an open loop, latencies are those that a user feels: from the intended time.
    explicit slo_tally(const slo_limits& limits, bool open_loop = false)
        : limits_(limits), from_(open_loop ? moment::intended : moment::send_start) {}

    /// A request that was offered in the window.
    void add(const request_record& r);
    /// Any request: where it met the objective its end counts, wherever it was sent.
    void note_end(const request_record& r);
    /// Nothing where no objective was set.
    [[nodiscard]] std::optional<slo_summary> result(const level_course& course) const;

  private:
    slo_limits limits_;
    moment from_;
    std::uint64_t offered_ = 0;
    std::uint64_t met_ = 0;
    std::vector<nanoseconds> good_ends_;
    std::array<std::uint64_t, slo_metric_count> clause_met_{};
};

}  // namespace lmstress::measure
