#pragma once

#include "lmstress/prompt_calibration.hpp"
#include "lmstress/request_record.hpp"

#include <optional>
#include <vector>

namespace lmstress::measure {

/// Folds requests into how long their made-up prompts were to the server, and how long they should
/// have been.
class length_fold {
  public:
    void add(const request_record& record);
    /// Nothing where no prompt was made up.
    [[nodiscard]] std::optional<prompt_lengths> result() const;

  private:
    std::vector<double> asked_;  // those of requests that were counted
    std::vector<double> achieved_;
    std::vector<double> ratios_;
    std::uint64_t uncounted_ = 0;
};

}  // namespace lmstress::measure
