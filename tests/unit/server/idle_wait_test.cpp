// Waiting for a server to be idle, in virtual time against the built-in engine.

#include "server/idle_wait.hpp"

#include "net/timers.hpp"
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
    bool earlier_were_busy = false;
};

/// A server that is not LM Studio, and others who ask it, in virtual time.
class waiting {
  public:
    explicit waiting(const sim::engine_settings& engine)
        : sim_(settings_with(engine), time_.now()),
          transport_(time_, sim_, [](const sim::truth&) {}) {
        who_.apis = {api::find_api("openai-chat")};
        who_.model = sim::server_settings{}.model;
    }
    /// Somebody else asks for so many tokens.
    void begin_other(std::uint32_t tokens) {
        std::string body = who_.apis.front()->request_body(
            {.model = who_.model, .prompt = "Count.", .max_tokens = tokens});
        asio::co_spawn(context_, server::post(to_, "/v1/chat/completions", std::move(body), 1h),
                       asio::detached);
    }
    asio::awaitable<waited> until_idle(nanoseconds limit) {
        const instant begin = time_.now();
        const ending is = co_await idle_.until_idle(limit);
        co_return waited{is, time_.now() - begin, idle_.earlier_were_busy()};
    }
    asio::awaitable<void> pass(nanoseconds length) {
        net::sleeper nap{time_};
        const bool passed = co_await nap.until(time_.now() + length);
        static_cast<void>(passed);
    }
    void run(asio::awaitable<void> script) {
        asio::co_spawn(context_, std::move(script), [](const std::exception_ptr& failed) {
            if (failed) std::rethrow_exception(failed);
        });
        time_.run();
    }
    void ask_by(const char* api) { who_.apis = {api::find_api(api)}; }

  private:
    static sim::server_settings settings_with(const sim::engine_settings& engine) {
        sim::server_settings out;
        out.engine = engine;
        return out;
    }

    asio::io_context context_{1};
    net::virtual_clock time_{context_};
    sim::server sim_;
    sim::in_process_transport transport_;
    net::endpoint at_;
    target_settings target_;
    server::way to_{time_, transport_, at_, target_};
    server::identity who_;
    server::idle_wait idle_{to_, who_};
};

/// One wait, and one more once others have asked for an answer of so many tokens, of 13 ms each.
waited wait_for(std::uint32_t busy_tokens, nanoseconds limit) {
    waiting w{{.parallel = 1}};
    waited out;
    const auto go = [&]() -> asio::awaitable<void> {
        out = co_await w.until_idle(limit);
        if (busy_tokens == 0) co_return;
        w.begin_other(busy_tokens);
        out = co_await w.until_idle(limit);
    };
    w.run(go());
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

TEST_CASE("idle wait: one that is busy from the first is waited for no longer than it may be") {
    waiting w{{.parallel = 1}};
    waited out;
    const auto go = [&]() -> asio::awaitable<void> {
        w.begin_other(2000);
        out = co_await w.until_idle(3s);
    };
    w.run(go());
    CHECK(out.is == ending::still_busy);
    CHECK(out.took < 4s);
}

TEST_CASE("idle wait: what others loaded from the first is known once they have gone") {
    // Three others make a step of 16 ms one of 46 ms.
    waiting w{{.parallel = 4, .step_per_stream = 10ms}};
    waited loaded;
    waited alone;
    waited again;
    waited loaded_again;
    const auto others = [&](std::uint32_t tokens) {
        for (int i = 0; i < 3; ++i) w.begin_other(tokens);
    };
    const auto go = [&]() -> asio::awaitable<void> {
        others(60);
        co_await w.pass(500ms);  // their prompts are processed
        loaded = co_await w.until_idle(2s);
        co_await w.pass(5s);
        alone = co_await w.until_idle(60s);
        again = co_await w.until_idle(60s);
        others(1000);
        loaded_again = co_await w.until_idle(2s);
    };
    w.run(go());
    CHECK(loaded.is == ending::idle);
    CHECK_FALSE(loaded.earlier_were_busy);
    CHECK(alone.is == ending::idle);
    CHECK(alone.earlier_were_busy);
    CHECK(again.is == ending::idle);
    CHECK_FALSE(again.earlier_were_busy);
    CHECK(loaded_again.is == ending::still_busy);
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
        is = co_await idle.until_idle(60s);
        CHECK(is == ending::idle);
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

TEST_CASE("idle wait: what has no answers of one token cannot be told to be idle") {
    waiting w{{.parallel = 1}};
    w.ask_by("openai-embeddings");
    waited out;
    const auto go = [&]() -> asio::awaitable<void> { out = co_await w.until_idle(60s); };
    w.run(go());
    CHECK(out.is == ending::unknown);
    CHECK(out.took < 1s);
}
