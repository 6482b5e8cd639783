#include "wire/letters.hpp"

#include <cstddef>
#include <vector>

namespace lmstress::wire {
namespace {

/// Letters to change, leave out, add or swap with their neighbour (optimal string alignment:
/// Damerau 1964, without a second change to a swapped pair).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            d[i][j] =
                std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                                 lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates) {
    constexpr std::size_t longest = 100;  // a name; more is no slip of the finger
    if (text.size() > longest) return {};
    std::string_view best;
    std::size_t least = std::max<std::size_t>(1, text.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > longest) continue;
        const bool begun = text.size() > 2 && same_letters(text, candidate.substr(0, text.size()));
        const std::size_t d = begun ? 1 : distance(text, candidate);
        if (d >= least) continue;
        least = d;
        best = candidate;
    }
    return best;
}

}  // namespace lmstress::wire
