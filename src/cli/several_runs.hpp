#pragma once

#include "report/printable.hpp"

#include <cstdio>
#include <string>

namespace lmstress::cli {

// What commands share that make many runs, as sweep and capacity do.

/// The exit code of a run, and of a command, that a signal ended.
inline constexpr int interrupted = 130;

/// A line of how far it is, on stderr.
inline void tell(bool quiet, const std::string& text) {
    if (!quiet) std::fprintf(stderr, "%s\n", report::printable(text).c_str());
}

}  // namespace lmstress::cli
