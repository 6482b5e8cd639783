#pragma once

#include "lmstress/error.hpp"
#include "process/child_process.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace lmstress::server {

/// What a program said, bounded: its first words and its last ones.
class bounded_log {
  public:
    explicit bounded_log(std::size_t half = 524'288) : half_(half) {}
    void add(std::string_view bytes);
    /// With a line that says how much is left out, where something is.
    [[nodiscard]] std::string text() const;
    /// Its last lines in one, blank ones left out.
    [[nodiscard]] std::string last_lines(std::size_t count) const;

  private:
    std::size_t half_;
    std::string first_;
    std::string last_;
    std::uint64_t dropped_ = 0;
};

/// A server that this program started. It is the leader of a process group of its own, so that a
/// Ctrl-C of the terminal is not for it and all that it starts is stopped with it. Its output is
/// read by a thread, so that it never waits for one to read it.
class server_process {
  public:
    /// The first word is looked for in PATH. An error where there is no such program.
    [[nodiscard]] static result<std::unique_ptr<server_process>> start(
        const std::vector<std::string>& command);
    /// Stops it.
    ~server_process();
    server_process(server_process&&) = delete;

    /// How it ended by itself ("with exit code 1", "by signal 9"); nothing while it runs.
    [[nodiscard]] std::optional<std::string> ended();
    /// SIGTERM to its process group, and after five seconds SIGKILL. Returns when it is gone.
    void stop();

    [[nodiscard]] std::string log() const;
    [[nodiscard]] std::string last_lines() const;

  private:
    server_process(pid_t pid, int output);
    void read_output();
    void end_reader();

    pid_t pid_;
    int output_;
    process::pipe_ends wake_;
    std::optional<int> status_;
    bool stopped_ = false;
    mutable std::mutex mutex_;
    bounded_log log_;
    std::jthread reader_;  // last: it ends before what it uses
};

}  // namespace lmstress::server
