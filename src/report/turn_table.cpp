#include "report/turn_table.hpp"

#include "report/interval_table.hpp"
#include "report/level_name.hpp"
#include "report/text_table.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <vector>

namespace lmstress::report {
namespace {

/// Of a conversation of a hundred turns the first ones are shown; summary.json has all.
constexpr std::size_t most_rows = 12;

std::string number(std::optional<double> v) {
    return v ? number_text(*v) : "-";
}

std::vector<std::string> row_of(std::string name, const ttft_group& g) {
    const auto& ttft = g.ttft_ms;
    return {std::move(name),
            std::to_string(g.requests),
            number(g.input_tokens_p50),
            number(g.cached_tokens_p50),
            ttft ? quantile_text(*ttft, &distribution::p50) : "-",
            ttft ? quantile_text(*ttft, &distribution::p95) : "-"};
}

std::string group_table(const std::string& name, const std::vector<ttft_group>& groups,
                        std::string (*label)(const ttft_group& g)) {
    std::vector<std::vector<std::string>> rows;
    for (const ttft_group& g : groups) {
        if (rows.size() < most_rows) rows.push_back(row_of(label(g), g));
    }
    const std::vector<text_column> columns = {{name, false},         {"requests", true},
                                              {"prompt p50", true},  {"cached p50", true},
                                              {"TTFT ms p50", true}, {"p95", true}};
    std::string out = text_table(columns, rows);
    if (groups.size() > most_rows) {
        out += fmt::format("... and {} more in summary.json\n", groups.size() - most_rows);
    }
    return out;
}

}  // namespace

std::string turn_table(const level_summary& level) {
    if (level.by_turn.empty()) return {};
    const conversation_counts& c = level.conversations;
    std::string out =
        fmt::format("\n{}: {} begun, {} completed, {} broken off ({} not sent)\n",
                    level_name(level.setup), wire::plural(c.begun, "conversation"), c.completed,
                    c.broken, wire::plural(level.requests.not_sent, "turn"));
    out += group_table("turn", level.by_turn,
                       [](const ttft_group& g) { return std::to_string(g.from); });
    if (level.by_depth.size() < 2) return out;
    out += group_table("prompt tokens", level.by_depth, [](const ttft_group& g) {
        return fmt::format("{}-{}", g.from, 2 * g.from - 1);
    });
    return out;
}

}  // namespace lmstress::report
