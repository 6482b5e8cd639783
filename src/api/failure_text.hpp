#pragma once

#include "lmstress/outcome.hpp"

#include <span>
#include <string_view>

namespace lmstress::api {

/// A text that servers put into the answers of failed requests, and what it means.
struct failure_text {
    std::string_view contains;  ///< lower case
    failure_kind means;
};

/// All that are known, the more telling ones first.
[[nodiscard]] std::span<const failure_text> failure_texts() noexcept;

/// What an answer of this status and text failed by. The text decides before the status: LM Studio
/// answers 400 when its engine fails and 200 when the prompt is too long.
[[nodiscard]] failure_kind classify_failure(int http_status, std::string_view text);

}  // namespace lmstress::api
