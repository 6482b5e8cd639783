#include "analyze/best_setting.hpp"
#include "report/interval_table.hpp"
#include "report/phase_table.hpp"
#include "report/sweep_report.hpp"
#include "report/text_table.hpp"
#include "report/verdict_cells.hpp"
#include "report/wrapped.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace lmstress::report {
namespace {

using rows = std::vector<std::vector<std::string>>;

/// Names that would leave a table no room stand above the tables once, each with a number.
bool names_are_long(const sweep_report& r, int width) {
    return std::any_of(
        r.plan.variants.begin(), r.plan.variants.end(), [&](const server_variant& v) {
            return 5 * columns_of(variant_name(v)) > 2 * static_cast<std::size_t>(width);
        });
}

std::string row_name(const sweep_report& r, std::size_t variant, int width) {
    return names_are_long(r, width) ? fmt::format("#{}", variant + 1)
                                    : variant_name(r.plan.variants[variant]);
}

std::string numbered_names(const sweep_report& r, int width) {
    if (!names_are_long(r, width)) return {};
    std::string out;
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        out += wrapped(variant_name(r.plan.variants[v]), width,
                       fmt::format("{:<5}", row_name(r, v, width)));
    }
    return out + '\n';
}

std::string cell_text(const std::optional<analyze::figure_over_runs>& f) {
    if (!f) return "-";
    // Runs that all gave the same do not say how far the next one may be off.
    if (f->runs < 2 || !f->ci95 || !f->ci95->closed() || f->ci95->low == f->ci95->high) {
        return number_text(f->mean);
    }
    const double half = (f->ci95->high - f->ci95->low) / 2;
    // That of a share ends at 0 and at 100 %, and is no longer to one side than to the other.
    if (std::abs(f->ci95->low + half - f->mean) > 1e-6 * half) {
        return fmt::format("{} ({}..{})", number_text(f->mean), number_text(f->ci95->low),
                           number_text(f->ci95->high));
    }
    return fmt::format("{} ±{}", number_text(f->mean), number_text(half));
}

/// Of a figure of a single run: where its quantile lies by the requests of that run.
std::string around_text(const std::optional<analyze::figure_over_runs>& f) {
    if (!f) return {};
    if (!f->ci95 || !f->ci95->closed()) return "(n too small)";
    return fmt::format("({}..{})", number_text(f->ci95->low), number_text(f->ci95->high));
}

/// The loads from `first` to before `last` of a figure's table. Figures of a single run have their
/// intervals in a column of their own.
std::string part_of_table(const sweep_report& r, const analyze::sweep_figure& f, std::size_t first,
                          std::size_t last, int width) {
    const bool with_intervals = r.runs < 2 && f.around != nullptr;
    std::vector<text_column> columns{{f.name}};
    for (std::size_t load = first; load < last; ++load) {
        columns.push_back({r.plan.loads[load], true});
        if (with_intervals) columns.push_back({"95 %"});
    }
    rows lines;
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        lines.push_back({row_name(r, v, width)});
        for (std::size_t load = first; load < last; ++load) {
            const auto seen = analyze::over_runs(f, r.cells, v, load);
            lines.back().push_back(cell_text(seen));
            if (with_intervals) lines.back().push_back(around_text(seen));
        }
    }
    return text_table(columns, lines) + '\n';
}

/// A figure's table, empty where no cell has it: in as many parts, one below the other, as its
/// loads take to fit the width of a page.
std::string figure_table(const sweep_report& r, const analyze::sweep_figure& f, int width) {
    const bool known = std::any_of(
        r.cells.begin(), r.cells.end(),
        [&](const analyze::measured_cell& m) { return f.of(m.figures.level).has_value(); });
    if (!known) return {};
    std::string out;
    const std::size_t loads = r.plan.loads.size();
    for (std::size_t first = 0; first < loads;) {
        std::size_t last = loads;
        std::string part = part_of_table(r, f, first, last, width);
        while (last > first + 1 && widest_line(part) > static_cast<std::size_t>(width)) {
            part = part_of_table(r, f, first, --last, width);
        }
        out += part;
        first = last;
    }
    return out;
}

/// Of requests that were cut nobody knows whether they would have failed.
std::string no_errors_line(const sweep_report& r) {
    std::uint64_t cut = 0;
    for (const analyze::measured_cell& m : r.cells) cut += m.figures.level.requests.censored;
    if (cut == 0) return "No request failed or timed out.\n\n";
    return fmt::format("No request failed or timed out; {} {} cut before the end.\n\n",
                       wire::plural(cut, "request"), cut == 1 ? "was" : "were");
}

