#pragma once

#include "load/run_context.hpp"
#include "report/abort_watch.hpp"

#include <map>
#include <string>
#include <vector>

namespace lmstress::cli {

/// Ends a run as soon as one of the thresholds of --abort-on can only fail.
class abort_rule {
  public:
    /// Precondition: each of the texts is a threshold. `so_far` gets each level of the run as it is
    /// over. All of them outlive this.
    abort_rule(const limit_settings& limits, const run_summary& so_far);

    /// Has the run ask this. Lives as long as the run.
    void watch(load::run_context& about);

  private:
    std::string after(const request_record& record, const load::most_requests& most);
    [[nodiscard]] std::string after_levels(std::size_t levels) const;

    const limit_settings& limits_;
    const run_summary& so_far_;
    std::vector<report::threshold> thresholds_;
    moment from_ = moment::send_start;                     // of an objective's latencies
    std::map<std::uint32_t, report::abort_watch> levels_;  // by index
};

}  // namespace lmstress::cli
