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

/// Ends the process with one sentence and exit code 130: there is nothing to be kept yet.
[[noreturn]] void end_before_any_result();

/// What end_before_any_result() does before; nullptr takes it back.
void do_before_abrupt_end(std::function<void()> what);

}  // namespace lmstress::cli
