#pragma once

#include "lmstress/scenario.hpp"
#include "workload/conversation_file.hpp"
#include "workload/image_file.hpp"
#include "workload/prompts.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lmstress::cli {

/// Says what the run would do: its first request with the secrets hidden, how many there would be,
/// and how long it would take. Sends and starts nothing. `id` is that of the run, `server_words`
/// the command that would start the server. The exit code.
[[nodiscard]] int dry_run(const scenario& s, const workload::prompts& prompts,
                          const std::optional<workload::conversation_file>& conversations,
                          std::span<const workload::image_file> images, const std::string& id,
                          const std::vector<std::string>& server_words);

}  // namespace lmstress::cli
