#include "server/server_process.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

namespace lmstress::server {

void bounded_log::add(std::string_view bytes) {
    const std::size_t to_first = std::min(half_ - first_.size(), bytes.size());
    first_ += bytes.substr(0, to_first);
    last_ += bytes.substr(to_first);
    if (last_.size() <= 2 * half_) return;
    // Not at every line: what is cut moves what is kept.
    dropped_ += last_.size() - half_;
    last_.erase(0, last_.size() - half_);
}

std::string bounded_log::text() const {
    if (dropped_ == 0) return first_ + last_;
    return first_ + "\n[" + std::to_string(dropped_) + " bytes left out]\n" + last_;
}

std::string bounded_log::last_lines(std::size_t count) const {
    const std::string all = last_.size() < half_ && dropped_ == 0 ? first_ + last_ : last_;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find('\n', at), all.size());
        std::string line = all.substr(at, end - at);
        if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back(std::move(line));
        at = end + 1;
    }
    std::string out;
    for (std::size_t i = lines.size() - std::min(count, lines.size()); i < lines.size(); ++i) {
        out += (out.empty() ? "" : " | ") + lines[i];
    }
    return out;
}

result<std::unique_ptr<server_process>> server_process::start(
    const std::vector<std::string>& command) {
    process::pipe_ends output;
    if (!output.is_open()) {
        return error{errc::internal,
                     std::string{"no pipe for a server's output: "} + std::strerror(errno)};
    }
    const std::array files = {process::given_file{output.writer(), STDOUT_FILENO},
                              process::given_file{output.writer(), STDERR_FILENO}};
    pid_t pid = -1;
    const int failed = process::start_child(command, files, process::lifetime::ours, pid);
    if (failed == 0) {
        return std::unique_ptr<server_process>{new server_process{pid, output.release_reader()}};
    }
    return error{errc::usage,
                 "--server-command cannot start " + command.front() + ": " + std::strerror(failed),
                 "Name a program by its path, or one that is in PATH."};
}

server_process::server_process(pid_t pid, int output) : pid_(pid), output_(output) {
    reader_ = std::jthread{[this] { read_output(); }};
}

server_process::~server_process() {
    stop();
    ::close(output_);
}

void server_process::read_output() {
    std::array<char, 16'384> buffer;
    for (;;) {
        std::array<pollfd, 2> ends{{{.fd = output_, .events = POLLIN, .revents = 0},
                                    {.fd = wake_.reader(), .events = POLLIN, .revents = 0}}};
        if (::poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) return;
        // What it said before it was stopped first.
        if (ends[0].revents == 0 && ends[1].revents != 0) return;
        if (ends[0].revents == 0) continue;
        const ssize_t n = ::read(output_, buffer.data(), buffer.size());
        if (n == 0 || (n < 0 && errno != EINTR)) return;
        const std::scoped_lock lock{mutex_};
        if (n > 0) log_.add({buffer.data(), static_cast<std::size_t>(n)});
    }
}

std::optional<std::string> server_process::ended() {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    if (!status_) return std::nullopt;
    if (WIFSIGNALED(*status_)) return "by signal " + std::to_string(WTERMSIG(*status_));
    return "with exit code " + std::to_string(WEXITSTATUS(*status_));
}

void server_process::stop() {
    if (stopped_) return;
    stopped_ = true;
    constexpr std::chrono::milliseconds step{10};
    constexpr int steps = 500;
    ::kill(-pid_, SIGTERM);
    // The group is there as long as one of it is, also after its leader.
    const auto gone = [&] { return ended() && ::kill(-pid_, 0) != 0; };
    for (int i = 0; i < steps && !gone(); ++i) std::this_thread::sleep_for(step);
    ::kill(-pid_, SIGKILL);
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, 0) == pid_) status_ = status;
    end_reader();
}

/// One that left the group may hold the output open for ever.
void server_process::end_reader() {
    const char nothing = 0;
    static_cast<void>(::write(wake_.writer(), &nothing, 1));
    reader_.join();
}

std::string server_process::log() const {
    const std::scoped_lock lock{mutex_};
    return log_.text();
}

std::string server_process::last_lines() const {
    constexpr std::size_t lines = 5;
    const std::scoped_lock lock{mutex_};
    return log_.last_lines(lines);
}

}  // namespace lmstress::server
