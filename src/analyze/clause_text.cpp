#include "analyze/clause_text.hpp"

#include <fmt/format.h>

namespace lmstress::analyze {

std::string clause_text(const slo_clause& c) {
    const bool seconds = c.below_ms >= 1000;
    return fmt::format("{} < {:g} {}", c.name, seconds ? c.below_ms / 1000 : c.below_ms,
                       seconds ? "s" : "ms");
}

}  // namespace lmstress::analyze
