#include "cli/interrupt.hpp"

#include "cli/options.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

constexpr std::array all_of_them = {SIGINT, SIGTERM, SIGHUP};

/// Where the handler writes, and whoever waits reads. It is never closed.
std::array<int, 2>& the_pipe() {
    static std::array<int, 2> ends{-1, -1};
    return ends;
}

void note(int number) {
    const int before = errno;
    const auto byte = static_cast<unsigned char>(number);
    const ssize_t n = ::write(the_pipe()[1], &byte, 1);
    static_cast<void>(n);
    errno = before;
}

/// The end of the pipe that is read.
int take_signals() {
    std::array<int, 2>& ends = the_pipe();
    if (ends[0] >= 0) return ends[0];
    if (::pipe(ends.data()) != 0) return -1;
    for (const int end : ends) {
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
        ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
    for (const int number : all_of_them) {
        if (is_ignored(number)) continue;
        struct sigaction of_ours{};
        of_ours.sa_handler = note;
        of_ours.sa_flags = SA_RESTART;
        sigemptyset(&of_ours.sa_mask);
        sigaction(number, &of_ours, nullptr);
    }
    return ends[0];
}

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

signals_to_end::signals_to_end(boost::asio::execution_context& of)
    : service(of), come_(static_cast<boost::asio::io_context&>(of)) {
    const int own = ::fcntl(take_signals(), F_DUPFD_CLOEXEC, 0);
    boost::system::error_code ignored;
    if (own >= 0) come_.assign(own, ignored);
}

void signals_to_end::async_wait(std::function<void(const boost::system::error_code&, int)> what) {
    come_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this, what = std::move(what)](const boost::system::error_code& ec) mutable {
                         unsigned char number = 0;
                         // What waited in another context may have taken it.
                         if (!ec && ::read(come_.native_handle(), &number, 1) != 1) {
                             return async_wait(std::move(what));
                         }
                         what(ec, number);
                     });
}

void signals_to_end::cancel() {
    boost::system::error_code ignored;
    come_.cancel(ignored);
}

void signals_to_end::shutdown() {
    boost::system::error_code ignored;
    come_.close(ignored);
}

signals_to_end& ending_signals(boost::asio::io_context& of) {
    return boost::asio::use_service<signals_to_end>(of);
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
