#pragma once

#include "server/model_control.hpp"
#include "server/sdk_config.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

// What `lmstress models load` asks over the WebSocket of LM Studio's SDK, because the REST API has
// no word for it. Errors are for the user; where the server does not speak this, they name the
// other ways.

namespace lmstress::server {

struct sdk_load_request {
    std::string model;
    model_kind kind = model_kind::llm;
    std::string identifier = {};                    ///< empty: as the server names it
    std::optional<std::uint64_t> ttl_seconds = {};  ///< unloaded after so long without a request
    boost::json::object settings = {};              ///< as fields_of() takes them
};

/// Loads a model and reads back what is in force: getLoadConfig, and getModelInfo for the name and
/// the time to live. Where that differs the error is errc::not_in_force, and the instance stays.
/// `on_progress` takes 0 to 1.
[[nodiscard]] boost::asio::awaitable<result<loaded_model>> load_by_sdk(
    way to, sdk_load_request request, std::function<void(double)> on_progress);

/// What a model would need (lms-shared-types/src/EstimatedResourcesUsage.ts).
struct usage_estimate {
    std::uint64_t model_bytes = 0;
    std::uint64_t context_bytes = 0;
    std::uint64_t total_bytes = 0;
    std::uint64_t model_vram_bytes = 0;
    std::uint64_t context_vram_bytes = 0;
    std::uint64_t total_vram_bytes = 0;
    bool sure = false;  ///< its confidence is "high"
    bool fits = false;  ///< the server's guardrails let it be loaded
};

[[nodiscard]] std::optional<usage_estimate> read_estimate(const boost::json::value& answer);
/// Loads nothing.
[[nodiscard]] boost::asio::awaitable<result<usage_estimate>> estimate_by_sdk(
    way to, std::string model, model_kind kind, boost::json::object settings);

/// The model with what REST does not tell of its instances and the SDK's socket does: unified KV,
/// the GPU's share, the time to live in seconds. As it is where the server does not speak it.
[[nodiscard]] boost::asio::awaitable<catalog_entry> with_untold_settings(way to, catalog_entry m);

}  // namespace lmstress::server
