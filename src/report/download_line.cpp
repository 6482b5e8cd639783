#include "report/download_line.hpp"

#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::report {
namespace {

std::string time_left(double seconds) {
    if (seconds > 359'999) return "days left";
    const auto s = static_cast<std::uint64_t>(seconds + 0.5);
    if (s < 3600) return fmt::format("{}:{:02} left", s / 60, s % 60);
    return fmt::format("{}:{:02}:{:02} left", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace

unsigned percent_of(const download_look& look) {
    if (!look.total_bytes || *look.total_bytes == 0) return 0;
    const double part =
        static_cast<double>(look.done_bytes) / static_cast<double>(*look.total_bytes);
    return static_cast<unsigned>(std::clamp(part, 0.0, 1.0) * 100);
}

std::string download_line(const download_look& look) {
    constexpr unsigned bar = 20;
    const std::string done = bytes_text(look.done_bytes);
    std::string out = done;
    if (look.total_bytes) {
        const unsigned percent = percent_of(look);
        const unsigned full = percent * bar / 100;
        out =
            fmt::format("[{}{}] {:3} %  {} of {}", std::string(full, '#'),
                        std::string(bar - full, '-'), percent, done, bytes_text(*look.total_bytes));
    }
    if (look.paused) return out + "  paused in LM Studio";
    if (!look.bytes_per_second || *look.bytes_per_second <= 0) return out;
    const double rate = *look.bytes_per_second;
    out += "  " + bytes_text(static_cast<std::uint64_t>(std::min(rate, 1e15))) + "/s";
    if (look.total_bytes && *look.total_bytes > look.done_bytes) {
        out += "  " + time_left(static_cast<double>(*look.total_bytes - look.done_bytes) / rate);
    }
    return out;
}

}  // namespace lmstress::report
