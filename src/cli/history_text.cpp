#include "cli/history_text.hpp"

#include "report/printable.hpp"
#include "report/text_table.hpp"
#include "report/verdict_state.hpp"
#include "wire/plural.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <ctime>
#include <optional>

namespace lmstress::cli {
namespace {

using store::history_entry;
using store::history_level;

std::string time_of(const history_entry& run) {
    return fmt::format("{:%Y-%m-%d %H:%M}",
                       fmt::gmtime(static_cast<std::time_t>(run.started_unix_ns / 1'000'000'000)));
}

std::string figure(const std::optional<double>& v) {
    if (!v) return "-";
    return *v < 100 ? fmt::format("{:.1f}", *v) : fmt::format("{:.0f}", *v);
}

/// A quantile of too few requests stands in brackets.
std::string figure_of(const history_level& l, double p, const std::optional<double>& v) {
    return v && store::too_few_for(l, p) ? '(' + figure(v) + ')' : figure(v);
}

std::string number(const std::optional<std::int64_t>& n) {
    return n ? fmt::format("{}", *n) : "-";
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

/// What is to be known of a run before its figures are believed.
std::string state_of(const history_entry& run) {
    using report::result_state;
    const auto state = report::state_named(run.state).value_or(result_state::measured);
    const std::string words{state == result_state::measured ? "" : report::words_for(state)};
    const std::string how = !run.exit_code ? "killed" : *run.exit_code == 130 ? "interrupted" : "";
    if (how.empty()) return words;
    return words.empty() || state == result_state::cut_short ? how : words + ", " + how;
}

/// "measured: 8 users at TTFT p95 <= 2 s".
std::string words_of(const store::history_whole& w) {
    const auto state = report::state_named(w.state).value_or(report::result_state::measured);
    return fmt::format("{}: {}", report::words_for(state), w.answer);
}

std::string load_of(const history_level& l) {
    if (l.rate) return fmt::format("{:.4g}/s", *l.rate);
    return number(l.streams);
}

std::vector<std::string> row_of(const history_entry& run) {
    const history_level* best = store::fastest_level(run);
    const history_level none;
    const history_level& l = best == nullptr ? none : *best;
    std::string notes = state_of(run);
    if (!run.tags.empty()) notes += (notes.empty() ? "" : ", ") + joined_tags(run.tags);
    return {fmt::format("{}", run.id),
            time_of(run),
            std::string{to_string(run.kind)},
            or_dash(run.model),
            or_dash(run.quantization),
            number(run.parallel),
            best == nullptr ? "-" : load_of(l),
            figure(l.output_tokens_per_second),
            figure_of(l, 0.95, l.ttft_p95_ms),
            figure_of(l, 0.5, l.itl_p50_ms),
            notes};
}

void add(std::string& page, std::string_view name, const std::string& value) {
    if (!value.empty()) page += fmt::format("{:<12}{}\n", name, report::printable(value));
}

/// What all APIs came to together comes first, as in a report.
std::vector<const history_level*> levels_in_order(const history_entry& run) {
    std::vector<const history_level*> out;
    for (const bool together : {true, false}) {
        for (const history_level& l : run.levels) {
            if (store::is_together(l) == together) out.push_back(&l);
        }
    }
    return out;
}

std::string level_table(const history_entry& run) {
    constexpr std::array columns = {
        report::text_column{"load", true},      report::text_column{"api"},
        report::text_column{"requests", true},  report::text_column{"failed", true},
        report::text_column{"tokens/s", true},  report::text_column{"TTFT p50", true},
        report::text_column{"TTFT p95", true},  report::text_column{"ITL p50", true},
        report::text_column{"TPOT p50", true},  report::text_column{"E2E p50", true},
        report::text_column{"SLO met %", true},
    };
    std::vector<std::vector<std::string>> rows;
    for (const history_level* level : levels_in_order(run)) {
        const history_level& l = *level;
        const auto share = l.slo_attainment ? std::optional{100 * *l.slo_attainment} : std::nullopt;
        const std::string api = store::is_together(l) ? "all APIs together" : l.api;
        rows.push_back({load_of(l), api, fmt::format("{}", l.offered), fmt::format("{}", l.failed),
                        figure(l.output_tokens_per_second), figure_of(l, 0.5, l.ttft_p50_ms),
                        figure_of(l, 0.95, l.ttft_p95_ms), figure_of(l, 0.5, l.itl_p50_ms),
                        figure_of(l, 0.5, l.tpot_p50_ms), figure_of(l, 0.5, l.e2e_p50_ms),
                        figure(share)});
    }
    return report::text_table(columns, rows);
}

}  // namespace

std::string joined_tags(const std::vector<std::string>& tags) {
    std::string out;
    for (const std::string& tag : tags) out += (out.empty() ? "" : ", ") + tag;
    return report::printable(out);
}

std::string history_table(std::span<const history_entry> runs, std::int64_t total) {
    if (runs.empty()) return "no run of the history is like that\n";
    constexpr std::array columns = {
        report::text_column{"run", true},      report::text_column{"UTC"},
        report::text_column{"kind"},           report::text_column{"model"},
        report::text_column{"quant"},          report::text_column{"parallel", true},
        report::text_column{"load", true},     report::text_column{"tokens/s", true},
        report::text_column{"TTFT p95", true}, report::text_column{"ITL p50", true},
        report::text_column{"notes"},
    };
    std::vector<std::vector<std::string>> rows;
    for (const history_entry& run : runs) rows.push_back(row_of(run));
    std::string out = report::text_table(columns, rows);
    const auto shown = static_cast<std::int64_t>(runs.size());
    if (shown < total) {
        out += fmt::format("{} of {}: --limit shows more\n", shown,
                           wire::plural(static_cast<std::uint64_t>(total), "run"));
    }
    return out + "The figures are of each run's level with the most tokens/s; times are in ms.\n";
}

std::string history_page(const history_entry& run, bool directory_exists) {
    std::string page;
    add(page, "run", fmt::format("{} ({})", run.id, run.run_id));
    add(page, "began", time_of(run) + " UTC");
    add(page, "part of", run.group);
    if (run.whole) add(page, "which is", words_of(*run.whole));
    add(page, "model", run.model + (run.quantization.empty() ? "" : " (" + run.quantization + ")"));
    add(page, "server", run.server);
    add(page, "address", run.url);
    add(page, "settings", setting_text(run));
    add(page, "state", state_of(run));
    add(page, "ended early", run.ended_early);
    add(page, "tags", joined_tags(run.tags));
    for (const auto& [key, value] : run.labels) add(page, "label", key + "=" + value);
    add(page, "directory", run.directory + (directory_exists ? "" : " (gone)"));
    return page + '\n' + level_table(run);
}

}  // namespace lmstress::cli
