#include "net/timed_socket.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace lmstress;

namespace {

/// Two ends of a connection over the loopback.
struct connection {
    explicit connection(asio::io_context& context) : far(context) {
        tcp::acceptor at{context, {asio::ip::address_v4::loopback(), 0}};
        tcp::socket made{context};
        made.connect(at.local_endpoint());
        far = at.accept();
        near = std::make_unique<net::timed_socket>(std::move(made), net::socket_use{});
    }
    void say(const std::string& text) { asio::write(far, asio::buffer(text)); }

    std::unique_ptr<net::timed_socket> near;
    tcp::socket far;
};

struct reading {
    std::string text;
    std::vector<std::size_t> sizes;
    net::error_code ec;
    bool over = false;
};

/// Reads to the end.
asio::awaitable<void> read_all(net::timed_socket& from, std::size_t most, reading& into) {
    std::string buffer(most, ' ');
    constexpr instant long_ago{};
    while (!into.over) {
        auto some = from.read(buffer, long_ago);
        const net::stamped_bytes bytes = co_await std::move(some);
        into.text.append(buffer, 0, bytes.count);
        into.sizes.push_back(bytes.count);
        into.ec = bytes.error;
        into.over = bytes.error || bytes.count == 0;
    }
}

void run_some(asio::io_context& context, const reading& r, std::size_t bytes) {
    while (r.text.size() < bytes && !r.over) context.run_one();
}

}  // namespace

TEST_CASE("timed_socket: what comes, when it comes, to the end") {
    asio::io_context context;
    connection c{context};
    reading r;
    asio::co_spawn(context, read_all(*c.near, 100, r), asio::detached);
    c.say("before anybody waits ");
    run_some(context, r, 21);
    c.say("and then");
    run_some(context, r, 29);
    CHECK_FALSE(r.over);
    c.far.close();
    context.run();
    CHECK(r.text == "before anybody waits and then");
    CHECK(r.over);
    CHECK_FALSE(r.ec);
}

TEST_CASE("timed_socket: the end that came together with the bytes is not waited for again") {
    asio::io_context context;
    connection c{context};
    reading r;
    c.say("all of it");
    c.far.close();
    asio::co_spawn(context, read_all(*c.near, 100, r), asio::detached);
    context.run();
    CHECK(r.text == "all of it");
    CHECK(r.sizes == std::vector<std::size_t>{9, 0});
}

TEST_CASE("timed_socket: more than a read takes, between two who both have it") {
    asio::io_context context;
    connection a{context};
    connection b{context};
    reading of_a;
    reading of_b;
    asio::co_spawn(context, read_all(*a.near, 10, of_a), asio::detached);
    asio::co_spawn(context, read_all(*b.near, 10, of_b), asio::detached);
    a.say(std::string(1000, 'a'));
    b.say(std::string(1000, 'b'));
    // Neither is read out before the other has its turn.
    run_some(context, of_a, 500);
    CHECK(of_b.text.size() >= 400);
    a.far.close();
    b.far.close();
    context.run();
    CHECK(of_a.text == std::string(1000, 'a'));
    CHECK(of_b.text == std::string(1000, 'b'));
}

TEST_CASE(
    "timed_socket: one that begins to wait while others that came with it go on reads its own") {
    asio::io_context context;
    connection a{context};
    connection b{context};
    reading of_a;
    reading of_b;
    // Both are in the set, and whoever of the two is told first begins the other's next read.
    std::string buffer(100, ' ');
    const auto one = [&](connection& from, reading& into, auto then) -> asio::awaitable<void> {
        auto some = from.near->read(buffer, instant{});
        const net::stamped_bytes bytes = co_await std::move(some);
        into.text.append(buffer, 0, bytes.count);
        then();
    };
    const auto nothing = [] {};
    b.say("first");
    asio::co_spawn(context, one(b, of_b, nothing), asio::detached);
    run_some(context, of_b, 5);
    context.restart();
    asio::co_spawn(
        context,
        one(a, of_a, [&] { asio::co_spawn(context, one(b, of_b, nothing), asio::detached); }),
        asio::detached);
    context.poll();
    a.say("mine");
    b.say(" second");
    run_some(context, of_b, 12);
    CHECK(of_a.text == "mine");
    CHECK(of_b.text == "first second");
}

TEST_CASE("timed_socket: one that is closed by another that came with it brings nothing") {
    asio::io_context context;
    connection a{context};
    connection b{context};
    std::string text;
    const auto closing = [&](connection& from, connection& other) -> asio::awaitable<void> {
        std::string buffer(100, ' ');
        auto some = from.near->read(buffer, instant{});
        const net::stamped_bytes bytes = co_await std::move(some);
        text.append(buffer, 0, bytes.count);
        other.near->close();
    };
    asio::co_spawn(context, closing(a, b), asio::detached);
    asio::co_spawn(context, closing(b, a), asio::detached);
    context.poll();
    a.say("one");
    b.say("one");
    context.run();
    CHECK(text == "one");
}

