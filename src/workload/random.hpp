#pragma once

#include "wire/fnv1a.hpp"

#include <cstdint>
#include <string_view>

namespace lmstress::workload {

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every platform, which the
/// distributions of <random> are not. A scenario's seed means the same bytes everywhere.
class random {
  public:
    explicit constexpr random(std::uint64_t seed) : state_(seed) {}

    constexpr std::uint64_t next() noexcept {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    /// Uniform in [0, 1).
    constexpr double uniform() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    /// Uniform in [0, n). The bias is below 2^-32 for the small n used here.
    constexpr std::uint64_t below(std::uint64_t n) noexcept { return next() % n; }
    /// Standard normal, by Box and Muller.
    double normal() noexcept;

  private:
    std::uint64_t state_;
};

/// FNV-1a, mixed into a seed.
constexpr std::uint64_t hash(std::string_view text, std::uint64_t seed = 0) noexcept {
    return random{wire::fnv1a(text, wire::fnv1a_basis ^ seed)}.next();
}

}  // namespace lmstress::workload
