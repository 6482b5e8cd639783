#include "process/child_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <spawn.h>
#include <utility>

extern char** environ;  // NOLINT(readability-redundant-declaration): not every system declares it

namespace lmstress::process {
namespace {

class way_to_start {
  public:
    explicit way_to_start(std::span<const given_file> files) {
        posix_spawn_file_actions_init(&files_);
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            const int mode = stream == STDIN_FILENO ? O_RDONLY : O_WRONLY;
            posix_spawn_file_actions_addopen(&files_, stream, "/dev/null", mode, 0);
        }
        for (const given_file& f : files) {
            posix_spawn_file_actions_adddup2(&files_, f.here, f.there);
        }
        posix_spawnattr_init(&attributes_);
        sigset_t defaults;
        sigemptyset(&defaults);
        for (const int number : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP}) {
            sigaddset(&defaults, number);
        }
        sigset_t blocked;
        sigemptyset(&blocked);
        posix_spawnattr_setsigdefault(&attributes_, &defaults);
        posix_spawnattr_setsigmask(&attributes_, &blocked);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(&attributes_,
                                 static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSIGMASK));
    }
    ~way_to_start() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&files_);
    }
    way_to_start(way_to_start&&) = delete;

    int start(std::vector<char*> words, pid_t& pid) const {
        words.push_back(nullptr);
        return posix_spawnp(&pid, words.front(), &files_, &attributes_, words.data(), environ);
    }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

}  // namespace

pipe_ends::pipe_ends() {
    if (::pipe(ends_.data()) != 0) {
        ends_ = {-1, -1};
        return;
    }
    for (const int end : ends_) ::fcntl(end, F_SETFD, FD_CLOEXEC);
}

pipe_ends::~pipe_ends() {
    for (const int end : ends_) {
        if (end >= 0) ::close(end);
    }
}

int pipe_ends::release_reader() noexcept {
    return std::exchange(ends_[0], -1);
}

int start_child(std::vector<std::string> command, std::span<const given_file> files, pid_t& pid) {
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    return way_to_start{files}.start(std::move(words), pid);
}

}  // namespace lmstress::process
