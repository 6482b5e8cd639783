#pragma once

#include "server/identify.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Settings that LM Studio's REST API lacks, over the socket of its SDK.

namespace lmstress::server {

/// What getLoadConfig says of an instance. Engines leave out what they do not have, and what is not
/// there may as well be as the SDK's schema has it by default: so it is unknown.
struct load_config {
    std::optional<std::uint64_t> parallel = {};
    std::optional<bool> unified_kv = {};
    std::optional<std::uint64_t> context_length = {};
    boost::json::value fields = {};  ///< all of them, as they came
};

/// What names an instance in a call: a ModelSpecifier (lms-shared-types/src/ModelSpecifier.ts).
[[nodiscard]] boost::json::value instance_query(const std::string& identifier);

[[nodiscard]] load_config read_load_config(const boost::json::value& kv_config);
/// Takes over what it says and no list has said before: builds before March 2026 list no
/// `parallel`.
void take_over(const load_config& c, server_settings& into);
/// Whether it is what is wished; what is not wished for does not count.
[[nodiscard]] bool in_force(const load_config& now, const server_wishes& wishes);
/// The parameter of loadModel: as `before`, but for the wishes. `identifier` may be empty.
[[nodiscard]] boost::json::value load_parameter(const std::string& key,
                                                const std::string& identifier,
                                                const load_config& before,
                                                const server_wishes& wishes);

/// A model in memory or on disk, by LM Studio's own list.
struct sdk_target {
    std::string key;
    std::vector<std::string> instances;
};

/// Loads the model with both wishes where they are not in force, and says what is then. An error
/// of `model_not_there` is the server's word against the load; any other means that it does not
/// speak this protocol, or not to us, and nothing was changed.
[[nodiscard]] boost::asio::awaitable<result<load_config>> apply_by_sdk(
    clock& time, net::transport& transport, const net::endpoint& at, const target_settings& target,
    const sdk_target& model, const server_wishes& wishes);

/// Notes in `id` what the server says of its instance, where it does so within two seconds a step.
[[nodiscard]] boost::asio::awaitable<void> read_by_sdk(clock& time, net::transport& transport,
                                                       const net::endpoint& at,
                                                       const target_settings& target, identity& id);

}  // namespace lmstress::server
