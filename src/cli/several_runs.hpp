#pragma once

#include "lmstress/clock.hpp"
#include "report/printable.hpp"
#include "report/time_text.hpp"

#include <cstdio>
#include <string>

namespace lmstress::cli {

// What commands share that make many runs, as sweep and capacity do.

/// The exit code of a run, and of a command, that a signal ended.
inline constexpr int interrupted = 130;

/// Of a server that was not idle when the wait for that was over; `setting` says how long that is.
inline std::string still_busy_text(nanoseconds limit, const std::string& setting) {
    return "the server is not idle after " + report::time_text(limit) + " (" + setting +
           "): what it does beside shows in the next figures";
}

/// A line of how far it is, on stderr.
inline void tell(bool quiet, const std::string& text) {
    if (!quiet) std::fprintf(stderr, "%s\n", report::printable(text).c_str());
}

}  // namespace lmstress::cli
