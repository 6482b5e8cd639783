#pragma once

#include "analyze/capacity.hpp"
#include "report/series.hpp"

#include <string>

namespace lmstress::report {

/// Output tokens a second; 0 where none was measured.
[[nodiscard]] double output_of(const series_point& p);

/// "What limits: slots. ..."; empty where it is not known.
[[nodiscard]] std::string limit_sentence(const analyze::limit_found& found);

/// What limits a server under growing load: at the first load that did not meet the SLO; where none
/// fails it, at the largest, once output no longer grew. Where it still grew, or a single load was
/// measured, that this does not show it. Empty of several APIs that shared a server, and where no
/// output was measured.
[[nodiscard]] std::string limit_of(const series& s);

}  // namespace lmstress::report