TEST_CASE("timed_socket: a reset is an error") {
    asio::io_context context;
    connection c{context};
    reading r;
    asio::co_spawn(context, read_all(*c.near, 100, r), asio::detached);
    context.poll();
    c.far.set_option(asio::socket_base::linger{true, 0});
    c.far.close();
    context.run();
    CHECK(r.ec == boost::system::errc::connection_reset);
}

TEST_CASE(
    "timed_socket: closing ends the wait, and whoever comes into its place hears only of itself") {
    asio::io_context context;
    auto c = std::make_unique<connection>(context);
    reading r;
    asio::co_spawn(context, read_all(*c->near, 100, r), asio::detached);
    context.poll();
    c->say("too late");
    c->near->close();
    CHECK_FALSE(r.over);
    context.run();
    CHECK(r.ec == asio::error::operation_aborted);
    CHECK(r.text.empty());

    context.restart();
    c = std::make_unique<connection>(context);
    reading second;
    asio::co_spawn(context, read_all(*c->near, 100, second), asio::detached);
    context.poll();
    CHECK(second.sizes.empty());
    c->say("mine");
    run_some(context, second, 4);
    CHECK(second.text == "mine");
}

TEST_CASE("timed_socket: what it cannot take at once goes out as room comes, and others read") {
    asio::io_context context;
    connection c{context};
    reading r;
    const std::string head = "head ";
    const std::string body(16'000'000, 'b');
    std::optional<net::error_code> written;
    const auto write = [&]() -> asio::awaitable<void> {
        auto all = c.near->write(head, body);
        written = co_await std::move(all);
    };
    asio::co_spawn(context, read_all(*c.near, 100, r), asio::detached);
    asio::co_spawn(context, write(), asio::detached);
    context.poll();
    CHECK_FALSE(written);
    // What comes while it waits for room is read then, and what comes after it is, too.
    c.say("meanwhile");
    run_some(context, r, 9);
    CHECK(r.text == "meanwhile");
    CHECK_FALSE(written);
    std::string got(head.size() + body.size(), ' ');
    std::thread reader{[&] { asio::read(c.far, asio::buffer(got)); }};
    while (!written) context.run_one();
    reader.join();
    CHECK_FALSE(*written);
    CHECK(got == head + body);
    c.say(" and after");
    run_some(context, r, 19);
    CHECK(r.text == "meanwhile and after");
}

TEST_CASE("timed_socket: closing ends the wait for room") {
    asio::io_context context;
    connection c{context};
    const std::string body(16'000'000, 'b');
    net::error_code written;
    const auto write = [&]() -> asio::awaitable<void> {
        auto all = c.near->write("", body);
        written = co_await std::move(all);
    };
    asio::co_spawn(context, write(), asio::detached);
    context.poll();
    CHECK_FALSE(written);
    c.near->close();
    context.run();
    CHECK(written == asio::error::operation_aborted);
}

TEST_CASE("timed_socket: a write to whom nobody is left is an error and no signal") {
    asio::io_context context;
    connection c{context};
    c.far.set_option(asio::socket_base::linger{true, 0});
    c.far.close();
    std::vector<net::error_code> said;
    const auto write = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            auto all = c.near->write("into", " nothing");
            said.push_back(co_await std::move(all));
        }
    };
    asio::co_spawn(context, write(), asio::detached);
    context.run();
    REQUIRE(said.size() == 2);
    CHECK(said[0] == boost::system::errc::connection_reset);
    CHECK(said[1] == boost::system::errc::broken_pipe);
}

TEST_CASE("timed_socket: Asio takes over where it was left") {
    asio::io_context context;
    connection c{context};
    reading r;
    asio::co_spawn(context, read_all(*c.near, 5, r), asio::detached);
    c.say("first");
    context.poll();
    CHECK(r.text == "first");
    c.say("second");
    std::string rest(6, ' ');
    asio::read(c.near->raw(), asio::buffer(rest));
    CHECK(rest == "second");
    // Where there is no set of ready sockets the wait was Asio's all the time, and goes on.
    c.near->close();
    context.run();
    CHECK(r.ec == asio::error::operation_aborted);
}

TEST_CASE("timed_socket: a context that ends while one waits takes all with it") {
    const auto witness = std::make_shared<int>(0);
    {
        asio::io_context context;
        reading r;
        const auto owner = [&](std::shared_ptr<int>) -> asio::awaitable<void> {
            connection c{context};
            co_await read_all(*c.near, 100, r);
        };
        asio::co_spawn(context, owner(witness), asio::detached);
        context.poll();
        CHECK(witness.use_count() == 2);
    }
    CHECK(witness.use_count() == 1);
}
