#include "report/markdown.hpp"

#include "report/advice.hpp"
#include "report/api_differences.hpp"
#include "report/interval_table.hpp"
#include "report/law_text.hpp"
#include "report/level_name.hpp"
#include "report/printable.hpp"
#include "report/selfcheck_text.hpp"
#include "report/tested_parts.hpp"
#include "report/threshold.hpp"
#include "report/verdict.hpp"
#include "report/verdict_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace lmstress::report {
namespace {

/// Text from servers and users as text: nothing in it is markup.
std::string plain(const std::string& text) {
    std::string out;
    for (const char c : printable(text)) {
        if (std::string_view{"\\`*_{}[]<>#|~"}.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

void add_row(std::string& out, const std::vector<std::string>& cells) {
    for (const std::string& cell : cells) out += "| " + cell + ' ';
    out += "|\n";
}

/// A column of a table: figures stand to the right.
struct column {
    std::string name;
    bool numeric = false;
};

void add_head(std::string& out, const std::vector<column>& columns) {
    std::vector<std::string> names;
    for (const column& c : columns) names.push_back(c.name);
    add_row(out, names);
    for (const column& c : columns) out += c.numeric ? "|--:" : "|---";
    out += "|\n";
}

void add_sentences(std::string& out, const std::vector<std::string>& all) {
    for (const std::string& sentence : all) out += "* " + plain(sentence) + '\n';
    if (!all.empty()) out += '\n';
}

/// "63.2 (51.4..103)"; "(63.2)" of so few requests that they give no interval.
std::string figure_text(const analyze::sweep_figure& f, const analyze::figure_over_runs& v) {
    const std::string value = number_text(v.mean);
    if (v.ci95 && v.ci95->closed()) {
        return fmt::format("{} ({}..{})", value, number_text(v.ci95->low),
                           number_text(v.ci95->high));
    }
    return has_interval(f) && v.runs < 2 ? '(' + value + ')' : value;
}

std::string cell_of(const series_point& p, const analyze::sweep_figure& f) {
    for (const series_point::figure& one : p.figures) {
        if (one.of->key != f.key) continue;
        return one.beyond ? plain('>' + number_text(*one.beyond)) : figure_text(f, one.value);
    }
    return "-";
}

/// What a table of loads has a column for.
constexpr std::initializer_list<const char*> shown = {"output_tokens_per_second",
                                                      "inputs_per_second",
                                                      "stream_tokens_per_second",
                                                      "ttft_p50_ms",
                                                      "ttft_p95_ms",
                                                      "itl_p50_ms",
                                                      "itl_p95_ms",
                                                      "e2e_p95_ms",
                                                      "errors_percent",
                                                      "attainment_percent"};

std::vector<const analyze::sweep_figure*> figures_in(const series& s) {
    std::vector<const analyze::sweep_figure*> out;
    for (const char* key : shown) {
        for (const analyze::sweep_figure& f : report_figures()) {
            const bool any = std::any_of(s.points.begin(), s.points.end(),
                                         [&](const auto& p) { return cell_of(p, f) != "-"; });
            if (f.key == std::string_view{key} && any) out.push_back(&f);
        }
    }
    return out;
}

void add_series(std::string& out, const series& s) {
    out += fmt::format("### {}\n\n", plain(s.name));
    const auto figures = figures_in(s);
    std::vector<column> columns{{std::string{s.x_unit}, true}};
    for (const auto* f : figures) {
        columns.push_back({plain(fmt::format("{}, {}", name_of(*f, s.setup), unit_of(*f))), true});
    }
    add_head(out, columns);
    for (const series_point& p : s.points) {
        std::vector<std::string> cells{fmt::format("{:.4g}{}", p.x, p.valid ? "" : " (invalid)")};
        for (const auto* f : figures) cells.push_back(cell_of(p, *f));
        add_row(out, cells);
    }
    out += '\n';
    std::vector<std::string> sentences;
    if (s.slo) sentences.push_back(s.slo->sentence);
    if (s.law) {
        for (const std::string& l :
             law_sentences(*s.law, s.setup.open ? "requests in flight" : s.x_unit)) {
            sentences.push_back(l);
        }
    }
    add_sentences(out, sentences);
}

bool any_cell_has(const sweep_report& r, const analyze::sweep_figure& f) {
    return std::any_of(r.cells.begin(), r.cells.end(), [&](const analyze::measured_cell& m) {
        return f.of(m.figures.level).has_value();
    });
}

/// A sweep's settings by its loads, of each figure that decides.
void add_sweep(std::string& out, const source& s) {
    const sweep_report& r = *s.sweep;
    for (const char* key :
         {"output_tokens_per_second", "inputs_per_second", "ttft_p95_ms", "itl_p95_ms"}) {
        const analyze::sweep_figure& f = analyze::sweep_figure_named(key);
        if (!any_cell_has(r, f)) continue;
        out += fmt::format("### {}: {}\n\n", plain(s.name), plain(f.name));
        std::vector<column> columns{{"setting"}};
        for (const std::string& load : r.plan.loads) columns.push_back({plain(load), true});
        add_head(out, columns);
        for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
            std::vector<std::string> cells{plain(variant_name(r.plan.variants[v]))};
            for (std::size_t load = 0; load < r.plan.loads.size(); ++load) {
                const auto seen = analyze::over_runs(f, r.cells, v, load);
                cells.push_back(seen ? figure_text(f, *seen) : "-");
            }
            add_row(out, cells);
        }
        out += '\n';
    }
}

void add_errors(std::string& out, std::span<const source> sources) {
    std::string rows;
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            const bool several = apis_of(run.summary).size() > 1;
            for (const level_summary& level : run.summary.levels) {
                for (const auto& [kind, e] : level.errors) {
                    add_row(rows, {plain(run.name), plain(level_place(level, several)), plain(kind),
                                   fmt::format("{}", e.count), plain(e.example),
                                   plain(std::string{advice_on(kind)})});
                }
            }
        }
    }
    if (rows.empty()) return;
    out += "## Errors\n\n";
    add_head(out,
             {{"run"}, {"load"}, {"kind"}, {"requests", true}, {"an example"}, {"what to do"}});
    out += rows + '\n';
}

void add_thresholds(std::string& out, std::span<const source> sources) {
    std::string rows;
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            for (const judgement& j : judge_thresholds(run.summary)) {
                add_row(rows,
                        {std::string{to_string(j.verdict)}, plain(j.threshold),
                         plain(found_text(j)), plain(run.name), plain(place_of(j, run.summary))});
            }
        }
    }
    if (rows.empty()) return;
    out += "## Thresholds\n\n";
    add_head(out, {{"verdict"}, {"threshold"}, {"found", true}, {"run"}, {"load"}});
    out += rows + '\n';
}

