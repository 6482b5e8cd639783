#include "report/phase_table.hpp"

#include "report/interval_table.hpp"
#include "report/sweep_report.hpp"
#include "report/text_table.hpp"
#include "report/wrapped.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace lmstress::report {
namespace {

std::string bar_of(const analyze::mean_phases& p) {
    const double all = p.queue_ms + p.load_ms + p.prefill_ms + p.decode_ms + p.unknown_ms;
    std::string bar;
    const auto draw = [&](double ms, char with) {
        const double wide = all > 0 ? 24 * ms / all : 0;
        bar += std::string(static_cast<std::size_t>(std::lround(wide)), with);
    };
    draw(p.queue_ms, '.');
    draw(p.load_ms, 'L');
    draw(p.prefill_ms, 'p');
    draw(p.unknown_ms, '?');
    draw(p.decode_ms, '=');
    return bar;
}

bool is_over_all(const phase_row& row) {
    return row.means.requests == row.means.of;
}

bool is_told(const phase_row& row) {
    return row.means.unknown_ms == 0;
}

std::vector<std::string> cells_of(const phase_row& row) {
    const analyze::mean_phases& p = row.means;
    const bool told = is_told(row);
    return {row.name,
            row.load,
            told ? number_text(p.queue_ms) : "-",
            p.load_ms > 0 ? number_text(p.load_ms) : "-",
            told ? number_text(p.prefill_ms) : number_text(p.unknown_ms) + "?",
            number_text(p.decode_ms),
            bar_of(p)};
}

}  // namespace

std::string phase_table(std::span<const phase_row> all, int width) {
    std::vector<text_column> columns{{"where a request's time goes, mean ms"},
                                     {"load", true},
                                     {"queue", true},
                                     {"model", true},
                                     {"prefill", true},
                                     {"decode", true},
                                     {""}};
    const bool some_over_few = !std::all_of(all.begin(), all.end(), is_over_all);
    if (some_over_few) columns.insert(columns.end() - 1, {"over", true});
    std::vector<std::vector<std::string>> lines;
    for (const phase_row& row : all) {
        lines.push_back(cells_of(row));
        if (!some_over_few) continue;
        lines.back().insert(lines.back().end() - 1,
                            fmt::format("{} of {}", row.means.requests, row.means.of));
    }
    std::string out = text_table_within(width, columns, lines);
    out += wrapped(std::string{phase_letters} + '.', width, "  ");
    if (!std::all_of(all.begin(), all.end(), is_told)) {
        out += wrapped(
            "?: queue and prefill together, for of most of the requests the server does not tell "
            "when it took up their prompt.",
            width, "  ");
    }
    if (some_over_few) {
        out += wrapped(
            "over: the requests that the means are over, of those that brought a token; the server "
            "tells more of them, or less, than of the others.",
            width, "  ");
    }
    return out;
}

}  // namespace lmstress::report
