#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

namespace lmstress::measure {

/// Folds the turns of a level's conversations, in any order: how many conversations there were, and
/// TTFT by turn and by depth.
class conversation_fold {
  public:
    void add(const request_record& record);
    /// The counts, the turns that were not sent, and the two tables.
    void fill(level_summary& s) const;

  private:
    struct fate {
        bool counts = false;  // its first turn was sent in the window
        bool completed = false;
        bool broken = false;
    };
    struct group {
        std::uint64_t requests = 0;
        std::vector<double> input_tokens;
        std::vector<double> cached_tokens;
        std::vector<double> ttft_ms;
    };
    static void add_to(group& g, const request_record& record);
    static std::vector<ttft_group> groups_of(const std::map<std::uint64_t, group>& by);

    std::unordered_map<std::uint64_t, fate> conversations_;
    std::map<std::uint64_t, group> by_turn_;
    std::map<std::uint64_t, group> by_depth_;
    std::uint64_t not_sent_ = 0;
};

}  // namespace lmstress::measure
