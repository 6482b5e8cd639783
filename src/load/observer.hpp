#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

#include <span>

namespace lmstress::load {

/// Takes what a run brings forth, in the order in which it happens, on the thread that runs the
/// load: none of these calls may block.
class observer {
  public:
    /// One setup for each API that shares the level. `planned` holds the window as far as it is
    /// known before the level begins.
    virtual void on_level_begin(std::span<const level_setup> lanes,
                                const level_course& planned) = 0;
    /// A request has ended. Warm-up included; every request that was begun comes here once.
    virtual void on_record(const request_record& record) = 0;
    /// How it went on each of them.
    virtual void on_level_end(std::span<const level_setup> lanes,
                              std::span<const level_course> courses) = 0;

  protected:
    ~observer() = default;
};

}  // namespace lmstress::load
