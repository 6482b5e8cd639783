#include "support/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
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

struct how_to_start {
    how_to_start() {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
    }
    ~how_to_start() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
    how_to_start(how_to_start&&) = delete;

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
};

/// Its process id, or -1.
pid_t start(const std::vector<std::string>& command, const std::vector<std::string>& environment,
            const how_to_start& how) {
    std::vector<std::string> arguments = command;
    std::vector<std::string> variables = environment;
    // Most tests are not about how busy this machine is; those that are say their limits.
    for (const char* bound : {"LMSTRESS_MAX_READ_LAG=0s", "LMSTRESS_MAX_EVENT_LOOP_LAG=0s",
                              "LMSTRESS_MAX_CLIENT_CPU=0"}) {
        variables.emplace_back(bound);
    }
    // No test writes into the home of whoever runs it.
    const auto says = [](const std::string& v) { return v.starts_with("LMSTRESS_NO_HISTORY="); };
    if (std::none_of(environment.begin(), environment.end(), says)) {
        variables.emplace_back("LMSTRESS_NO_HISTORY=on");
    }
    for (char** e = environ; *e != nullptr; ++e) {
        const std::string own = *e;
        const std::string name = own.substr(0, own.find('=') + 1);
        const auto replaced = [&](const std::string& given) { return given.starts_with(name); };
        if (std::none_of(environment.begin(), environment.end(), replaced)) {
            variables.push_back(own);
        }
    }
    pid_t pid = -1;
    const int failed = posix_spawnp(&pid, arguments.front().c_str(), &how.files, &how.attributes,
                                    pointers(arguments).data(), pointers(variables).data());
    return failed == 0 ? pid : -1;
}

}  // namespace

child_process::child_process(const std::vector<std::string>& command,
                             const std::vector<std::string>& environment) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    how_to_start how;
    posix_spawn_file_actions_adddup2(&how.files, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&how.files, ends[1], STDERR_FILENO);
    pid_ = start(command, environment, how);
    close(ends[1]);
    output_end_ = ends[0];
    begin_to_read(command);
}

child_process::child_process(const std::vector<std::string>& command,
                             const std::vector<std::string>& environment, const terminal& size) {
    output_end_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    std::array<char, 64> name{};
    if (output_end_ < 0 || grantpt(output_end_) != 0 || unlockpt(output_end_) != 0 ||
        ptsname_r(output_end_, name.data(), name.size()) != 0) {
        throw std::runtime_error("no terminal");
    }
    resize(size);
    how_to_start how;
    // The first terminal that the leader of a session opens is its own.
    posix_spawnattr_setflags(&how.attributes, POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_addopen(&how.files, STDIN_FILENO, name.data(), O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&how.files, STDIN_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&how.files, STDIN_FILENO, STDERR_FILENO);
    pid_ = start(command, environment, how);
    begin_to_read(command);
}

void child_process::begin_to_read(const std::vector<std::string>& command) {
    if (pid_ < 0) {
        close(output_end_);
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
    close(output_end_);
}

void child_process::read_all() {
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t n = read(output_end_, buffer.data(), buffer.size());
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
    wait_for_output([&](const std::string& said) { return said.find(text) != said.npos; }, limit);
}

void child_process::wait_for_output(const std::function<bool(const std::string&)>& wanted,
                                    std::chrono::seconds limit) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, limit, [&] { return wanted(output_) || closed_; })) {
        throw std::runtime_error("too slow; so far it said: " + output_);
    }
    if (!wanted(output_)) throw std::runtime_error("it ended with: " + output_);
}

void child_process::signal(int number) const {
    kill(pid_, number);
}

void child_process::type(const std::string& keys) const {
    if (write(output_end_, keys.data(), keys.size()) < 0) throw std::runtime_error("no keyboard");
}

void child_process::resize(const terminal& size) const {
    winsize w{};
    w.ws_col = static_cast<unsigned short>(size.columns);
    w.ws_row = static_cast<unsigned short>(size.rows);
    if (ioctl(output_end_, TIOCSWINSZ, &w) != 0) throw std::runtime_error("cannot resize");
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