/// A figure that is the same everywhere, as no errors are, takes a line.
std::string figure_lines(const sweep_report& r, const analyze::sweep_figure& f, int width) {
    std::set<std::string> seen;
    for (const analyze::measured_cell& m : r.cells) {
        const auto v = f.of(m.figures.level);
        seen.insert(v ? number_text(*v) : "-");
    }
    seen.erase("-");  // where no request arrived none failed
    const bool no_errors = std::string_view{f.key} == "errors_percent" && seen.size() == 1 &&
                           seen.contains(number_text(0));
    return no_errors ? no_errors_line(r) : figure_table(r, f, width);
}

/// The cell of a variant under its largest load, or null.
const analyze::measured_cell* fullest(const sweep_report& r, std::size_t variant) {
    const analyze::measured_cell* out = nullptr;
    for (const analyze::measured_cell& m : r.cells) {
        if (m.cell.variant != variant || !m.figures.batch) continue;
        if (out == nullptr ||
            m.figures.batch->in_flight_mean > out->figures.batch->in_flight_mean) {
            out = &m;
        }
    }
    return out;
}

/// Of the variant's cells, the one that shows the most of an interference; or null.
const analyze::prefill_interference* interference_of(const sweep_report& r, std::size_t variant) {
    const analyze::prefill_interference* out = nullptr;
    for (const analyze::measured_cell& m : r.cells) {
        if (m.cell.variant != variant || !m.figures.interference) continue;
        if (out == nullptr || m.figures.interference->gaps_during > out->gaps_during) {
            out = &*m.figures.interference;
        }
    }
    return out;
}

std::string set_text(const server_variant& v, const analyze::measured_cell& m) {
    const auto& said = m.figures.level.setup.server.parallel;
    const auto n = v.parallel ? v.parallel : said.confirmed;
    return n ? std::to_string(*n) : "-";
}

std::string shown_text(const sweep_report& r, std::size_t variant) {
    const auto shown = analyze::shown_parallel(r.cells, variant);
    return shown ? std::to_string(*shown) : "not shown by this load";
}

std::string ratio_text(const analyze::prefill_interference* i) {
    if (i == nullptr) return "-";
    if (!i->ci95) return fmt::format("{:.2f}", i->ratio);
    return fmt::format("{:.2f} ({:.2f}..{:.2f})", i->ratio, i->ci95->low, i->ci95->high);
}

std::string batch_table(const sweep_report& r, int width) {
    const std::vector<text_column> columns{
        {"what the server did"},  {"load", true},     {"set", true},
        {"shown", true},          {"decoding", true}, {"fairness", true},
        {"prefill beside", true}, {"over time"}};
    rows lines;
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        const analyze::measured_cell* m = fullest(r, v);
        if (m == nullptr) continue;
        const analyze::batch_figures& b = *m->figures.batch;
        lines.push_back({row_name(r, v, width), r.plan.loads[m->cell.load],
                         set_text(r.plan.variants[v], *m), shown_text(r, v),
                         fmt::format("{:.1f}", b.decoding_mean),
                         b.fairness ? fmt::format("{:.2f}", *b.fairness) : "-",
                         ratio_text(interference_of(r, v)),
                         spark_line(m->figures.decoding, b.decoding_most, 12)});
    }
    if (lines.empty()) return {};
    return text_table_within(width, columns, lines) +
           wrapped(
               "shown: streams that decode at once, where there are twice as many clients as "
               "slots and as many decode as have a slot; decoding: on average; fairness: "
               "Jain's index of the users' tokens; prefill beside: gaps of running streams "
               "while another's prompt is processed, over gaps while none is.",
               width, "  ") +
           '\n';
}

std::string phases_of_settings(const sweep_report& r, int width) {
    std::vector<phase_row> lines;
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        const analyze::measured_cell* m = fullest(r, v);
        if (m == nullptr || !m->figures.phases) continue;
        lines.push_back({row_name(r, v, width), r.plan.loads[m->cell.load], *m->figures.phases});
    }
    return lines.empty() ? std::string{} : phase_table(lines, width) + '\n';
}

std::string prefill_table(const sweep_report& r, int width) {
    std::set<std::uint64_t> depths;
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        if (const auto* m = fullest(r, v)) {
            for (const analyze::prefill_speed& s : m->figures.prefill) depths.insert(s.from);
        }
    }
    if (depths.size() < 2) return {};
    std::vector<std::string> names;
    for (const std::uint64_t depth : depths) names.push_back(std::to_string(depth));
    std::vector<text_column> columns{{"prefill speed by depth, tokens/s, from token"}};
    for (const std::string& name : names) columns.push_back({name, true});
    rows lines;
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        const auto* m = fullest(r, v);
        if (m == nullptr || m->figures.prefill.empty()) continue;
        lines.push_back({row_name(r, v, width)});
        for (const std::uint64_t depth : depths) {
            const auto& all = m->figures.prefill;
            const auto at = std::find_if(all.begin(), all.end(),
                                         [&](const auto& s) { return s.from == depth; });
            lines.back().push_back(at == all.end() ? "-" : number_text(at->tokens_per_second));
        }
    }
    return text_table_within(width, columns, lines) + '\n';
}

