#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "server/http_call.hpp"

#include <string>
#include <vector>

namespace lmstress::server {

// What a user is told when the server is not usable: what happened, where, and what to do.

/// No connection, or nothing over it that is an answer.
[[nodiscard]] error unreachable(const target_settings& target, const http_answer& answer);
/// Something answers, but it lists no models.
[[nodiscard]] error no_llm_server(const target_settings& target, const http_answer& answer);
[[nodiscard]] error wants_token(const target_settings& target);
/// 401 or 403.
[[nodiscard]] bool refuses(const http_answer& answer);

/// The first ten names, each cut where it is longer than a name should be.
[[nodiscard]] std::string joined(const std::vector<std::string>& names);

}  // namespace lmstress::server
