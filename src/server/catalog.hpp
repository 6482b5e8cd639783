#pragma once

#include "server/http_call.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::server {

/// A model in the server's memory.
struct model_instance {
    std::string id;
    boost::json::object config;  ///< the settings in force, as the server spells them
};

/// A model on the server's disk, as LM Studio describes it. What an API does not tell is empty.
struct catalog_entry {
    std::string key = {};
    std::string type = {};  ///< "llm" or "embedding"
    std::string display_name = {};
    std::string publisher = {};
    std::string architecture = {};
    std::string format = {};  ///< "gguf" or "mlx"
    std::string quantization = {};
    std::string params = {};  ///< "4B", "26B-A4B"
    std::string description = {};
    std::optional<std::uint64_t> size_bytes = {};
    std::optional<std::uint64_t> max_context_length = {};
    std::optional<bool> vision = {};
    std::optional<bool> tool_use = {};
    std::vector<std::string> reasoning = {};  ///< options of how much of it
    std::string reasoning_default = {};
    std::vector<std::string> variants = {};
    std::string selected_variant = {};
    std::vector<model_instance> instances = {};
};

struct catalog {
    std::vector<catalog_entry> models;
    bool native = true;  ///< from REST v1; else from v0, which tells less and changes nothing
};

/// The list of GET /api/v1/models; nothing where the answer is none.
[[nodiscard]] std::optional<std::vector<catalog_entry>> native_catalog(const http_answer& answer);
/// The list of GET /api/v0/models, where each instance is an entry of its own.
[[nodiscard]] std::optional<std::vector<catalog_entry>> v0_catalog(const http_answer& answer);
/// The entry of GET /api/v0/models/{model}.
[[nodiscard]] std::optional<catalog_entry> v0_entry(const http_answer& answer);

/// By its key, a variant or an instance of it, whatever the case of the letters; null: none.
[[nodiscard]] const catalog_entry* find_entry(const std::vector<catalog_entry>& models,
                                              std::string_view name);

/// What of `asked` is otherwise in `in_force`, a few words each: "parallel is 4, not 8". What is
/// not told there is no difference.
[[nodiscard]] std::vector<std::string> differences(const boost::json::object& asked,
                                                   const boost::json::object& in_force);
/// What of `asked` is not told in `in_force`: "num_experts".
[[nodiscard]] std::vector<std::string> untold(const boost::json::object& asked,
                                              const boost::json::object& in_force);

/// `text` as one part of a path.
[[nodiscard]] std::string path_part(std::string_view text);

}  // namespace lmstress::server
