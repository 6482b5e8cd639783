// A connection to the built-in server, byte for byte.

#include "support/child_process.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <doctest/doctest.h>

#include <poll.h>

#include <array>
#include <chrono>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using wall = std::chrono::steady_clock;

namespace {

tcp::endpoint endpoint_of(const std::string& url) {
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    return {asio::ip::address_v4::loopback(), port};
}

/// The next bytes; none at the end of the connection. Throws where nothing comes in 20 s.
std::string next_bytes(tcp::socket& socket) {
    pollfd wanted{.fd = socket.native_handle(), .events = POLLIN, .revents = 0};
    if (::poll(&wanted, 1, 20'000) != 1) throw std::runtime_error("silence for 20 s");
    std::array<char, 65'536> buffer{};
    boost::system::error_code ec;
    const std::size_t n = socket.read_some(asio::buffer(buffer), ec);
    return {buffer.data(), n};
}

}  // namespace

TEST_CASE("sim: a connection that is idle for five seconds is closed, as its header says") {
    const test::simulator sim;
    asio::io_context context;
    tcp::socket socket{context};
    socket.connect(endpoint_of(sim.url()));
    const std::string ask = "GET /lmstudio-greeting HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int n = 0; n < 2; ++n) {  // the connection is kept for a second request
        asio::write(socket, asio::buffer(ask));
        const std::string answer = next_bytes(socket);
        CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(answer.find("\r\nKeep-Alive: timeout=5\r\n") != std::string::npos);
    }
    const auto answered = wall::now();
    CHECK(next_bytes(socket).empty());
    const auto idle = wall::now() - answered;
    CHECK(idle > 4'900ms);
    CHECK(idle < 7s);
}
