#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace lmstress::cli {

/// The signals by which a user ends a program, but for those that who started it has it ignore:
/// under nohup, or in the background of a script. Taken from the first call until the context ends,
/// so that one that comes between two things that a command does is not lost and ends nothing
/// unsaid: who waits next gets it. One waits at a time.
[[nodiscard]] boost::asio::signal_set& ending_signals(boost::asio::io_context& of);

/// Ends the process with exit code 130, once what there is is kept (results_so_far); with one
/// sentence where that is nothing.
[[noreturn]] void end_abruptly();

/// What end_abruptly() does first; nullptr takes it back.
void do_before_abrupt_end(std::function<void()> what);

/// Of a command that measures several times: while one of these lives, what a signal ends between
/// two runs (the load of a model, a wait) has its results written and shown like those of any other
/// end. One at a time.
class results_so_far {
  public:
    /// `keep` writes and says all of it, and that it was interrupted.
    explicit results_so_far(std::function<void()> keep);
    ~results_so_far();
    results_so_far(results_so_far&&) = delete;
};

}  // namespace lmstress::cli
