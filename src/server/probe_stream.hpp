#pragma once

#include "server/identify.hpp"
#include "server/probe.hpp"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <string_view>
#include <vector>

namespace lmstress::server {

/// What a short answer shows, as stream_notes has it.
inline constexpr std::array<std::string_view, 3> stream_lines = {"streams", "headers first",
                                                                 "usage"};

/// Asks for 16 tokens over the first API of `who`, HTTP or WebSocket, and looks at how they come.
[[nodiscard]] boost::asio::awaitable<std::vector<finding>> try_stream(way to, identity who);

}  // namespace lmstress::server
