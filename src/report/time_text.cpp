#include "report/time_text.hpp"

#include <fmt/format.h>

namespace lmstress::report {

std::string time_text(nanoseconds d) {
    using std::chrono::seconds;
    const auto whole = std::chrono::round<seconds>(d).count();
    if (whole < 10) return fmt::format("{:.2g} s", static_cast<double>(d.count()) / 1e9);
    if (whole < 60) return fmt::format("{} s", whole);
    const auto part = [](std::int64_t n, const char* unit) {
        return n == 0 ? std::string{} : fmt::format(" {} {}", n, unit);
    };
    if (whole < 3600) return fmt::format("{} min{}", whole / 60, part(whole % 60, "s"));
    return fmt::format("{} h{}", whole / 3600, part(whole % 3600 / 60, "min"));
}

}  // namespace lmstress::report
