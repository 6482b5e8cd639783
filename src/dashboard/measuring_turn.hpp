#pragma once

#include "store/directory_lock.hpp"

#include <filesystem>
#include <memory>
#include <utility>

namespace lmstress::dashboard {

/// The turn of a dashboard to measure: of several on one history only one has it. The record of a
/// run (live_runs) says that it goes on, but only once it does, and between the cells of a sweep
/// there is none: two dashboards that are asked at once would both find that nothing goes on.
///
/// It ends with this object, or with the process.
class measuring_turn {
  public:
    ~measuring_turn() = default;
    measuring_turn(measuring_turn&&) = delete;

    /// Null: another one has it. It is a lock on the directory of the history, which leaves nothing
    /// behind and wants no right to write there. Where a file system has no such locks everybody
    /// has a turn.
    [[nodiscard]] static std::unique_ptr<measuring_turn> take(
        const std::filesystem::path& directory);

  private:
    explicit measuring_turn(std::unique_ptr<store::directory_lock> lock) : lock_(std::move(lock)) {}

    std::unique_ptr<store::directory_lock> lock_;
};

}  // namespace lmstress::dashboard
