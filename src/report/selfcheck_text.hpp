#pragma once

#include "analyze/selfcheck.hpp"
#include "lmstress/selfcheck.hpp"

#include <cstdint>
#include <string>

namespace lmstress::report {

/// "TTFT +0.03 ms p99, gaps ±0.05 ms p99, up to 4,000 streams × 20 events/s on this host"
[[nodiscard]] std::string selfcheck_sentence(const selfcheck_note& n);
/// The same beneath the table of a run that had so many streams at most, with its date.
[[nodiscard]] std::string selfcheck_line(const selfcheck_note& n, std::uint32_t streams);

/// A row a load, why the figures do not hold where they do not, and the sentence.
[[nodiscard]] std::string selfcheck_table(const analyze::selfcheck& all);

/// All of it: what selfcheck.json holds.
[[nodiscard]] std::string selfcheck_json(const analyze::selfcheck& all);

}  // namespace lmstress::report
