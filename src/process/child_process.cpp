#include "process/child_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <csignal>
#include <utility>

namespace lmstress::process {
namespace {

/// All signals of this thread held back, so that none is handled in the child before it has its own
/// handlers.
class held_signals {
  public:
    held_signals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~held_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    held_signals(held_signals&&) = delete;

  private:
    sigset_t before_{};
};

// What follows runs in the child, where other threads may have left locks behind: only calls that a
// handler of signals may make.

void have_usual_signals() {
    for (const int number : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP}) {
        static_cast<void>(std::signal(number, SIG_DFL));
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

void end_with([[maybe_unused]] pid_t parent) {
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);  // it was gone before
#endif
}

bool put_at(int file, int number) {
    // The same number is kept over exec by taking the flag away, which dup2() leaves then.
    if (file == number) return ::fcntl(file, F_SETFD, 0) == 0;
    return ::dup2(file, number) == number;
}

bool have_files(std::span<const given_file> files) {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        const int nothing = ::open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY);
        if (nothing < 0 || !put_at(nothing, stream)) return false;
        if (nothing > STDERR_FILENO) ::close(nothing);
    }
    for (const given_file& f : files) {
        if (!put_at(f.here, f.there)) return false;
    }
    return true;
}

[[noreturn]] void become(char* const* words, std::span<const given_file> files, int failure) {
    ::setpgid(0, 0);
    have_usual_signals();
    if (have_files(files)) ::execvp(words[0], words);
    const int why = errno;
    static_cast<void>(::write(failure, &why, sizeof why));
    ::_exit(127);
}

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

void pipe_ends::close_writer() noexcept {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
}

int start_child(std::vector<std::string> command, std::span<const given_file> files, lifetime lives,
                pid_t& pid) {
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    // Closed by a program that has started; else it says why there is none.
    pipe_ends failure;
    if (!failure.is_open()) return errno;
    const pid_t parent = ::getpid();
    {
        const held_signals held;
        pid = ::fork();
        if (pid == 0) {
            if (lives == lifetime::ours) end_with(parent);
            become(words.data(), files, failure.writer());
        }
    }
    if (pid < 0) return errno;
    failure.close_writer();
    int why = 0;
    ssize_t n = 0;
    do {
        n = ::read(failure.reader(), &why, sizeof why);
    } while (n < 0 && errno == EINTR);
    if (n != static_cast<ssize_t>(sizeof why)) return 0;
    ::waitpid(pid, nullptr, 0);
    return why;
}

}  // namespace lmstress::process
