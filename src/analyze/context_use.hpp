#pragma once

#include "analyze/measured_level.hpp"

#include <cstdint>
#include <optional>

namespace lmstress::analyze {

/// The pool of the KV cache was full.
struct pool_exhaustion {
    nanoseconds at{0};          ///< the first time in the window, since it began
    std::uint64_t demand = 0;   ///< tokens of context that the requests wanted then, about
    std::uint32_t streams = 0;  ///< so many of them
    std::uint64_t failed = 0;   ///< requests of the window that it ended
};

/// By the requests that failed as context_exhausted. What each wanted is counted from its prompt,
/// the tokens that had arrived, and the next one. That is not to the token: prompts that were not
/// counted are estimated, and a server may hold tokens that no answer shows.
[[nodiscard]] std::optional<pool_exhaustion> pool_exhaustion_of(const measured_level& level);

/// A request's own context was full: its answer ended for length before it was as long as it could
/// have become, or its prompt was too long. LM Studio's own API does not tell why an answer ended:
/// there it ended so where prompt and answer come to the context of a stream, as far as the
/// server's settings tell it, and no request went beyond.
struct context_limit {
    std::uint64_t answers = 0;  ///< that ended so
    std::uint64_t prompts = 0;  ///< that were too long
    /// Prompt and answer of the longest of those whose answer ended so; absent where none did.
    std::optional<std::uint64_t> tokens = {};
};

/// `max_tokens` is the length at which an answer ends of itself.
[[nodiscard]] std::optional<context_limit> context_limit_of(const measured_level& level,
                                                            std::uint32_t max_tokens);

}  // namespace lmstress::analyze
