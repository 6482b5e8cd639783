#include "workload/conversation.hpp"

#include <utility>

namespace lmstress::workload {

using role = api::chat_message::role;

void conversation::ask(api::chat_request& into) const {
    into.prompt = script_.turns[turn_].prompt;
    if (!script_.system_prompt.empty()) into.system_prompt = script_.system_prompt;
    if (script_.max_tokens) into.max_tokens = *script_.max_tokens;
    into.further_inputs = script_.turns[turn_].further_inputs;
    into.earlier = said_;
    into.previous_response_id = last_answer_id_;
    into.store = needs_id();
}

void conversation::answered(std::string text, std::string id) {
    script::turn& asked = script_.turns[turn_++];
    if (history_ == history::remembered) {
        last_answer_id_ = std::move(id);
        return;
    }
    if (!asked.prompt.empty()) said_.push_back({role::user, std::move(asked.prompt)});
    said_.push_back({role::assistant, std::move(text)});
    std::vector<api::chat_message>& given = script_.turns[turn_].before;
    if (given.empty()) return;
    // What the model wrote stands, and the call of the script is the one that it made.
    said_.back().calls = std::move(given.front().calls);
    std::move(given.begin() + 1, given.end(), std::back_inserter(said_));
    given.clear();
}

}  // namespace lmstress::workload
