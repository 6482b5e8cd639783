#pragma once

#include <boost/asio/signal_set.hpp>

#include <functional>

namespace lmstress::cli {

/// The signals by which a user ends a program, but for those that who started it has it ignore:
/// under nohup, or in the background of a script.
void add_ending_signals(boost::asio::signal_set& signals);

/// Ends the process with one sentence and exit code 130: there is nothing to be kept yet.
[[noreturn]] void end_before_any_result();

/// What end_before_any_result() does before; nullptr takes it back.
void do_before_abrupt_end(std::function<void()> what);

}  // namespace lmstress::cli
