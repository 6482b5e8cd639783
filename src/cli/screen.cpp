#include "cli/screen.hpp"

#include <climits>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

namespace lmstress::cli {

namespace {

constexpr int usual_columns = 80;
/// A pipe that has room takes as many bytes without waiting for its reader.
constexpr std::size_t most_at_once = 512;
static_assert(most_at_once <= PIPE_BUF);

screen::kind kind_of_stderr() {
    if (isatty(STDERR_FILENO) == 0) return screen::kind::file;
    const char* term = std::getenv("TERM");
    const bool dumb = term == nullptr || *term == '\0' || std::string_view{term} == "dumb";
    return dumb ? screen::kind::dumb_terminal : screen::kind::terminal;
}

/// A terminal that its user has stopped (Ctrl-S), or whose other end hangs, must not stop this
/// program. Not to wait is a property of an open file, and stderr's is shared with the shell and
/// others: so the terminal is opened once more.
int open_without_waiting() {
    std::array<char, 256> name{};
    int file = -1;
    if (ttyname_r(STDERR_FILENO, name.data(), name.size()) == 0) {
        file = open(name.data(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    return file >= 0 ? file : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
}

class stderr_screen final : public screen {
  public:
    stderr_screen() : kind_(kind_of_stderr()), file_(open_without_waiting()) {}
    ~stderr_screen() override {
        if (file_ >= 0) close(file_);
    }
    stderr_screen(stderr_screen&&) = delete;

    [[nodiscard]] kind is() const override { return kind_; }

    std::optional<std::size_t> write(std::string_view text,
                                     std::chrono::milliseconds patience) override {
        pollfd ready{.fd = file_, .events = POLLOUT, .revents = 0};
        const int n = poll(&ready, 1, static_cast<int>(patience.count()));
        if (n == 0 || (n < 0 && errno == EINTR)) return 0;
        if (n < 0) return std::nullopt;
        const ssize_t taken = ::write(file_, text.data(), std::min(text.size(), most_at_once));
        if (taken >= 0) return static_cast<std::size_t>(taken);
        const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        return later ? std::optional<std::size_t>{0} : std::nullopt;
    }

    [[nodiscard]] int columns() const override {
        winsize size{};
        if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual_columns;
        return size.ws_col;
    }

    [[nodiscard]] bool ours() const override {
        const pid_t in_front = tcgetpgrp(STDERR_FILENO);
        return in_front < 0 || in_front == getpgrp();  // none: no job control there
    }

  private:
    kind kind_;
    int file_;
};

}  // namespace

std::unique_ptr<screen> standard_error() {
    return std::make_unique<stderr_screen>();
}

bool colour_allowed() {
    const char* no_colour = std::getenv("NO_COLOR");
    return no_colour == nullptr || *no_colour == '\0';
}

}  // namespace lmstress::cli
