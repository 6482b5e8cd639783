// Waiting for a server to be idle, in virtual time against the built-in engine.

#include "server/idle_wait.hpp"

#include "net/virtual_clock.hpp"
#include "sim/in_process.hpp"
#include "support/scripted_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace lmstress;
using namespace std::chrono_literals;

namespace asio = boost::asio;
using ending = server::idle_wait::outcome;

namespace {

struct waited {
    ending is = ending::unknown;
    nanoseconds took{0};
};

/// A server of one slot, which an answer of so many tokens has, of 13 ms each.
waited wait_for(std::uint32_t busy_tokens, nanoseconds limit, bool learns = true) {
    asio::io_context context{1};
    net::virtual_clock time{context};
    sim::server_settings settings;
    settings.engine.parallel = 1;
    sim::server sim{settings, time.now()};
    sim::in_process_transport transport{time, sim, [](const sim::truth&) {}};
    const net::endpoint at;
    const target_settings target;
    const server::way to{time, transport, at, target};
    server::identity who;
    who.apis = {api::find_api("openai-chat")};
    who.model = sim::server_settings{}.model;
    server::idle_wait idle{to, who};
    waited out;
    const auto go = [&]() -> asio::awaitable<void> {
        if (learns) co_await idle.learn();
        if (busy_tokens > 0) {
            std::string body = who.apis.front()->request_body(
                {.model = who.model, .prompt = "Count.", .max_tokens = busy_tokens});
            auto busy = server::post(to, "/v1/chat/completions", std::move(body), 1h);
            asio::co_spawn(context, std::move(busy), asio::detached);
        }
        const instant begin = time.now();
        out.is = co_await idle.until_idle(limit);
        out.took = time.now() - begin;
    };
    asio::co_spawn(context, go(), [](const std::exception_ptr& failed) {
        if (failed) std::rethrow_exception(failed);
    });
    time.run();
    return out;
}

}  // namespace

TEST_CASE("idle wait: a server that has nothing to do is idle at once") {
    const auto w = wait_for(0, 60s);
    CHECK(w.is == ending::idle);
    CHECK(w.took < 1s);
}

TEST_CASE("idle wait: one that is busy is waited for, but not for ever") {
    const auto w = wait_for(200, 60s);
    CHECK(w.is == ending::idle);
    CHECK(w.took > 2s);
    CHECK(w.took < 4s);
    const auto late = wait_for(2000, 3s);
    CHECK(late.is == ending::still_busy);
    CHECK(late.took < 4s);
}

TEST_CASE("idle wait: nobody waits for a server that accepts no connection any longer") {
    asio::io_context context{1};
    net::virtual_clock time{context};
    const std::string answered = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    const test::scripted_connection one{
        .answers = {{{.what = test::step::kind::send, .after = 10ms, .bytes = answered}}}};
    test::scripted_transport transport{time, {one, one, one}};  // a further one is refused
    const net::endpoint at;
    const target_settings target;
    const server::way to{time, transport, at, target};
    server::identity who;
    who.apis = {api::find_api("openai-chat")};
    server::idle_wait idle{to, who};
    ending is = ending::unknown;
    const auto go = [&]() -> asio::awaitable<void> {
        co_await idle.learn();
        is = co_await idle.until_idle(60s);
    };
    const instant begin = time.now();
    asio::co_spawn(context, go(), [](const std::exception_ptr& failed) {
        if (failed) std::rethrow_exception(failed);
    });
    time.run();
    CHECK(is == ending::gone);
    CHECK(time.now() - begin < 1s);
}

TEST_CASE("idle wait: who has not learned what idle is like cannot tell") {
    CHECK(wait_for(0, 60s, false).is == ending::unknown);
}
