#include "report/moments.hpp"

#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace lmstress::report {

std::string moments(const request_record& record) {
    const auto sent = record.moments.get(moment::send_start);
    std::vector<std::pair<nanoseconds, moment>> all;  // those of the same time in their own order
    for (std::size_t i = 0; i < moment_count; ++i) {
        const auto m = static_cast<moment>(i);
        if (const auto at = record.moments.get(m)) all.emplace_back(*at, m);
    }
    std::sort(all.begin(), all.end());
    std::string out = fmt::format("request {}, {}", record.request_id, to_string(record.ended));
    if (record.output_tokens) {
        out += fmt::format(", {} in {}", wire::plural(*record.output_tokens, "token"),
                           wire::plural(record.events, "event"));
    }
    out += '\n';
    for (const auto& [at, m] : all) {
        const double ms = static_cast<double>((at - sent.value_or(at)).count()) / 1e6;
        out += fmt::format("  {:<14}{:>12.3f} ms\n", to_string(m), ms);
    }
    return out;
}

}  // namespace lmstress::report
