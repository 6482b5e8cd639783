#include "report/sweep_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lmstress::report {
namespace {

constexpr std::size_t columns = 72;

/// Puts a part of a request into its line.
class bar {
  public:
    bar(nanoseconds zero, nanoseconds length) : zero_(zero), length_(length) {}

    void draw(nanoseconds from, nanoseconds takes, char with) {
        if (takes <= nanoseconds{0}) return;
        const std::size_t begin = column_of(from);
        const std::size_t end = std::max(column_of(from + takes), begin + 1);
        for (std::size_t i = begin; i < std::min(end, line_.size()); ++i) line_[i] = with;
    }
    [[nodiscard]] std::string text() const {
        return line_.substr(0, line_.find_last_not_of(' ') + 1);
    }

  private:
    [[nodiscard]] std::size_t column_of(nanoseconds t) const {
        const auto part = static_cast<double>((t - zero_).count()) /
                          static_cast<double>(std::max<nanoseconds::rep>(length_.count(), 1));
        return static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * columns);
    }

    nanoseconds zero_;
    nanoseconds length_;
    std::string line_ = std::string(columns, ' ');
};

}  // namespace

std::string waterfall(const std::vector<analyze::request_phases>& all, std::size_t most) {
    if (all.empty()) return "no request brought a token\n";
    const std::size_t n = std::min(all.size(), most);
    const nanoseconds zero = all.front().begin;
    nanoseconds end = zero;
    for (std::size_t i = 0; i < n; ++i) end = std::max(end, all[i].begin + all[i].whole());
    std::string out = fmt::format("{} of {} requests, over {:.2f} s:\n{}\n", n, all.size(),
                                  static_cast<double>((end - zero).count()) / 1e9, phase_letters);
    for (std::size_t i = 0; i < n; ++i) {
        const analyze::request_phases& p = all[i];
        bar b{zero, end - zero};
        nanoseconds at = p.begin;
        const std::array parts = {std::pair{p.queue, '.'}, std::pair{p.load, 'L'},
                                  std::pair{p.prefill, 'p'}, std::pair{p.unknown, '?'},
                                  std::pair{p.decode, '='}};
        for (const auto& [takes, with] : parts) {
            b.draw(at, takes, with);
            at += takes;
        }
        out += fmt::format("{:>6} {}\n", p.index, b.text());
    }
    return out;
}

std::string spark_line(const std::vector<double>& values, double full, std::size_t width) {
    constexpr std::array<const char*, 9> bars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    std::string out;
    if (values.empty() || full <= 0) return out;
    for (std::size_t c = 0; c < width; ++c) {
        const std::size_t begin = c * values.size() / width;
        const std::size_t end = std::max((c + 1) * values.size() / width, begin + 1);
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i) sum += values[i];
        const double share = sum / static_cast<double>(end - begin) / full;
        out += bars.at(static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * 8)));
    }
    return out;
}

}  // namespace lmstress::report
