#include "support/fetch.hpp"

#include "net/real_clock.hpp"
#include "net/tcp_stream.hpp"
#include "server/http_call.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <stdexcept>

namespace test {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string fetch(std::uint16_t port, const std::string& path) {
    asio::io_context context{1};
    lmstress::net::real_clock time{context};
    lmstress::net::tcp_transport transport{context.get_executor(),
                                           {"127.0.0.1", std::to_string(port)}};
    const std::string head = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    const std::string no_body;
    std::string body;
    bool complete = false;
    asio::co_spawn(
        context,
        lmstress::server::http_call(time, transport, head, no_body, std::chrono::seconds{10}),
        [&](std::exception_ptr failed, lmstress::server::http_answer answer) {
            if (failed) std::rethrow_exception(failed);
            complete = answer.complete;
            body = std::move(answer.body);
        });
    context.run();
    if (!complete) throw std::runtime_error("no answer to GET " + path);
    return body;
}

std::uint16_t free_port() {
    asio::io_context context;
    tcp::acceptor acceptor{context, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    return acceptor.local_endpoint().port();
}

}  // namespace test
