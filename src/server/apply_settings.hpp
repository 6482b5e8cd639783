#pragma once

#include "server/identify.hpp"

#include <boost/asio/awaitable.hpp>

namespace lmstress::server {

/// Brings into force what the scenario asks of the server, as far as the server lets it, and notes
/// in `id` what was asked for and what could be confirmed. LM Studio: where `parallel` differs, the
/// model is unloaded and loaded with it (POST /api/v1/models/load), and the list is read again. A
/// wish for the KV cache takes both the way of the SDK's socket, which alone has that setting;
/// where there is no such wish, it is read there. Nothing is claimed that was not read back.
///
/// An error where the server cannot be reached or does not load the model; that it refuses a
/// setting is a warning in `id`, and that it could not be asked for it a note there (`unset`).
[[nodiscard]] boost::asio::awaitable<result<void>> apply_settings(
    clock& time, net::transport& transport, const net::endpoint& at, const target_settings& target,
    const server_wishes& wishes, identity& id);

/// Whether that may take an unloading and a loading of the model, which may last minutes.
[[nodiscard]] bool must_reload(const identity& id, const server_wishes& wishes);

}  // namespace lmstress::server
