#include "report/law_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::report {
namespace {

std::string around(const std::vector<interval>& all, std::size_t i) {
    if (i >= all.size()) return {};
    return fmt::format(" ({:.3g}..{:.3g})", all[i].low, all[i].high);
}

/// Of requests in flight there may be less than one.
std::string load_number(double n) {
    return n < 10 ? fmt::format("{:.2g}", n) : fmt::format("{:.0f}", n);
}

}  // namespace

std::vector<std::string> law_sentences(const analyze::scaling_law& l, std::string_view n) {
    std::vector<std::string> out;
    if (l.better == analyze::law::universal) {
        const analyze::universal_law& u = l.universal;
        out.push_back(fmt::format(
            "Scaling law (USL, r2 {:.3f}): {:.3g} tokens/s{} alone, contention {:.3g}{}, crosstalk "
            "{:.3g}{}.",
            l.r2, u.lambda, around(l.ci95, 0), u.sigma, around(l.ci95, 1), u.kappa,
            around(l.ci95, 2)));
        const auto peak = u.peak();
        if (peak && *peak <= 2 * l.largest_n) {
            out.push_back(fmt::format("By it the throughput is greatest at {} {}, {:.4g} tokens/s.",
                                      load_number(*peak), n, u.at(*peak)));
        }
    } else {
        const analyze::hinge_law& h = l.hinge;
        out.push_back(fmt::format(
            "Scaling law (a hard knee, r2 {:.3f}): {:.3g} tokens/s{} each up to {:.3g}{} {}, and "
            "{:.3g}{} for each beyond.",
            l.r2, h.lambda, around(l.ci95, 0), h.knee, around(l.ci95, 1), n, h.slope,
            around(l.ci95, 2)));
    }
    const double twice = 2 * l.largest_n;
    const double one = l.universal.at(twice);
    const double other = l.hinge.at(twice);
    if (const auto at = l.at(twice)) {
        // Where the two laws part, what was measured does not tell which of them goes on.
        out.push_back(
            std::abs(one - other) <= 0.1 * std::max(one, other)
                ? fmt::format("At {} {}, twice the most that was measured, it has {:.4g} "
                              "tokens/s; beyond that it says nothing.",
                              load_number(twice), n, *at)
                : fmt::format("At {} {}, twice the most that was measured, it is not known: "
                              "USL says {:.4g} tokens/s, a hard knee {:.4g}.",
                              load_number(twice), n, one, other));
    }
    return out;
}

std::string_view law_name(analyze::law l) noexcept {
    return l == analyze::law::universal ? "Universal Scalability Law" : "a hard knee";
}

}  // namespace lmstress::report
