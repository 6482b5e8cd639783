#pragma once

#include "lmstress/clock.hpp"

#include <cstdint>

namespace lmstress::load {

/// When the requests of a level are wanted. Pure: times in, times out.
class schedule {
  public:
    virtual ~schedule() = default;
    /// When worker `w` sends its first request.
    [[nodiscard]] virtual instant first(std::uint32_t w) const = 0;
    /// When it sends the next one, its last one having ended at `ended`.
    [[nodiscard]] virtual instant next(std::uint32_t w, instant ended) const = 0;
};

/// N users, each of whom sends the next request when the last one has ended, plus the think time.
///
/// They start evenly spread over the warm-up: worker w at begin + warmup * w / N. Started at once,
/// their prompts would be processed in one burst, and so would their second ones and their third.
class closed_loop final : public schedule {
  public:
    struct settings {
        instant begin;
        nanoseconds warmup{0};  ///< with none, all start at once
        nanoseconds think_time{0};
        std::uint32_t workers = 1;
    };
    explicit closed_loop(const settings& s) : settings_(s) {}

    [[nodiscard]] instant first(std::uint32_t w) const override {
        return settings_.begin + settings_.warmup * w / settings_.workers;
    }
    [[nodiscard]] instant next(std::uint32_t, instant ended) const override {
        return ended + settings_.think_time;
    }

  private:
    settings settings_;
};

}  // namespace lmstress::load
