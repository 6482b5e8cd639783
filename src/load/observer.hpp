#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

namespace lmstress::load {

/// Takes what a run brings forth, in the order in which it happens, on the thread that runs the
/// load: none of these calls may block.
class observer {
  public:
    /// `planned` holds the window as far as it is known before the level begins.
    virtual void on_level_begin(const level_setup& setup, const level_course& planned) = 0;
    /// A request has ended. Warm-up included; every request that was begun comes here once.
    virtual void on_record(const request_record& record) = 0;
    virtual void on_level_end(const level_setup& setup, const level_course& course) = 0;

  protected:
    ~observer() = default;
};

}  // namespace lmstress::load
