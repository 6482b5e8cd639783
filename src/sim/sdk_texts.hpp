#pragma once

#include "sim/models.hpp"

#include <string>

// What the SDK's protocol says of models, as JSON.

namespace lmstress::sim {

/// lms-shared-types/src/EstimatedResourcesUsage.ts. The machine has 24 GiB.
[[nodiscard]] std::string usage_text(const memory_need& n);
/// lms-shared-types/src/llm/LLMModelInfo.ts; of a model in memory with `on`.
[[nodiscard]] std::string model_info(const model_entry& m, const instance* on);
/// The settings that an instance has, as a KV config.
[[nodiscard]] std::string kv_config(const model_entry& m, const instance& on);
/// lms-shared-types/src/ModelProcessingStatus.ts
[[nodiscard]] std::string processing_state(const instance& on);

}  // namespace lmstress::sim
