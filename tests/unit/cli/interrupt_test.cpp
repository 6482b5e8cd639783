#include "cli/interrupt.hpp"

#include <doctest/doctest.h>

#include <csignal>

namespace asio = boost::asio;

TEST_CASE("ending_signals: one that nobody waited for is the next one's") {
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
}
