#include "cli/options.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace lmstress::cli {

std::optional<nanoseconds> parse_duration(const std::string& text) {
    struct unit {
        std::string_view name;
        double ns;
    };
    constexpr std::array units = {unit{"ms", 1e6}, unit{"us", 1e3}, unit{"s", 1e9}, unit{"m", 60e9},
                                  unit{"h", 3600e9}};
    double count = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, count);
    if (ec != std::errc{} || !std::isfinite(count) || count < 0) return std::nullopt;
    const std::string_view name{rest, static_cast<std::size_t>(end - rest)};
    if (name.empty() && count == 0) return nanoseconds{0};
    for (const unit& u : units) {
        if (name != u.name) continue;
        const double ns = std::round(count * u.ns);
        if (ns > 9e18) return std::nullopt;
        return nanoseconds{static_cast<std::int64_t>(ns)};
    }
    return std::nullopt;
}

std::optional<std::vector<std::uint32_t>> parse_levels(const std::string& text) {
    std::vector<std::uint32_t> levels;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (;;) {
        std::uint32_t n = 0;
        const auto [rest, ec] = std::from_chars(at, end, n);
        if (ec != std::errc{} || n == 0 || n > 100'000) return std::nullopt;
        levels.push_back(n);
        if (rest == end) return levels;
        if (*rest != ',') return std::nullopt;
        at = rest + 1;
    }
}

}  // namespace lmstress::cli
