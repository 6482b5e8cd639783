#pragma once

#include "analyze/measured_level.hpp"

#include <optional>
#include <vector>

namespace lmstress::analyze {

/// Where the time of a request went, in the order in which it passed. A server that does not tell
/// when it takes up a prompt leaves queue and prefill together in `unknown`.
struct request_phases {
    std::uint64_t index = 0;
    nanoseconds begin{0};    ///< its send, since the window began
    nanoseconds queue{0};    ///< until its model was loaded, or its prompt taken up
    nanoseconds load{0};     ///< of the model
    nanoseconds prefill{0};  ///< until its first token
    nanoseconds decode{0};   ///< until its last token
    nanoseconds unknown{0};  ///< until its first token, where nobody knows more
    [[nodiscard]] nanoseconds whole() const noexcept {
        return queue + load + prefill + decode + unknown;
    }
};

/// Nothing for a request that brought no token.
[[nodiscard]] std::optional<request_phases> phases_of(const request_record& r, nanoseconds zero);
/// Of the requests that were sent in the window, in the order of their sends.
[[nodiscard]] std::vector<request_phases> phases_of(const measured_level& level);
/// Mean times, in milliseconds: over the requests of which the server told when it took up their
/// prompt; where it did not of most, over the others, whose queue and prefill are in `unknown_ms`.
struct mean_phases {
    double queue_ms = 0;
    double load_ms = 0;
    double prefill_ms = 0;
    double decode_ms = 0;
    double unknown_ms = 0;
    std::uint64_t requests = 0;  ///< that they are means over
    std::uint64_t of = 0;        ///< that brought a token
};
[[nodiscard]] std::optional<mean_phases> mean_of(const std::vector<request_phases>& all);

/// How fast prompts are processed at a depth.
struct prefill_speed {
    std::uint64_t from = 0;  ///< tokens before, a power of two or 0; up to twice as many
    double tokens_per_second = 0;
    std::uint64_t tokens = 0;  ///< that were processed there
};

/// By the server's own word on how far it is, where the level's events were kept; else by whole
/// prompts, which are then counted at the middle of their length. Empty where nothing is told.
[[nodiscard]] std::vector<prefill_speed> prefill_by_depth(const measured_level& level);

}  // namespace lmstress::analyze
