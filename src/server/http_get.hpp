#pragma once

#include "lmstress/clock.hpp"
#include "net/stream.hpp"
#include "wire/http_response.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace lmstress::server {

struct http_answer {
    net::connect_result connected;
    bool begun = false;     ///< a byte of an answer came
    bool complete = false;  ///< a whole one did
    wire::http_head head;
    std::string body;
};

/// One GET on a connection of its own, within `patience`.
[[nodiscard]] boost::asio::awaitable<http_answer> http_get(clock& time, net::transport& transport,
                                                           const std::string& head,
                                                           nanoseconds patience);

}  // namespace lmstress::server