void add_own_error(std::string& out, std::span<const source> sources) {
    std::string said = "not measured on this host (lmstress selfcheck measures it)";
    for (const source& s : sources) {
        if (s.runs.empty() || !s.runs.front().summary.setup.selfcheck) continue;
        said = selfcheck_sentence(*s.runs.front().summary.setup.selfcheck);
        break;
    }
    out += "The tool's own error: " + plain(said) + ".\n\n";
}

void add_reproduce(std::string& out, std::span<const source> sources) {
    out += "## Once more\n\n";
    for (const source& s : sources) {
        const std::string command = command_of(s);
        if (command.empty()) continue;
        const std::string note = note_on_command(s);
        if (!note.empty()) out += plain(note) + "\n\n";
        // A fence longer than any in the command: what stands in a prompt cannot end it.
        std::string fence = "```";
        while (command.find(fence) != std::string::npos) fence += '`';
        out += fence + '\n' + printable(command) + '\n' + fence + "\n\n";
        if (command.find(" --header ") == std::string::npos) continue;
        out += "The values of headers are not kept with a result: put yours in place of `...`.\n\n";
    }
}

}  // namespace

namespace {

/// What the answer itself does not say, and who reads only that must know. Of several results each
/// answer says it.
std::string against(const report_verdict& v, std::size_t sources) {
    const result_state is = v.state();
    const bool unsaid = is == result_state::not_valid || is == result_state::cut_short;
    return unsaid && sources == 1 ? fmt::format(" ({})", words_for(is)) : std::string{};
}

}  // namespace

std::string markdown(std::span<const source> sources) {
    const auto all = series_of(sources);
    const report_verdict v = verdict_of(sources, all);
    std::string out = fmt::format("# {}\n\n**{}**{}\n\n", plain(title_of(sources)),
                                  plain(v.headline), against(v, sources.size()));
    for (const auto* sentences : {&v.carries, &v.limits, &v.validity})
        add_sentences(out, *sentences);
    out += "## What was tested\n\n";
    add_head(out, {{""}, {""}});
    for (const auto& [name, value] : tested_of(sources)) add_row(out, {plain(name), plain(value)});
    out +=
        "\n## Figures by load\n\nIn parentheses: 95 % intervals. A figure that "
        "stands in them itself is of too few requests to have one.\n\n";
    for (const series& s : all) add_series(out, s);
    for (const source& s : sources) {
        if (s.sweep) add_sweep(out, s);
    }
    add_thresholds(out, sources);
    add_errors(out, sources);
    if (!v.notes.empty()) {
        out += "## Notes\n\n";
        add_sentences(out, v.notes);
    }
    add_own_error(out, sources);
    add_reproduce(out, sources);
    return out;
}

}  // namespace lmstress::report
