#pragma once

#include "api/api.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace lmstress::server {

/// Whether the server has the route of an API.
enum class route : std::uint8_t {
    there,
    missing,
    unsure,  ///< the answer does not tell, or there is none
};

/// Of the answer to an empty request. LM Studio answers paths that it does not know with HTTP 200
/// and an error, others with 404; a model that is not named is a fault of the request, on a route
/// that is there.
[[nodiscard]] route route_by(const http_answer& answer);

/// Asks with an empty object, which no server works on.
[[nodiscard]] boost::asio::awaitable<http_answer> ask_route(way to, std::string path);

/// The APIs among these whose routes the server does not have.
[[nodiscard]] boost::asio::awaitable<std::vector<const api::api*>> missing_apis(
    way to, std::vector<const api::api*> wanted);

}  // namespace lmstress::server
