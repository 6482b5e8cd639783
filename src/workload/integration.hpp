#pragma once

#include <boost/json/fwd.hpp>

namespace lmstress::workload {

/// Whether it is one of LM Studio's `integrations`: the name of a plugin, a plugin with its `id`,
/// or an `ephemeral_mcp` with `server_label` and `server_url`, and maybe `allowed_tools` and
/// `headers`. LM Studio refuses unknown members, and so does this.
[[nodiscard]] bool is_integration(const boost::json::value& v);

}  // namespace lmstress::workload
