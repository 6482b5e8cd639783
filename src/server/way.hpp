#pragma once

#include "lmstress/scenario.hpp"
#include "net/url.hpp"
#include "server/http_call.hpp"

#include <string>

namespace lmstress::server {

/// The way to a server, for a few calls in a row. All of them outlive this.
struct way {
    clock& time;
    net::transport& transport;
    const net::endpoint& at;
    const target_settings& target;
};

/// How long a server may take to say what it knows, and to load or unload a model.
inline constexpr nanoseconds patience = std::chrono::seconds{10};
inline constexpr nanoseconds load_patience = std::chrono::minutes{15};

[[nodiscard]] boost::asio::awaitable<http_answer> get(way to, std::string path);
[[nodiscard]] boost::asio::awaitable<http_answer> post(way to, std::string path, std::string body,
                                                       nanoseconds wait);

}  // namespace lmstress::server
