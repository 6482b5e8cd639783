#pragma once

#include <boost/asio/signal_set.hpp>

namespace lmstress::cli {

/// The signals by which a user ends a program, but for those that who started it has it ignore:
/// under nohup, or in the background of a script.
void add_ending_signals(boost::asio::signal_set& signals);

/// Ends the process with one sentence and exit code 130: there is nothing to be kept yet.
[[noreturn]] void end_before_any_result();

}  // namespace lmstress::cli
