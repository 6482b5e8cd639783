#include "dashboard/job_process.hpp"

#include "process/child_process.hpp"

#include <boost/asio/buffer.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

namespace lmstress::dashboard {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int progress_descriptor = 3;
constexpr std::size_t longest_line = 64UL * 1024;
constexpr std::chrono::milliseconds between_looks{100};

}  // namespace

result<std::unique_ptr<job_process>> job_process::start(asio::io_context& context,
                                                        std::vector<std::string> command,
                                                        listener to) {
    process::pipe_ends progress;
    process::pipe_ends messages;
    if (!progress.is_open() || !messages.is_open()) {
        return error{errc::internal, std::string{"no pipe for a run: "} + std::strerror(errno)};
    }
    command.emplace_back("--progress");
    command.emplace_back("/dev/fd/" + std::to_string(progress_descriptor));
    pid_t pid = -1;
    const std::array files = {process::given_file{messages.writer(), STDERR_FILENO},
                              process::given_file{progress.writer(), progress_descriptor}};
    const int failed = process::start_child(command, files, process::lifetime::its_own, pid);
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
