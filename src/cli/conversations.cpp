#include "cli/conversations.hpp"

#include "store/journal.hpp"

namespace lmstress::cli {

result<std::optional<workload::conversation_file>> load_conversations(const workload_settings& w) {
    const std::string& file = w.conversation.file;
    if (file.empty()) return std::optional<workload::conversation_file>{};
    if (w.conversation.turns > 1) {
        return error{errc::usage, "--turns and --conversations exclude each other",
                     "How many turns a conversation has, the file says."};
    }
    if (w.inputs_each > 1) {
        return error{errc::usage, "--inputs and --conversations exclude each other",
                     "The texts to embed are prompts: --prompts or --synthetic gives them."};
    }
    const auto content = store::read_file(file);
    if (!content) return content.error();
    auto read = workload::conversation_file::from_text(*content, file, w);
    if (!read) return read.error();
    return std::optional{*std::move(read)};
}

workload::conversation_needs needs_of(const workload_settings& w,
                                      const std::optional<workload::conversation_file>& file) {
    return {.turns = file ? file->most_turns() : w.conversation.turns,
            .tool_results = file && file->have_tool_results(),
            .integrations = !w.integrations.empty(),
            .images = !w.images.empty(),
            .several_inputs = w.inputs_each > 1};
}

}  // namespace lmstress::cli
