#include "cli/options.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace lmstress::cli {

int complain(const error& e) {
    std::fprintf(stderr, "lmstress: %s\n", e.message.c_str());
    if (!e.advice.empty()) std::fprintf(stderr, "  %s\n", e.advice.c_str());
    return exit_code_of(e.code);
}

int terminal_width() {
    winsize size{};
    if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 80;
    return size.ws_col >= 100 ? 100 : 80;
}

}  // namespace lmstress::cli
