#include "support/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <stdexcept>

extern char** environ;

namespace test {

namespace {

using std::chrono::steady_clock;

int milliseconds_until(steady_clock::time_point until) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (std::string& s : strings) out.push_back(s.data());
    out.push_back(nullptr);
    return out;
}

}  // namespace

child_process::child_process(const std::vector<std::string>& command,
                             const std::vector<std::string>& environment) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    std::vector<std::string> arguments = command;
    std::vector<std::string> variables = environment;
    for (char** e = environ; *e != nullptr; ++e) variables.emplace_back(*e);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
    const int failed = posix_spawnp(&pid_, arguments.front().c_str(), &files, nullptr,
                                    pointers(arguments).data(), pointers(variables).data());
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    pipe_ = ends[0];
    if (failed != 0) {
        close(pipe_);
        throw std::runtime_error("cannot start " + command.front());
    }
    reader_ = std::jthread{[this] { read_all(); }};
}

child_process::~child_process() {
    if (!reaped_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, &status_, 0);
    }
    reader_.join();
    close(pipe_);
}

void child_process::read_all() {
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t n = read(pipe_, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        const std::lock_guard lock{mutex_};
        if (n > 0) output_.append(buffer.data(), static_cast<std::size_t>(n));
        closed_ = n <= 0;
        changed_.notify_all();
        if (closed_) return;
    }
}

std::string child_process::output() const {
    const std::lock_guard lock{mutex_};
    return output_;
}

void child_process::wait_for_output(const std::string& text, std::chrono::seconds limit) {
    std::unique_lock lock{mutex_};
    const auto said = [&] { return output_.find(text) != std::string::npos; };
    if (!changed_.wait_for(lock, limit, [&] { return said() || closed_; })) {
        throw std::runtime_error("too slow; so far it said: " + output_);
    }
    if (!said()) throw std::runtime_error("it ended with: " + output_);
}

void child_process::signal(int number) const {
    kill(pid_, number);
}

int child_process::wait(std::chrono::seconds limit) {
    if (reaped_) return status_;
    {
        std::unique_lock lock{mutex_};
        if (!changed_.wait_for(lock, limit, [&] { return closed_; })) {
            throw std::runtime_error("it does not end; so far it said: " + output_);
        }
    }
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_;
}

finished run_lmstress(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment) {
    std::vector<std::string> command{LMSTRESS_BINARY};
    command.insert(command.end(), arguments.begin(), arguments.end());
    child_process process{command, environment};
    const int code = process.wait();
    return {code, process.output()};
}

namespace {

std::vector<std::string> sim_command(const std::vector<std::string>& arguments) {
    std::vector<std::string> command{LMSTRESS_BINARY, "sim", "--port", "0"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

}  // namespace

simulator::simulator(const std::vector<std::string>& arguments) : process_(sim_command(arguments)) {
    const std::string ready = "listening on ";
    process_.wait_for_output("\n");
    const std::string said = process_.output();
    if (!said.starts_with(ready)) throw std::runtime_error("the simulator said: " + said);
    url_ = said.substr(ready.size(), said.find('\n') - ready.size());
}

int simulator::stop() {
    process_.signal(SIGTERM);
    return process_.wait();
}

temporary_directory::temporary_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "lmstress-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
}

temporary_directory::~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
    std::ifstream in{file};
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

void wait_for_lines(const std::filesystem::path& directory, const std::string& file,
                    std::size_t lines) {
    const int watch = inotify_init1(IN_CLOEXEC);
    const auto until = steady_clock::now() + std::chrono::seconds{60};
    inotify_add_watch(watch, directory.c_str(), IN_MODIFY | IN_CREATE);
    while (lines_of(directory / file).size() < lines) {
        pollfd waiting{.fd = watch, .events = POLLIN, .revents = 0};
        const int ready = poll(&waiting, 1, milliseconds_until(until));
        std::array<char, 4096> events;
        if (ready <= 0 || read(watch, events.data(), events.size()) < 0) {
            close(watch);
            throw std::runtime_error("the journal does not grow");
        }
    }
    close(watch);
}

}  // namespace test
