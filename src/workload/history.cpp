#include "workload/history.hpp"

namespace lmstress::workload {

std::vector<std::string> not_expressible(const conversation_needs& needs, const api::api& api,
                                         history_mode wanted) {
    std::vector<std::string> missing;
    if (needs.integrations && !api.integrates) missing.emplace_back("integrations");
    if (needs.images && !api.takes_images) missing.emplace_back("images");
    if (needs.several_inputs && !api.embeds) {
        missing.emplace_back("several texts to embed in one request (--inputs)");
    }
    if (needs.turns <= 1) return missing;
    if (!api.takes_history && !api.remembers) {
        missing.emplace_back("conversations of several turns");
        return missing;
    }
    if (wanted == history_mode::stateful && !(api.remembers && needs.server_remembers)) {
        missing.emplace_back("chats that the server remembers (--conversation-history stateful)");
    }
    if (wanted == history_mode::resent && !api.takes_history) {
        missing.emplace_back("a history that is sent again (--conversation-history resent)");
    }
    // The server would remember the model's own call, to which these are no results.
    if (wanted == history_mode::stateful && needs.tool_results) {
        missing.emplace_back("the results of tools in chats that the server remembers");
    }
    return missing;
}

conversation::history history_on(const conversation_needs& needs, const api::api& api,
                                 history_mode wanted) {
    using enum conversation::history;
    switch (wanted) {
        case history_mode::automatic:
            return api.remembers && needs.server_remembers && !needs.tool_results ? remembered
                                                                                  : resent;
        case history_mode::stateful:
            return remembered;
        case history_mode::resent:
            return resent;
    }
    return resent;
}

}  // namespace lmstress::workload
