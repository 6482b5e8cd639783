#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace lmstress::measure {

/// From when until when a request was in flight: from its send to its end, to its failure, or to
/// the time when it was given up. Nothing for one that was never sent.
struct flight {
    nanoseconds begin;
    nanoseconds end;
};
[[nodiscard]] std::optional<flight> flight_of(const request_record& r);

/// How much later than intended this process began with a request: with its connection where it
/// made a new one, else with the send. Of an arrival that was shed for its lateness, how late it
/// was by then. Nothing for a request that had to be sent again, whose first try is not known any
/// more.
[[nodiscard]] std::optional<nanoseconds> send_lag_of(const request_record& r);

/// Folds the records of a level, in any order, into what it carried.
///
/// Little's law over a window of length T, for what is in flight at its edges too. With n(t) in
/// flight at t, and request i in flight for d_i of the window (all of it, or what of it lies
/// within), both sides below count the same area, once along the time and once along the requests:
///
///     L T = integral of n(t) dt = sum of d_i
///
/// With N the requests that were in flight in the window at any time, lambda = N / T and
/// W = (sum of d_i) / N, that is L = lambda W, exactly and for any window (Little 2011, "Little's
/// Law as Viewed on Its 50th Anniversary", section 3); the usual form with whole sojourn times is
/// its limit for long windows. So a residual is a fault of the books. L is therefore taken from
/// other books than lambda W: the level adds up the times itself, by its clock, as requests leave
/// (level_course::in_flight_time); the sum on the right is made of the records.
class in_flight {
  public:
    void add(const request_record& r);
    /// Nothing without a window.
    [[nodiscard]] std::optional<load_figures> result(const level_setup& setup,
                                                     const level_course& course) const;

  private:
    std::vector<flight> flights_;
    std::uint64_t sent_ = 0;  // of those that the window counts
    std::uint64_t shed_late_ = 0;
};

}  // namespace lmstress::measure
