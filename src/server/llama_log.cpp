#include "server/llama_log.hpp"

namespace lmstress::server {

std::optional<bool> unified_kv_in_log(std::string_view log) {
    // srv load_model: initializing, n_slots = 4, n_ctx_slot = 8192, kv_unified = 'true'
    constexpr std::string_view name = "kv_unified = '";
    const std::size_t at = log.rfind(name);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view value = log.substr(at + name.size());
    if (value.starts_with("true'")) return true;
    if (value.starts_with("false'")) return false;
    return std::nullopt;
}

}  // namespace lmstress::server
