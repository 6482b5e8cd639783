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

/// Of a server that is judged by how soon it answers, once it answers far sooner: `what` is what
/// was measured until then.
inline std::string were_busy_text(const std::string& what) {
    return "the server answers a request of one token far sooner now: it was busy before " + what +
           ", though it was taken for idle, and what it did beside is in those figures";
}

/// A line of how far it is, on stderr.
inline void tell(bool quiet, const std::string& text) {
    if (!quiet) std::fprintf(stderr, "%s\n", report::printable(text).c_str());
}

}  // namespace lmstress::cli
