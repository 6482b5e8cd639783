#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"
#include "measure/conversation_fold.hpp"
#include "measure/distribution.hpp"
#include "measure/gap_groups.hpp"
#include "measure/in_flight.hpp"
#include "measure/length_fold.hpp"
#include "measure/slo_tally.hpp"
#include "measure/steady_state.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::measure {

/// Folds the records of a level, in any order, into its summary. What it keeps of a request is one
/// number a metric; gaps are merged into one histogram.
class level_fold {
  public:
    explicit level_fold(level_setup setup);

    void add(const request_record& record);
    [[nodiscard]] level_summary result(const level_course& course) const;

  private:
    void count(const request_record& record);
    void count_tokens(const request_record& record);
    void add_metrics(const request_record& record);
    void add_tools(const request_record& record);
    void fill_tools(level_summary& s) const;
    void add_itl(const request_record& record);
    void fill_throughput(level_summary& s) const;

    level_summary sum_;
    // Examples are those of the first request sent, not of the first that ended.
    std::map<std::string, std::uint64_t> example_index_;
    std::uint64_t answered_index_ = 0;
    std::uint64_t engine_index_ = 0;
    std::vector<metric_sample> samples_;  // as request_metrics() has them
    struct tool {
        std::uint64_t calls = 0;
        std::uint64_t failed = 0;
        std::vector<double> ms;
    };
    std::map<std::string, tool> tools_;
    conversation_fold conversations_;
    in_flight in_flight_;
    length_fold lengths_;
    dense_histogram gaps_;
    dense_histogram itl_;
    gap_groups gap_groups_;
    gap_groups itl_groups_;
    slo_tally slo_;
    std::vector<timed_value> ttft_by_time_;  // when it was sent, since the run began
    std::uint64_t counted_tokens_ = 0;       // by the server, of all phases
    std::uint64_t counted_events_ = 0;       // of the requests whose tokens it counted
    std::uint64_t measured_uncounted_events_ = 0;
    std::vector<double> window_tokens_;  // counted ones that arrived in the window, by request
    std::uint64_t window_uncounted_events_ = 0;
    /// A completed request, whichever phase it was sent in.
    struct completion {
        nanoseconds at;
        std::uint64_t inputs;  // texts that it had embedded
    };
    std::vector<completion> completions_;
    bool embeds_ = false;  // a request has inputs
    bool vector_sizes_differ_ = false;
};

}  // namespace lmstress::measure
