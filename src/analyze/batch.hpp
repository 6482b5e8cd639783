#pragma once

#include "analyze/measured_level.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::analyze {

/// How many requests were at something over a time, as a step function.
class occupancy {
  public:
    struct stay {
        nanoseconds from;
        nanoseconds to;  ///< not included
    };
    /// Of the stays, as far as they lie within the window. Precondition: begin <= end.
    occupancy(const std::vector<stay>& stays, nanoseconds begin, nanoseconds end);

    /// Over time.
    [[nodiscard]] double mean() const noexcept { return mean_; }
    [[nodiscard]] std::uint32_t most() const noexcept { return most_; }
    /// The share of the window with at least n at once.
    [[nodiscard]] double share_with_at_least(std::uint32_t n) const noexcept;

    struct step {
        nanoseconds at;   ///< from then on
        std::uint32_t n;  ///< so many
    };
    /// In order, the first at the window's beginning.
    [[nodiscard]] const std::vector<step>& steps() const noexcept { return steps_; }

  private:
    std::vector<step> steps_;
    std::vector<double> share_;  // by number, of exactly so many
    double mean_ = 0;
    std::uint32_t most_ = 0;
};

/// What a server did with a level's requests, as far as the times of their events show it.
struct batch_figures {
    double in_flight_mean = 0;  ///< sent and not ended
    double decoding_mean = 0;   ///< between their first and their last token
    std::uint32_t decoding_most = 0;
    /// Streams that the server decodes at once, where the load shows it: at least twice as many
    /// requests were in flight on average as that, as have a slot, and as the server is known or
    /// was asked to have slots; and all that have a slot decode. Absent: this load does not show
    /// it.
    std::optional<std::uint32_t> parallel = {};
    /// Requests that have a slot at once, from the step in which their time in the queue ends to
    /// their last token, as many as there are for a fiftieth of the window. Absent where the
    /// server does not tell when it takes up a prompt.
    std::optional<std::uint32_t> in_slots = {};
    /// Jain's index of the tokens that each user got in the window, over all who asked in it, also
    /// those who got none: 1 where all got the same, 1 / n where one got everything. Absent for
    /// fewer than two, and in open loops.
    std::optional<double> fairness = {};
};

/// Nothing without a window, or without a stream in it.
[[nodiscard]] std::optional<batch_figures> batch_of(const measured_level& level);

/// The decoding streams over the window, as the mean of each of so many parts of it.
[[nodiscard]] std::vector<double> decoding_over_time(const measured_level& level,
                                                     std::size_t parts);

/// When the requests of a level decoded: from the first token to the last one.
[[nodiscard]] std::vector<occupancy::stay> decoding_of(const measured_level& level);

}  // namespace lmstress::analyze
