#include "process/child_process.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>

using namespace lmstress::process;

namespace {

struct child_result {
    int exit_code = -1;
    std::string said;
};

/// `script` run by a shell that has the given streams, and no others.
child_result run(const std::string& script, std::initializer_list<int> streams) {
    pid_t pid = -1;
    std::string said;
    int reader = -1;
    {
        pipe_ends output;
        REQUIRE(output.is_open());
        std::vector<given_file> files;
        for (const int stream : streams) files.push_back({output.writer(), stream});
        REQUIRE(start_child({"sh", "-c", script}, files, lifetime::its_own, pid) == 0);
        reader = output.release_reader();
    }
    std::array<char, 4096> buffer;
    for (ssize_t n = 0; (n = ::read(reader, buffer.data(), buffer.size())) > 0;) {
        said.append(buffer.data(), static_cast<std::size_t>(n));
    }
    ::close(reader);
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, said};
}

}  // namespace

TEST_CASE("child process: it has the files that it was given, and nothing for the others") {
    CHECK(run("echo out; echo err >&2; exit 3", {STDOUT_FILENO}).said == "out\n");
    CHECK(run("echo out; echo err >&2; exit 3", {STDERR_FILENO}).said == "err\n");
    CHECK(run("echo out; echo err >&2; exit 3", {STDOUT_FILENO, STDERR_FILENO}).said ==
          "out\nerr\n");
    CHECK(run("echo third >&3; exit 3", {3}).exit_code == 3);
    CHECK(run("echo third >&3", {3}).said == "third\n");
    CHECK(run("cat; echo read", {STDOUT_FILENO}).said == "read\n");
}

TEST_CASE("child process: it leads a group of its own") {
    const child_result r = run("test $(cut -d ' ' -f 5 /proc/$$/stat) = $$", {STDOUT_FILENO});
    CHECK(r.exit_code == 0);
}

TEST_CASE("child process: a program that is not there is an error") {
    pid_t pid = -1;
    CHECK(start_child({"/no/such/program"}, {}, lifetime::ours, pid) == ENOENT);
}

#ifdef __linux__
TEST_CASE("child process: one that is to end with its parent does, however that ends") {
    pipe_ends held;
    REQUIRE(held.is_open());
    const auto began = std::chrono::steady_clock::now();
    const pid_t parent = ::fork();
    REQUIRE(parent >= 0);
    if (parent == 0) {
        pid_t pid = -1;
        const given_file output{held.writer(), STDOUT_FILENO};
        const int failed = start_child({"sleep", "60"}, {&output, 1}, lifetime::ours, pid);
        ::_exit(failed);
    }
    held.close_writer();
    int status = 0;
    REQUIRE(::waitpid(parent, &status, 0) == parent);
    REQUIRE(WEXITSTATUS(status) == 0);
    char nothing = 0;
    CHECK(::read(held.reader(), &nothing, 1) == 0);  // who held the other end is gone
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{30});
}
#endif
