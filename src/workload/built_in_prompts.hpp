#pragma once

#include <string_view>

namespace lmstress::workload {

/// The content of scenarios/prompts/chat.jsonl; the build makes the definition of it
/// (cmake/built_in_prompts.cmake).
extern const std::string_view built_in_prompts;

}  // namespace lmstress::workload
