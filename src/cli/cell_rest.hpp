#pragma once

#include "lmstress/scenario.hpp"

#include <algorithm>
#include <utility>

namespace lmstress::cli {

/// The rest that a server has between two cells of a sweep: one whose TTFT drifted is hot, or has
/// gathered something, and the next cell is not to begin with that.
class cell_rest {
  public:
    explicit cell_rest(const scenario& s) noexcept
        : length_(std::min(s.load.duration_in_effect(), s.sweep.idle_timeout)) {}

    /// A cell is over.
    void after_cell(bool drifted) noexcept { due_ = drifted; }
    /// Before the next one: how long to wait, 0 where there is no need. It is taken once.
    [[nodiscard]] nanoseconds take() noexcept {
        return std::exchange(due_, false) ? length_ : nanoseconds{0};
    }

  private:
    nanoseconds length_;
    bool due_ = false;
};

}  // namespace lmstress::cli
