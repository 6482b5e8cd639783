#include "cli/options.hpp"
#include "report/printable.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace lmstress::cli {

namespace {

/// A server may say more than anybody wants to read.
std::string one_line(std::string_view text) {
    constexpr std::size_t longest = 500;
    return report::printable(text.substr(0, longest)) + (text.size() > longest ? " ..." : "");
}

}  // namespace

error hidden_in(error e, const wire::secrets& hidden) {
    e.message = hidden.hidden_in(e.message);
    e.advice = hidden.hidden_in(e.advice);
    return e;
}

int complain(const error& e) {
    std::fprintf(stderr, "lmstress: %s\n", one_line(e.message).c_str());
    if (!e.advice.empty()) std::fprintf(stderr, "  %s\n", one_line(e.advice).c_str());
    return exit_code_of(e.code);
}

result<void> say(const std::string& text) {
    errno = 0;
    if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return {};
    return error{errc::output,
                 std::string{"cannot write to standard output: "} + std::strerror(errno)};
}

int terminal_width() {
    winsize size{};
    if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 80;
    return size.ws_col >= 100 ? 100 : 80;
}

}  // namespace lmstress::cli
