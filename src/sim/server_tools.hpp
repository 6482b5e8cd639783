#pragma once

#include "sim/generation.hpp"

#include <boost/json/fwd.hpp>

// The tools that a request lets the server call itself, of which the model calls the first.

namespace lmstress::sim {

/// Of `integrations`, on /api/v1/chat.
[[nodiscard]] tool_run tool_of_integrations(const boost::json::object& request);
/// Of the `tools` of type mcp, on /v1/responses.
[[nodiscard]] tool_run tool_of_mcp(const boost::json::object& request);

}  // namespace lmstress::sim
