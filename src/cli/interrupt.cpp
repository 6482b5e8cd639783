#include "cli/interrupt.hpp"

#include "cli/options.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace lmstress::cli {
namespace {

bool is_ignored(int number) {
    struct sigaction now{};
    return sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

/// There is one process, and one end of it.
std::function<void()>& duty() {
    static std::function<void()> what;
    return what;
}

}  // namespace

void do_before_abrupt_end(std::function<void()> what) {
    duty() = std::move(what);
}

void add_ending_signals(boost::asio::signal_set& signals) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        if (!is_ignored(number)) signals.add(number);
    }
}

void end_before_any_result() {
    // The terminal shows ^C, or how far a download is, where the sentence would begin.
    if (isatty(STDERR_FILENO) != 0) std::fputs("\n", stderr);
    static_cast<void>(complain(
        {errc::usage, duty() ? "interrupted before the run; the server that was started is stopped"
                             : "interrupted while the server was asked; what it was asked to do it "
                               "may go on with"}));
    if (duty()) duty()();
    // What waits for the server is not unwound: it refers to this and that, and nobody needs it.
    std::_Exit(130);
}

}  // namespace lmstress::cli
