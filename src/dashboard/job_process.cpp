#include "dashboard/job_process.hpp"

#include <boost/asio/buffer.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <spawn.h>
#include <utility>

extern char** environ;  // NOLINT(readability-redundant-declaration): not every system declares it

namespace lmstress::dashboard {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int progress_descriptor = 3;
constexpr std::size_t longest_line = 64UL * 1024;
constexpr std::chrono::milliseconds between_looks{100};

struct pipe_ends {
    std::array<int, 2> ends{-1, -1};
    pipe_ends() {
        if (::pipe(ends.data()) != 0) return;
        for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    ~pipe_ends() {
        for (const int end : ends) {
            if (end >= 0) ::close(end);
        }
    }
    pipe_ends(pipe_ends&&) = delete;
    int release_reader() { return std::exchange(ends[0], -1); }
};

/// errno, or 0.
int spawn(std::vector<std::string> command, int progress, int messages, pid_t& pid) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, messages, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&files, progress, progress_descriptor);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int number : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&defaults, number);
    }
    sigset_t blocked;
    sigemptyset(&blocked);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &blocked);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes,
        static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    const int failed =
        posix_spawnp(&pid, words.front(), &files, &attributes, words.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

}  // namespace

result<std::unique_ptr<job_process>> job_process::start(asio::io_context& context,
                                                        std::vector<std::string> command,
                                                        listener to) {
    pipe_ends progress;
    pipe_ends messages;
    if (progress.ends[0] < 0 || messages.ends[0] < 0) {
        return error{errc::internal, std::string{"no pipe for a run: "} + std::strerror(errno)};
    }
    command.emplace_back("--progress");
    command.emplace_back("/dev/fd/" + std::to_string(progress_descriptor));
    pid_t pid = -1;
    const int failed = spawn(command, progress.ends[1], messages.ends[1], pid);
    if (failed != 0) {
        return error{errc::internal,
                     "cannot start " + command.front() + ": " + std::strerror(failed)};
    }
    return std::unique_ptr<job_process>{new job_process{context, pid, progress.release_reader(),
                                                        messages.release_reader(), std::move(to)}};
}

job_process::job_process(asio::io_context& context, pid_t pid, int progress, int messages,
                         listener to)
    : pid_(pid),
      to_(std::move(to)),
      progress_{.from = {context, progress}, .take = to_.progress},
      messages_{.from = {context, messages}, .take = to_.message},
      look_(context) {
    for (pipe_reader* r : {&progress_, &messages_}) {
        error_code ignored;
        r->from.non_blocking(true, ignored);
        read(*r);
    }
    look_for_end();
}

job_process::~job_process() {
    int status = 0;
    if (!ended_) ::waitpid(pid_, &status, WNOHANG);
}

void job_process::interrupt() {
    if (!ended_) ::kill(pid_, SIGINT);
}

void job_process::take_lines(pipe_reader& r, std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        if (r.rest.size() < longest_line) r.rest += bytes.substr(0, end);
        if (end == std::string_view::npos) return;
        if (!r.rest.empty()) r.take(r.rest);
        r.rest.clear();
        bytes.remove_prefix(end + 1);
    }
}

void job_process::read(pipe_reader& r) {
    r.from.async_read_some(asio::buffer(r.buffer), [this, &r](const error_code& ec, std::size_t n) {
        // Cancelled with this object, which is gone then.
        if (ec == asio::error::operation_aborted) return;
        if (ec) {
            r.open = false;
            return;
        }
        take_lines(r, {r.buffer.data(), n});
        read(r);
    });
}

/// What it wrote last may not have been read yet.
void job_process::drain(pipe_reader& r) {
    error_code ec;
    // Whoever has its end open still, a server that it started, may write on: not for ever.
    for (int i = 0; i < 64 && !ec && r.open; ++i) {
        const std::size_t n = r.from.read_some(asio::buffer(r.buffer), ec);
        if (!ec) take_lines(r, {r.buffer.data(), n});
    }
    if (!r.rest.empty()) r.take(r.rest);
}

void job_process::look_for_end() {
    look_.expires_after(between_looks);
    look_.async_wait([this](const error_code& ec) {
        if (ec) return;
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return look_for_end();
        ended_ = true;
        drain(progress_);
        drain(messages_);
        error_code ignored;
        progress_.from.close(ignored);
        messages_.from.close(ignored);
        to_.ended(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    });
}

}  // namespace lmstress::dashboard
