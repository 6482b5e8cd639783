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

/// Asio keeps what comes while nobody waits, but for this set only.
class signals_of_context : public boost::asio::execution_context::service {
  public:
    // NOLINTNEXTLINE(readability-identifier-naming): Asio asks for it by this name.
    static inline boost::asio::execution_context::id id;

    explicit signals_of_context(boost::asio::execution_context& of)
        : service(of), set(static_cast<boost::asio::io_context&>(of)) {
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
            if (!is_ignored(number)) set.add(number);
        }
    }

    boost::asio::signal_set set;

  private:
    void shutdown() override { set.cancel(); }
};

/// There is one process, and one end of it.
std::function<void()>& duty() {
    static std::function<void()> what;
    return what;
}

std::function<void()>& keeper() {
    static std::function<void()> what;
    return what;
}

}  // namespace

void do_before_abrupt_end(std::function<void()> what) {
    duty() = std::move(what);
}

results_so_far::results_so_far(std::function<void()> keep) {
    keeper() = std::move(keep);
}

results_so_far::~results_so_far() {
    keeper() = nullptr;
}

boost::asio::signal_set& ending_signals(boost::asio::io_context& of) {
    return boost::asio::use_service<signals_of_context>(of).set;
}

void end_abruptly() {
    // The terminal shows ^C, or how far a download is, where the sentence would begin.
    if (isatty(STDERR_FILENO) != 0) std::fputs("\n", stderr);
    if (!keeper()) {
        static_cast<void>(
            complain({errc::usage,
                      duty() ? "interrupted before the run; the server that was started is stopped"
                             : "interrupted while the server was asked; what it was asked to do it "
                               "may go on with"}));
    }
    if (duty()) duty()();
    if (keeper()) keeper()();
    // What waits for the server is not unwound: it refers to this and that, and nobody needs it.
    std::_Exit(130);
}

}  // namespace lmstress::cli
