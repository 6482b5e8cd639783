#pragma once

#include <cstdint>

namespace lmstress {

/// How long made-up prompts are to the server, fitted to its own counts before the load:
///
///     tokens of a request = overhead + words * tokens_per_word
struct prompt_calibration {
    double overhead = 0;  ///< tokens of the chat template, the system prompt, images and the salt
    double tokens_per_word = 1;
    double largest_residual = 0;  ///< tokens between the law and the count that is farthest from it
    std::uint64_t requests = 0;   ///< whose counts it was fitted to
    friend bool operator==(const prompt_calibration&, const prompt_calibration&) = default;
};

/// The lengths of the prompts that were asked for and those that the server counted, in tokens,
/// over the measured requests whose prompts were made up and whose tokens it counted.
struct prompt_lengths {
    std::uint64_t requests = 0;
    std::uint64_t uncounted = 0;  ///< of further ones it gave no count
    double asked_p50 = 0;
    double achieved_p50 = 0;
    double ratio_p50 = 1;  ///< achieved over asked, request by request
};

}  // namespace lmstress
