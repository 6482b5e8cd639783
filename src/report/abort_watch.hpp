#pragma once

#include "lmstress/request_record.hpp"
#include "measure/request_metrics.hpp"
#include "measure/slo_tally.hpp"
#include "report/threshold.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace lmstress::report {

/// Watches the thresholds that are to end a run (--abort-on) while one of its levels runs, and says
/// when one can only fail: even if every request that the level may still have passed it. The
/// remaining ones are taken to be as good as can be, and the verdict is the one of
/// judge_thresholds() on what would come of that, so a level that could still pass, or be
/// undecided, is never lost.
///
/// It knows the figures that single requests decide: quantiles, maximum, minimum and mean of their
/// metrics, slo.attainment, and how many failed, timed out, were shed or had an error of a kind.
/// The others are known when a level is over.
class abort_watch {
  public:
    /// Both outlive this. Of an open loop the latencies of an objective are `from` the intended
    /// time.
    abort_watch(std::span<const threshold> of, const slo_limits& slo,
                moment from = moment::send_start);

    /// A request that was sent in the window has ended.
    void add(const request_record& r);
    /// The first that can only fail where the level's window has `most` requests in all; null where
    /// there is none.
    [[nodiscard]] const threshold* lost(std::uint64_t most) const;

  private:
    enum class kind : std::uint8_t { quantile, extreme, mean, attainment, count };
    struct tally {
        const threshold* of;
        kind is;
        const measure::request_metric* metric = nullptr;
        double p = 0;  // of a quantile
        std::function<bool(const request_record&)> counts = {};
        std::uint64_t sample = 0;  // requests that have a value, or were cut before it
        std::uint64_t bad = 0;     // of these, or of those that count
        double sum = 0;
    };
    [[nodiscard]] std::optional<tally> tally_of(const threshold& t) const;
    void add_value(tally& t, const request_record& r) const;
    [[nodiscard]] bool is_lost(const tally& t, std::uint64_t remaining) const;

    const slo_limits& slo_;
    moment from_;
    std::vector<tally> tallies_;
    std::uint64_t ended_ = 0;
};

}  // namespace lmstress::report
