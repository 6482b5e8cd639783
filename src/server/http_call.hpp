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
    bool not_http = false;  ///< what came is none
    bool timed_out = false;
    wire::http_head head;
    std::string body;
};

/// One request on a connection of its own, within `patience`. `head` is without its end: this adds
/// Connection: close and, for a body that is not empty, its length. Both outlive the operation.
[[nodiscard]] boost::asio::awaitable<http_answer> http_call(clock& time, net::transport& transport,
                                                            const std::string& head,
                                                            const std::string& body,
                                                            nanoseconds patience);

}  // namespace lmstress::server
