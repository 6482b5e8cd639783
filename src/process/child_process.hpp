#pragma once

#include <sys/types.h>

#include <array>
#include <span>
#include <string>
#include <vector>

namespace lmstress::process {

/// A pipe whose ends no child gets but by given_file. Both are -1 where the system had none left.
class pipe_ends {
  public:
    pipe_ends();
    ~pipe_ends();
    pipe_ends(pipe_ends&&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return ends_[0] >= 0; }
    [[nodiscard]] int reader() const noexcept { return ends_[0]; }
    [[nodiscard]] int writer() const noexcept { return ends_[1]; }
    /// Whoever takes it closes it.
    [[nodiscard]] int release_reader() noexcept;
    void close_writer() noexcept;

  private:
    std::array<int, 2> ends_{-1, -1};
};

/// A descriptor of this process, and its number in the child.
struct given_file {
    int here;
    int there;
};

/// What becomes of a child where this process ends without a word (SIGKILL, no memory left).
enum class lifetime : unsigned char {
    its_own,  ///< it goes on
    ours,     ///< it gets SIGTERM, where the system can do that (Linux)
};

/// Starts a program, its first word looked for in PATH. It leads a process group of its own, so
/// that a Ctrl-C of the terminal is not for it, and has the signals as a shell would have them.
/// Its standard streams are /dev/null where they are not given. With lifetime::ours the calling
/// thread is the one that it ends with. Returns errno, or 0.
[[nodiscard]] int start_child(std::vector<std::string> command, std::span<const given_file> files,
                              lifetime lives, pid_t& pid);

}  // namespace lmstress::process
