#include "report/capacity_confidence.hpp"
#include "report/capacity_report.hpp"
#include "report/interval_table.hpp"
#include "report/law_text.hpp"
#include "report/text_table.hpp"
#include "report/time_text.hpp"
#include "report/wrapped.hpp"
#include "wire/plural.hpp"
#include "wire/short_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lmstress::report {
namespace {

using analyze::step_verdict;

std::string load_text(const capacity_report& r, double load) {
    if (r.rate) return wire::rate_text(load);
    return wire::plural(static_cast<std::uint64_t>(load), "user");
}

std::string metric_text(const level_summary& level, std::string_view name) {
    const std::string_view felt = level.setup.open && name == "ttft_ms" ? "ttft_intended_ms" : name;
    const distribution* d = level.metric(felt);
    return d == nullptr ? "-" : quantile_text(*d, &distribution::p95);
}

std::string share_text(const level_summary& level) {
    return level.slo && level.requests.offered > 0
               ? fmt::format("{:.1f} %", 100 * level.slo->attainment)
               : "-";
}

std::string around_text(const analyze::measured_level& level) {
    const auto i = analyze::attainment_interval(level);
    return i ? fmt::format("{:.1f}..{:.1f}", 100 * i->low, 100 * i->high) : "-";
}

bool any_failed(const level_summary& level) {
    return level.requests.failed + level.requests.timed_out > 0;
}

std::string errors_text(const level_summary& level) {
    if (level.requests.offered == 0) return "-";
    if (!any_failed(level)) return "0";
    return fmt::format("{:.1f} %",
                       100 * static_cast<double>(level.requests.failed + level.requests.timed_out) /
                           static_cast<double>(level.requests.offered));
}

/// "undecided, cut".
std::string verdict_text(const analyze::capacity_step& s) {
    return std::string{to_string(s.verdict)} + (s.cut_short ? ", cut" : "") +
           (s.server_busy ? ", busy" : "");
}

/// What the words beside the verdicts mean.
std::string mark_lines(const capacity_report& r, int width) {
    const auto any = [&](bool analyze::capacity_step::* mark) {
        return std::any_of(r.steps.begin(), r.steps.end(),
                           [&](const analyze::capacity_step& s) { return s.*mark; });
    };
    std::string out;
    if (any(&analyze::capacity_step::cut_short)) {
        out +=
            wrapped("it was not measured on, for the time was over (--max-time)", width, "cut: ");
    }
    if (any(&analyze::capacity_step::server_busy)) {
        out += wrapped(
            "the server was not idle before it (--idle-timeout), and what it did "
            "beside shows in the figures",
            width, "busy: ");
    }
    return out;
}

std::string step_table(const capacity_report& r, int width) {
    std::vector<text_column> columns{{r.rate ? "req/s" : "users", true},
                                     {"verdict"},
                                     {"time", true},
                                     {"sent", true},
                                     {"SLO met", true},
                                     {"95 %", true},
                                     {"tokens/s", true},
                                     {"TTFT p95", true},
                                     {"ITL p95", true}};
    constexpr std::ptrdiff_t errors_at = 4;
    const bool errors =
        std::any_of(r.steps.begin(), r.steps.end(),
                    [](const analyze::capacity_step& s) { return any_failed(s.level.summary); });
    if (errors) columns.insert(columns.begin() + errors_at, {"errors", true});
    std::vector<std::vector<std::string>> lines;
    for (const analyze::capacity_step& s : r.steps) {
        const level_summary& l = s.level.summary;
        lines.push_back({fmt::format("{:.4g}", s.load), verdict_text(s),
                         time_text(s.earlier + s.length), std::to_string(l.requests.offered),
                         share_text(l), around_text(s.level),
                         number_text(l.output_tokens_per_second), metric_text(l, "ttft_ms"),
                         metric_text(l, "itl_ms")});
        if (errors) lines.back().insert(lines.back().begin() + errors_at, errors_text(l));
    }
    const bool few = std::any_of(lines.begin(), lines.end(), [](const auto& line) {
        return line.back().ends_with(')') || line[line.size() - 2].ends_with(')');
    });
    const bool none_failed =
        !errors && std::any_of(r.steps.begin(), r.steps.end(),
                               [](const auto& s) { return s.level.summary.requests.offered > 0; });
    return text_table_within(width, columns, lines) + (few ? few_values_note : "") +
           (none_failed ? "No request failed or timed out.\n" : "") + mark_lines(r, width);
}

std::string law_text(const capacity_report& r, int width) {
    if (!r.law) return {};
    std::string out;
    for (const auto& one : law_sentences(*r.law, r.rate ? "requests in flight" : "users")) {
        out += wrapped(one, width, out.empty() ? "" : "  ");
    }
    return out;
}

std::string clause_lines(const capacity_report& r) {
    const auto clauses = analyze::by_clause(r.steps, r.attainment);
    if (clauses.size() < 2) return {};
    std::string out = "Each clause by itself, as measured:\n";
    for (const analyze::clause_capacity& c : clauses) {
        const std::string most =
            c.holds ? "up to " + load_text(r, *c.holds) : std::string{"at no load that was tried"};
        out += fmt::format("  {}: {}{}\n", c.clause, most,
                           c.fails ? ", not with " + load_text(r, *c.fails) : "");
    }
    return out;
}

std::string limit_lines(const analyze::limit_found& limit, int width) {
    if (limit.is != analyze::limit::unknown) {
        const std::string line =
            fmt::format("What limits: {}. {}", analyze::to_string(limit.is), limit.evidence);
        return wrapped(line, width, "") +
               (limit.next_step.empty() ? "" : wrapped(limit.next_step, width, "  "));
    }
    if (!limit.next_step.empty()) {
        return wrapped("What limits: the bound itself. " + limit.evidence, width, "") +
               wrapped(limit.next_step, width, "  ");
    }
    if (limit.evidence.empty()) return "What limits: the server does not tell enough to say.\n";
    return wrapped("What limits: not known. " + limit.evidence +
                       " The server does not tell enough to say why.",
                   width, "");
}

/// With the full stop that ends a sentence.
std::string ended(const std::string& sentence) {
    return sentence.ends_with('.') ? sentence : sentence + '.';
}

std::string marks(const analyze::capacity_search::end& e) {
    return e.tested_again ? "tested twice" : "tested once";
}

std::string hold_text(double load) {
    return load == 1 ? "holds" : "hold";
}

/// "more than 5 % of the requests fail with 5 users (--max-error-rate, tested twice)".
std::string errors_beyond(const capacity_report& r, const analyze::capacity_search::end& e,
                          const std::string& where) {
    return fmt::format("more than {:.3g} % of the requests fail {} (--max-error-rate, {})",
                       100 * r.max_error_rate, where, marks(e));
}

/// "5 users do not (tested twice)": hold the objective.
std::string does_not(const capacity_report& r, const analyze::capacity_search::end& e) {
    const std::string load = load_text(r, e.load);
    return failed_by_errors(r, e.load) ? errors_beyond(r, e, "with " + load)
                                       : fmt::format("{} do not ({})", load, marks(e));
}

/// Some load held.
std::string answer_from(const capacity_report& r, const analyze::capacity_search::end& low) {
    const auto& high = r.found.high;
    if (!high) {
        return fmt::format("at least {}; {} holds there ({}), and no more was tried",
                           load_text(r, low.load), r.objective, marks(low));
    }
    const std::string held = fmt::format("{} {} {} ({})", load_text(r, low.load),
                                         hold_text(low.load), r.objective, marks(low));
    if (high->verdict != step_verdict::undecided) return held + "; " + does_not(r, *high);
    const auto failed = failed_above(r);
    return fmt::format("{}; whether {} do is undecided ({}){}", held, load_text(r, high->load),
                       marks(*high), failed ? "; " + does_not(r, *failed) : "");
}

/// None held, and one at least did not.
std::string answer_below(const capacity_report& r, const analyze::capacity_search::end& high) {
    const std::string load = load_text(r, high.load);
    if (high.verdict == step_verdict::undecided) {
        return fmt::format("not known; whether {} is undecided even with {} ({})", r.objective,
                           load, marks(high));
    }
    const bool by_errors = failed_by_errors(r, high.load);
    const auto open = undecided_below(r);
    if (!open) {
        return fmt::format(
            "less than {}; {}", load,
            by_errors ? errors_beyond(r, high, "even there")
                      : fmt::format("{} does not hold even there ({})", r.objective, marks(high)));
    }
    const std::string below = load_text(r, open->load);
    if (by_errors) {
        return fmt::format("less than {}; {}; whether {} {} {} is undecided ({})", load,
                           errors_beyond(r, high, "there"), below, hold_text(open->load),
                           r.objective, marks(*open));
    }
    return fmt::format("less than {} {} {} ({}); whether {} {} is undecided ({})", load,
                       hold_text(high.load), r.objective, marks(high), below,
                       open->load == 1 ? "does" : "do", marks(*open));
}

std::string confidence_text(const capacity_report& r) {
    const auto as_measured = bounds_without_interval(r);
    if (as_measured.empty()) return "Each verdict is one with 95 % confidence.";
    // The share of requests that failed has an interval, as that of those that met the SLO.
    const bool of_requests = std::any_of(r.steps.begin(), r.steps.end(), [&](const auto& step) {
        return step.level.summary.slo.has_value() || failed_by_errors(r, step.load);
    });
    const std::string which = fmt::format(
        "{} {} no interval and {} judged as measured", fmt::join(as_measured, " and "),
        as_measured.size() == 1 ? "has" : "have", as_measured.size() == 1 ? "is" : "are");
    return of_requests || as_measured.size() < r.thresholds.size()
               ? "Each verdict is one with 95 % confidence, but " + which + '.'
               : "No verdict has a confidence: " + which + '.';
}

std::string answer_of(const capacity_report& r) {
    if (r.found.low) return answer_from(r, *r.found.low);
    if (r.found.high) return answer_below(r, *r.found.high);
    if (r.steps.empty()) return "not known; nothing was measured";
    return fmt::format("not known; of {} none was decided", wire::plural(r.steps.size(), "step"));
}

}  // namespace

