#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "server/http_call.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lmstress::server {

/// Why there is no whole answer: nobody listens, says anything, or speaks HTTP.
[[nodiscard]] error unreachable(const target_settings& target, const http_answer& answer);
/// 401 or 403: the server wants another token.
[[nodiscard]] bool refuses(const http_answer& answer);
[[nodiscard]] error wants_token(const target_settings& target);
/// Something answers, but it lists no models.
[[nodiscard]] error no_llm_server(const target_settings& target, const http_answer& answer);
/// Unreachable or refused, where it is so.
[[nodiscard]] std::optional<error> unusable(const target_settings& target,
                                            const http_answer& answer);
/// What an answer says went wrong, whatever its status: LM Studio's 200 may hold an error. Empty
/// where it says nothing.
[[nodiscard]] std::string complaint_in(const http_answer& answer);

/// The first ten names, each cut where it is longer than a name should be.
[[nodiscard]] std::string joined(const std::vector<std::string>& names);

}  // namespace lmstress::server