std::string limit_text(const sweep_report& r, const analyze::measured_cell& m,
                       const analyze::context_limit& l) {
    std::vector<std::string> sentences;
    if (l.answers > 0) {
        sentences.push_back(fmt::format("{} ended where {} context was full, at {} tokens.",
                                        wire::plural(l.answers, "answer"),
                                        l.answers == 1 ? "its" : "their", l.tokens.value_or(0)));
    }
    if (l.prompts > 0) {
        sentences.push_back(fmt::format("{} did not fit the context of a stream.",
                                        wire::plural(l.prompts, "prompt")));
    }
    return place_of(r, m) + ": " + fmt::format("{}", fmt::join(sentences, " "));
}

std::string context_lines(const sweep_report& r, int width) {
    std::string out;
    for (const analyze::measured_cell& m : r.cells) {
        if (const auto& e = m.figures.exhausted) {
            out += wrapped(fmt::format("{}: the pool of the KV cache was full when {} wanted about "
                                       "{} tokens of context together; it ended {}.",
                                       place_of(r, m), wire::plural(e->streams, "stream"),
                                       e->demand, wire::plural(e->failed, "request")),
                           width, "");
        }
        if (const auto& l = m.figures.limited) out += wrapped(limit_text(r, m, *l), width, "");
    }
    return out.empty() ? out : out + '\n';
}

std::string force_lines(const sweep_report& r, int width) {
    std::string out;
    for (const analyze::measured_cell& m : r.cells) {
        for (const std::string& what :
             analyze::not_in_force(r.plan.variants[m.cell.variant], m.figures)) {
            out += wrapped(place_of(r, m) + ": " + what + '.', width, "NOT IN FORCE  ");
        }
    }
    return out.empty() ? out : out + '\n';
}

/// Of the cells whose runs are not valid how many there are, and of one why.
std::string invalid_line(const sweep_report& r, int width) {
    const auto is_invalid = [](const analyze::measured_cell& m) { return !m.invalid.empty(); };
    const auto first = std::find_if(r.cells.begin(), r.cells.end(), is_invalid);
    if (first == r.cells.end()) return {};
    return wrapped(fmt::format("{} of {}, the first of them {}: {}.",
                               std::count_if(first, r.cells.end(), is_invalid),
                               wire::plural(r.cells.size(), "cell"), place_of(r, *first),
                               first->invalid),
                   width, "INVALID  ") +
           '\n';
}

/// Of the cells before which the server did not become idle how many there are, and the first.
std::string busy_line(const sweep_report& r, int width) {
    const auto is_busy = [](const analyze::measured_cell& m) { return m.server_busy; };
    const auto first = std::find_if(r.cells.begin(), r.cells.end(), is_busy);
    if (first == r.cells.end()) return {};
    return wrapped(fmt::format("{} of {}, the first of them {}: the server was not idle before "
                               "(--idle-timeout), and what it did beside shows in the figures.",
                               std::count_if(first, r.cells.end(), is_busy),
                               wire::plural(r.cells.size(), "cell"), place_of(r, *first)),
                   width, "BUSY  ") +
           '\n';
}

/// Of each threshold in which cells it does not pass, and the first of them.
std::string threshold_lines(const sweep_report& r, int width) {
    std::string out;
    for (const std::string& text : r.thresholds) {
        const std::string where = outcome_of(r, text).where_not_passed;
        out += wrapped(text + (where.empty() ? " passes in every cell" : where) + '.', width,
                       "Threshold: ");
    }
    return out.empty() ? out : out + '\n';
}

}  // namespace

std::string server_deeds(const sweep_report& r, int width) {
    return batch_table(r, width) + phases_of_settings(r, width) + prefill_table(r, width) +
           context_lines(r, width);
}

std::string sweep_text(const sweep_report& r, int width) {
    std::string out = fmt::format(
        "{} of the server, {}, {} of each\n\n", wire::plural(r.plan.variants.size(), "setting"),
        wire::plural(r.plan.loads.size(), "load"), wire::plural(r.runs, "run"));
    if (r.cells.empty()) return out + "No cell was measured.\n";
    out += numbered_names(r, width);
    out += force_lines(r, width) + invalid_line(r, width) + busy_line(r, width);
    for (const analyze::sweep_figure& f : analyze::sweep_figures())
        out += figure_lines(r, f, width);
    out += threshold_lines(r, width);
    out += server_deeds(r, width);
    if (const auto best = analyze::best_of(r.plan, r.cells, r.attainment)) {
        out += wrapped(best->sentence, width, "Best: ");
    }
    return out;
}

}  // namespace lmstress::report
