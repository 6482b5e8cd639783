#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <functional>

namespace lmstress::cli {

/// The signals by which a user ends a program, but for those that who started it has it ignore:
/// under nohup, or in the background of a script. Taken from the first of these to the end of the
/// process, so that one that comes between two things that a command does, each with a context of
/// its own perhaps, is not lost and ends nothing unsaid: who waits next gets it. One waits at a
/// time.
class signals_to_end : public boost::asio::execution_context::service {
  public:
    // NOLINTNEXTLINE(readability-identifier-naming): Asio asks for it by this name.
    static inline boost::asio::execution_context::id id;

    explicit signals_to_end(boost::asio::execution_context& of);

    /// Calls it with the number of a signal; with an error, once cancel() came first.
    void async_wait(std::function<void(const boost::system::error_code&, int)> what);
    void cancel();

  private:
    void shutdown() override;

    boost::asio::posix::stream_descriptor come_;
};

[[nodiscard]] signals_to_end& ending_signals(boost::asio::io_context& of);

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