std::vector<std::string> capacity_sentences(const capacity_report& r) {
    const auto& [low, high] = r.found;
    std::vector<std::string> out{fmt::format("Capacity: {}.", answer_of(r))};
    if (!r.ended_early.empty()) out.push_back(r.ended_early);
    if (low || (high && high->verdict != step_verdict::undecided)) {
        out.push_back(confidence_text(r));
    }
    if (!r.invalid.empty()) out.push_back("INVALID: " + ended(r.invalid));
    if (r.out_of_time) {
        out.emplace_back(
            "The time was over (--max-time) before the bracket was as narrow as it could be.");
    }
    return out;
}

std::string capacity_answer(const capacity_report& r) {
    return fmt::format("{}", fmt::join(capacity_sentences(r), " "));
}

std::string capacity_text(const capacity_report& r, int width) {
    const std::string begin = wrapped(capacity_answer(r), width, "") + '\n' + step_table(r, width);
    std::string out = clause_lines(r);
    if (r.limit) out += limit_lines(*r.limit, width);
    out += law_text(r, width);
    if (r.knee) {
        out += fmt::format("The curve bends most at {:.3g} {}: a hint, no verdict.\n", *r.knee,
                           r.rate ? "requests in flight" : "users");
    }
    return out.empty() ? begin : begin + '\n' + out;
}

}  // namespace lmstress::report
