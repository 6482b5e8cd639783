#include "cli/interrupt.hpp"

#include <doctest/doctest.h>

#include <csignal>

namespace asio = boost::asio;

TEST_CASE("ending_signals: one that nobody waited for is the next one's, in another context too") {
    asio::io_context context;
    static_cast<void>(lmstress::cli::ending_signals(context));
    REQUIRE(std::raise(SIGTERM) == 0);
    context.run();
    context.restart();
    int heard = 0;
    lmstress::cli::ending_signals(context).async_wait(
        [&](const boost::system::error_code& ec, int number) { heard = ec ? -1 : number; });
    context.run();
    CHECK(heard == SIGTERM);

    // In one case with the other: between cases doctest takes the signals back.
    {
        asio::io_context first;
        static_cast<void>(lmstress::cli::ending_signals(first));
    }
    REQUIRE(std::raise(SIGINT) == 0);
    asio::io_context second;
    lmstress::cli::ending_signals(second).async_wait(
        [&](const boost::system::error_code& ec, int number) { heard = ec ? -1 : number; });
    second.run();
    CHECK(heard == SIGINT);

    // And it is heard once.
    second.restart();
    lmstress::cli::ending_signals(second).async_wait(
        [&](const boost::system::error_code& ec, int number) { heard = ec ? -1 : number; });
    second.poll();
    lmstress::cli::ending_signals(second).cancel();
    second.restart();
    second.run();
    CHECK(heard == -1);
}
