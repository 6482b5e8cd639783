#pragma once

#include "lmstress/summary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::report {

/// What somebody who reads the numbers should know, a sentence or two each, the gravest first. Of
/// the reasons why a run is not valid the first stands in the headline and not here.
[[nodiscard]] std::vector<std::string> warnings(const run_summary& run);

/// "openai-chat has no way to express min_p: its requests go without
/// (--allow-missing)." Empty where nothing is
/// left out.
[[nodiscard]] std::string left_out_sentence(std::string_view api,
                                            const std::vector<std::string>& left_out);

/// With a unified KV cache the context is one pool for all streams that run at once: a sentence
/// where `streams` with `tokens` each need more than there is, as far as the server says. `about`
/// stands before what is not yet measured.
[[nodiscard]] std::optional<std::string> context_warning(std::uint64_t streams,
                                                         const server_settings& server,
                                                         std::uint64_t tokens,
                                                         std::string_view about);

/// The first API of several whose requests all came to nothing, while others were answered; empty
/// where there is none.
[[nodiscard]] std::string_view api_without_answer(const run_summary& run);

/// Of a run, or of that API, without a single completed request: what most of them ended as, and
/// what to do.
struct no_completion {
    std::string kind;  ///< of failure; empty: none failed
    std::string sentence;
    std::string advice;
};
[[nodiscard]] no_completion nothing_completed(const run_summary& run);

}  // namespace lmstress::report
