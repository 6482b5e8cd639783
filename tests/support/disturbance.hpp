#pragma once

#include "support/child_process.hpp"

#include <sys/types.h>

#include <chrono>
#include <thread>

namespace test {

/// Stops another process for a part of each period, as a machine does that has something else to
/// do, from here to the end of this. The process is left running.
class stopper {
  public:
    stopper(pid_t process, std::chrono::milliseconds every, std::chrono::milliseconds held);
    stopper(stopper&&) = delete;

  private:
    std::jthread thread_;
};

/// Nothing but work, on one core, from here to the end of this.
class busy_process {
  public:
    explicit busy_process(int core);

  private:
    child_process process_;
};

/// The process and all its threads run on that core only.
void pin(pid_t process, int core);

}  // namespace test
