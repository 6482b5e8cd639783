#pragma once

#include "lmstress/error.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/types.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::dashboard {

/// An lmstress that this one started, with a pipe for what it is at (descriptor 3 there) and one
/// for what it says on stderr. It has a process group of its own, so that a Ctrl-C of the terminal
/// is for this process, which then ends it in its own way.
///
/// Everything happens on the thread that runs the context; the context outlives this.
class job_process {
  public:
    struct listener {
        std::function<void(std::string_view)> progress;  ///< a line of it
        std::function<void(std::string_view)> message;   ///< a line of stderr
        std::function<void(int)> ended;                  ///< exit code, or 128 + the signal
    };

    /// The last words of the command say nothing of the pipe: `--progress /dev/fd/3` is added.
    [[nodiscard]] static result<std::unique_ptr<job_process>> start(
        boost::asio::io_context& context, std::vector<std::string> command, listener to);
    /// One that still runs goes on without us.
    ~job_process();
    job_process(job_process&&) = delete;

    /// As Ctrl-C: the first ends it after the requests in flight, the second cuts them.
    void interrupt();

  private:
    /// The lines of a pipe; one that does not end is cut.
    struct pipe_reader {
        boost::asio::posix::stream_descriptor from;
        std::function<void(std::string_view)> take;
        std::array<char, 16'384> buffer{};
        std::string rest = {};
        bool open = true;
    };

    job_process(boost::asio::io_context& context, pid_t pid, int progress, int messages,
                listener to);
    void read(pipe_reader& r);
    static void take_lines(pipe_reader& r, std::string_view bytes);
    static void drain(pipe_reader& r);
    void look_for_end();

    pid_t pid_;
    listener to_;
    pipe_reader progress_;
    pipe_reader messages_;
    boost::asio::steady_timer look_;
    bool ended_ = false;
};

}  // namespace lmstress::dashboard
