#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "server/http_call.hpp"

#include <optional>
#include <string>

namespace lmstress::server {

/// Why there is no whole answer: nobody listens, says anything, or speaks HTTP.
[[nodiscard]] error unreachable(const target_settings& target, const http_answer& answer);
/// The server wants another token.
[[nodiscard]] bool refuses(const http_answer& answer);
[[nodiscard]] error wants_token(const target_settings& target);
/// Either of the two, where it is so.
[[nodiscard]] std::optional<error> unusable(const target_settings& target,
                                            const http_answer& answer);
/// What an answer says went wrong, whatever its status: LM Studio's 200 may hold an error. Empty
/// where it says nothing.
[[nodiscard]] std::string complaint_in(const http_answer& answer);

}  // namespace lmstress::server
