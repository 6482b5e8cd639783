#pragma once

#include <string_view>

namespace lmstress::web {

/// The report as one HTML file, script and style within it, with the one line `@LMSTRESS_DATA@`
/// where the JSON of "lmstress.report/1" goes. Empty in a binary that was built without Node
/// (LMSTRESS_WEB).
std::string_view report_page();

/// The dashboard, the same way, with `@LMSTRESS_TOKEN@` and `@LMSTRESS_NONCE@` where the token of
/// this start and the nonce of this answer go, each as often as it stands there. Empty where the
/// report is.
std::string_view dashboard_page();

}  // namespace lmstress::web
