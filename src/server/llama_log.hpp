#pragma once

#include <optional>
#include <string_view>

namespace lmstress::server {

/// Whether llama.cpp's server says in what it prints that its KV cache is unified, which none of
/// its routes tells. Of several loads the last one counts. LM Studio's engine prints the same line.
[[nodiscard]] std::optional<bool> unified_kv_in_log(std::string_view log);

}  // namespace lmstress::server
