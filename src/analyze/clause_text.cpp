#include "analyze/clause_text.hpp"

#include <fmt/format.h>

namespace lmstress::analyze {

std::string clause_text(const slo_clause& c) {
    const bool seconds = c.below_ms >= 1000;
    return fmt::format("{} < {:g} {}", c.name, seconds ? c.below_ms / 1000 : c.below_ms,
                       seconds ? "s" : "ms");
}

std::string objective_text(const slo_summary& s) {
    std::string out;
    for (const slo_clause& c : s.clauses) out += (out.empty() ? "" : ", ") + clause_text(c);
    return out;
}

}  // namespace lmstress::analyze
