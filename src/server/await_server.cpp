#include "server/await_server.hpp"

#include "net/timers.hpp"
#include "server/model_list.hpp"

#include <string>
#include <utility>

namespace lmstress::server {

namespace asio = boost::asio;

namespace {

/// A server that is busy with loading may accept and not answer.
constexpr nanoseconds answer_patience = std::chrono::seconds{2};
constexpr nanoseconds between = std::chrono::milliseconds{100};

asio::awaitable<http_answer> ask(way to, std::string path) {
    const std::string head = head_of("GET", to.at, to.target, path);
    const std::string no_body;
    co_return co_await http_call(to.time, to.transport, head, no_body, answer_patience);
}

asio::awaitable<bool> answers(way to) {
    const http_answer health = co_await ask(to, "/health");
    if (!health.complete) co_return false;
    if (health.head.status == 200) co_return true;
    if (health.head.status >= 500) co_return false;
    const http_answer models = co_await ask(to, "/v1/models");
    // One that wants another token is there all the same; it is told of where it is asked next.
    co_return models.complete && (models.head.status == 200 || models.head.status == 401);
}

/// Of a server that is of no use: stopped, so that all it said has been read.
error with_last_lines(std::string what, server_process& process) {
    process.stop();
    const std::string said = process.last_lines();
    return {errc::unreachable, std::move(what),
            said.empty() ? "It said nothing." : "The last that it said: " + said};
}

}  // namespace

asio::awaitable<bool> is_taken(way to) {
    const auto stream = to.transport.open();
    net::alarm too_long{to.time, [&] { stream->close(); }};
    too_long.set(to.time.now() + answer_patience);
    const net::connect_result connected = co_await stream->connect();
    // A TLS handshake that fails was answered too.
    co_return !connected.failed || connected.failed == failure_kind::tls;
}

asio::awaitable<result<void>> await_server(way to, server_process& process, nanoseconds wait) {
    const instant until = wait == nanoseconds{0} ? instant::max() : to.time.now() + wait;
    for (;;) {
        const bool there = co_await answers(to);
        if (const auto how = process.ended()) {
            co_return with_last_lines(
                "the server that --server-command started ended " + *how + " before it answered",
                process);
        }
        if (there) co_return result<void>{};
        if (to.time.now() >= until) {
            co_return with_last_lines(
                "the server that --server-command started does not answer at " + to.target.url +
                    " in time (--timeout-server), and was stopped",
                process);
        }
        net::sleeper pause{to.time};
        const instant next = to.time.now() + between;
        co_await pause.until(next);
    }
}

}  // namespace lmstress::server
