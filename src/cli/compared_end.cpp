#include "cli/compared_end.hpp"

#include "report/printable.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <string>

namespace lmstress::cli {
std::string ended_early(const measured_sides& m) {
    const std::size_t a = m.sides[0].runs.size();
    const std::size_t b = m.sides[1].runs.size();
    if (a + b >= m.turns) return {};
    return fmt::format("{} in turn {} of {}: A has {}, B has {}",
                       m.exit_code == 130 ? "interrupted" : "ended for want of a result", a + b + 1,
                       m.turns, wire::plural(a, "run"), wire::plural(b, "run"));
}

error nothing_to_compare(const measured_sides& m) {
    error out{errc::usage, ended_early(m) + ", so there is nothing to compare"};
    const auto& [a, b] = m.first_results;
    const std::string again = "the same command measures both sides from the beginning";
    if (a.empty() && b.empty()) {
        out.advice = "Nothing was measured; " + again + '.';
        return out;
    }
    const std::string shows = a.empty() || b.empty()
                                  ? "lmstress report " + (a.empty() ? b : a) + " shows it"
                                  : "lmstress compare " + a + ' ' + b + " compares what there is";
    out.advice = report::printable(
        fmt::format("What was measured is in {}: {}; {}, into another directory if --out names it.",
                    m.directory, shows, again));
    return out;
}

}  // namespace lmstress::cli
