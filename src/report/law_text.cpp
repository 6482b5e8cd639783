#include "report/law_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::report {
namespace {

/// "0.0147 (0.004..0.026)", "not determined (0..0.4)".
std::string parameter_text(const analyze::scaling_law& l, std::size_t i, double value,
                           std::string_view unit = "") {
    std::string out =
        l.determines(i) ? fmt::format("{:.3g}{}", value, unit) : std::string{"not determined"};
    if (i >= l.ci95.size()) return out;
    return out + fmt::format(" ({:.3g}..{:.3g})", l.ci95[i].low, l.ci95[i].high);
}

/// Of requests in flight there may be less than one.
std::string load_number(double n) {
    return n < 10 ? fmt::format("{:.2g}", n) : fmt::format("{:.0f}", n);
}

/// Where the two laws part, what was measured does not tell which of them goes on.
std::string at_twice(const analyze::scaling_law& l, std::string_view n) {
    const double twice = 2 * l.largest_n;
    const double one = l.universal.at(twice);
    const double other = l.hinge.at(twice);
    if (std::abs(one - other) > 0.1 * std::max(one, other)) {
        return fmt::format(
            "At {} {}, twice the most that was measured, it is not known: USL says "
            "{:.4g} tokens/s, a hard knee {:.4g}.",
            load_number(twice), n, one, other);
    }
    return fmt::format(
        "At {} {}, twice the most that was measured, it has {:.4g} tokens/s; beyond "
        "that it says nothing.",
        load_number(twice), n, l.better == analyze::law::universal ? one : other);
}

}  // namespace

std::vector<std::string> law_sentences(const analyze::scaling_law& l, std::string_view n) {
    std::vector<std::string> out;
    const bool universal = l.better == analyze::law::universal;
    if (universal) {
        const analyze::universal_law& u = l.universal;
        out.push_back(
            fmt::format("Scaling law (USL, r2 {:.3f}): {} alone, contention {}, crosstalk {}.",
                        l.r2, parameter_text(l, 0, u.lambda, " tokens/s"),
                        parameter_text(l, 1, u.sigma), parameter_text(l, 2, u.kappa)));
    } else {
        const analyze::hinge_law& h = l.hinge;
        out.push_back(fmt::format(
            "Scaling law (a hard knee, r2 {:.3f}): {} each up to {} {}, and {} for each beyond.",
            l.r2, parameter_text(l, 0, h.lambda, " tokens/s"), parameter_text(l, 1, h.knee), n,
            parameter_text(l, 2, h.slope)));
    }
    if (!l.determined()) {
        out.emplace_back(undetermined_law);
        return out;
    }
    const auto peak = l.universal.peak();
    if (universal && peak && *peak <= l.holds_up_to()) {
        out.push_back(fmt::format("By it the throughput is greatest at {} {}, {:.4g} tokens/s.",
                                  load_number(*peak), n, l.universal.at(*peak)));
    }
    out.push_back(at_twice(l, n));
    return out;
}

std::string_view law_name(analyze::law l) noexcept {
    return l == analyze::law::universal ? "Universal Scalability Law" : "a hard knee";
}

}  // namespace lmstress::report
