#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace test {

/// A program that a test starts, and ends by its process id at the latest when the test does.
class child_process {
  public:
    struct terminal {
        int columns = 80;
        int rows = 24;
    };

    /// `environment` is added to the test's own ("NAME=value"). Its output goes into a pipe.
    explicit child_process(const std::vector<std::string>& command,
                           const std::vector<std::string>& environment = {});
    /// The same on a terminal of its own: input, output and errors.
    child_process(const std::vector<std::string>& command,
                  const std::vector<std::string>& environment, const terminal& size);
    ~child_process();
    child_process(child_process&&) = delete;

    /// Reads output (stdout and stderr together) until it holds `text`. Throws when the program
    /// ends or the limit passes first.
    void wait_for_output(const std::string& text,
                         std::chrono::seconds limit = std::chrono::seconds{60});
    /// The same until its output is as wanted.
    void wait_for_output(const std::function<bool(const std::string&)>& wanted,
                         std::chrono::seconds limit = std::chrono::seconds{60});
    void signal(int number) const;
    /// Of the process, as long as it runs.
    [[nodiscard]] pid_t id() const { return pid_; }
    /// On its terminal's keyboard: "\x03" is Ctrl-C.
    void type(const std::string& keys) const;
    void resize(const terminal& size) const;
    /// Waits for its end: the exit code, or 128 + the signal that ended it. Throws at the limit.
    int wait(std::chrono::seconds limit = std::chrono::seconds{120});

    [[nodiscard]] std::string output() const;

  private:
    void begin_to_read(const std::vector<std::string>& command);
    void read_all();

    pid_t pid_ = -1;
    int output_end_ = -1;  // of the pipe or the terminal
    bool reaped_ = false;
    int status_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string output_;
    bool closed_ = false;
    std::jthread reader_;  // so that a program that says much never waits for its reader
};

/// `lmstress` with these arguments, run to its end.
struct finished {
    int exit_code;
    std::string output;
};
finished run_lmstress(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment = {});

/// The built-in server as a process of its own, on a free port.
class simulator {
  public:
    explicit simulator(const std::vector<std::string>& arguments = {});
    [[nodiscard]] const std::string& url() const { return url_; }
    /// Ends it, so that its truth log is whole. Its exit code.
    int stop();

  private:
    child_process process_;
    std::string url_;
};

/// A directory of its own under the system's temporary one, gone when the test ends.
class temporary_directory {
  public:
    temporary_directory();
    ~temporary_directory();
    temporary_directory(temporary_directory&&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::string content_of(const std::filesystem::path& file);
std::vector<std::string> lines_of(const std::filesystem::path& file);
/// Blocks until the file in `directory` has that many lines, woken by each change of it.
void wait_for_lines(const std::filesystem::path& directory, const std::string& file,
                    std::size_t lines);

}  // namespace test
