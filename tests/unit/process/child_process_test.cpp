#include "process/child_process.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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
        REQUIRE(start_child({"sh", "-c", script}, files, pid) == 0);
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
    CHECK(start_child({"/no/such/program"}, {}, pid) == ENOENT);
}
