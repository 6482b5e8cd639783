#pragma once

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace lmstress::test {

/// Whether this machine stood still meanwhile, as a virtual one does whose cores are given to
/// others: on each core somebody sleeps for 2 ms again and again, and notes by how much too long.
/// What a busy machine does to a sleeper, some milliseconds, does not count.
class stall_watch {
  public:
    stall_watch();
    ~stall_watch();
    stall_watch(stall_watch&&) = delete;

    /// Of all the time that was slept too long, on the core where it was most. It watches no
    /// longer.
    [[nodiscard]] std::chrono::milliseconds ended();

  private:
    struct core;
    std::vector<std::unique_ptr<core>> cores_;
};

}  // namespace lmstress::test
