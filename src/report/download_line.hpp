#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lmstress::report {

/// How far a download is.
struct download_look {
    std::uint64_t done_bytes = 0;
    std::optional<std::uint64_t> total_bytes = {};
    std::optional<double> bytes_per_second = {};
    bool paused = false;
};

/// Of its whole, from 0 to 100; 0 where that is unknown.
[[nodiscard]] unsigned percent_of(const download_look& look);

/// A bar, bytes, rate and the time left, as far as they are known; fits 80 columns.
[[nodiscard]] std::string download_line(const download_look& look);

}  // namespace lmstress::report
