#include "analyze/shifted.hpp"

#include <optional>

namespace lmstress::analyze {
namespace {

void shift(std::optional<nanoseconds>& t, nanoseconds by) {
    if (t) *t += by;
}

}  // namespace

request_record shifted(request_record r, nanoseconds by) {
    for (std::size_t i = 0; i < moment_count; ++i) {
        const auto m = static_cast<moment>(i);
        if (const auto at = r.moments.get(m)) r.moments.set(m, *at + by);
    }
    shift(r.cut, by);
    shift(r.broke, by);
    for (nanoseconds& t : r.event_times) t += by;
    for (prefill_point& p : r.prefill) p.at += by;
    for (tool_span& span : r.tool_calls) {
        span.start += by;
        shift(span.called, by);
        shift(span.end, by);
    }
    return r;
}

}  // namespace lmstress::analyze
