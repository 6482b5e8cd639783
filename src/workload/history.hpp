#pragma once

#include "api/api.hpp"
#include "lmstress/scenario.hpp"
#include "workload/conversation.hpp"

#include <string>
#include <vector>

namespace lmstress::workload {

/// What a run's conversations need of an API.
struct conversation_needs {
    std::uint32_t turns = 1;       ///< of the longest
    bool tool_results = false;     ///< canned ones
    bool server_remembers = true;  ///< llama.cpp's does not, whatever the API
    bool integrations = false;     ///< tools that the server calls itself
    bool images = false;           ///< with each prompt
    bool several_inputs = false;   ///< texts in one request, to be embedded
};

/// What of it the API has no way to say, in words for a sentence; empty: nothing.
[[nodiscard]] std::vector<std::string> not_expressible(const conversation_needs& needs,
                                                       const api::api& api, history_mode wanted);

/// How the earlier turns reach that API; one that has no way at all gets each turn by itself.
[[nodiscard]] conversation::history history_on(const conversation_needs& needs, const api::api& api,
                                               history_mode wanted);

}  // namespace lmstress::workload
