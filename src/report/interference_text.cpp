#include "report/interference_text.hpp"

#include "report/interval_table.hpp"

#include <fmt/format.h>

namespace lmstress::report {

std::string interference_sentence(const analyze::prefill_interference& i) {
    const std::string around =
        i.ci95 ? fmt::format(" (95 %: {:.2g}..{:.2g})", i.ci95->low, i.ci95->high) : "";
    return fmt::format(
        "While the prompt of another request was processed, the median gap of a running stream was "
        "{} ms, and {} ms while none was: {:.2g} times as long{}.",
        number_text(i.during_ms), number_text(i.else_ms), i.ratio, around);
}

}  // namespace lmstress::report
