#include "report/verdict.hpp"

#include "analyze/best_setting.hpp"
#include "analyze/capacity.hpp"
#include "measure/validity.hpp"
#include "report/api_differences.hpp"
#include "report/cut_short.hpp"
#include "report/interval_table.hpp"
#include "report/validity_block.hpp"
#include "report/verdict_cells.hpp"
#include "report/verdict_failures.hpp"
#include "report/verdict_limits.hpp"
#include "report/warnings.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace lmstress::report {
namespace {

using analyze::figure_over_runs;

/// A page is no place for more.
constexpr std::size_t most_notes = 40;

/// A quantile of too few requests, which a table puts in brackets, is no answer.
bool is_known(const figure_over_runs& f) {
    return f.ci95 && f.ci95->closed();
}

/// Of answers that come all at once, as embeddings do.
std::string length_of(const series_point& p) {
    const figure_over_runs* f = p.at("e2e_p95_ms");
    return f != nullptr && is_known(*f)
               ? fmt::format("95 % take at most {} ms", number_text(f->mean))
               : std::string{};
}

/// Empty where too few requests were measured to say anything.
std::string wait_of(const series_point& p) {
    const figure_over_runs* f = p.at("ttft_p95_ms");
    if (f == nullptr) return length_of(p);
    if (!f->ci95) return {};
    const bool open = p.measured.front()->summary.setup.open.has_value();
    if (is_known(*f)) {
        return fmt::format("95 % wait at most {} ms for the first token{}", number_text(f->mean),
                           open ? ", from their arrival" : "");
    }
    if (!std::isfinite(f->ci95->low) || f->ci95->low <= 0) return {};
    return fmt::format("TTFT p95{} is at least {} ms, and n too small for more",
                       open ? " from the arrival" : "", number_text(f->ci95->low));
}

/// "250 tokens/s with 4 streams, 62.4 tokens/s each (median); TTFT p95 241 ms"
std::string speed_of(const series_point& p) {
    std::string out;
    if (output_of(p) > 0) {
        const char* unit = p.at("inputs_per_second") != nullptr ? "inputs/s" : "output tokens/s";
        out = fmt::format("{} {} with {}", number_text(output_of(p)), unit, p.name);
    } else if (const figure_over_runs* f = p.at("requests_per_second")) {
        out = fmt::format("{} requests/s with {}", number_text(f->mean), p.name);
    }
    const figure_over_runs* each = p.at("stream_tokens_per_second");
    if (each != nullptr && is_known(*each)) {
        out += fmt::format("{}{} tokens/s for each stream (median)", out.empty() ? "" : ", ",
                           number_text(each->mean));
    }
    const std::string wait = wait_of(p);
    if (!wait.empty()) out += (out.empty() ? "" : "; ") + wait;
    return out;
}

const series_point& fastest(const series& s) {
    return *std::max_element(
        s.points.begin(), s.points.end(),
        [](const series_point& a, const series_point& b) { return output_of(a) < output_of(b); });
}

std::string peak_sentence(const series& s) {
    const series_point& best = fastest(s);
    return fmt::format("{}: {}.", s.points.size() > 1 ? "The most output" : "Measured",
                       speed_of(best));
}

/// One of several APIs that shared a server: what a request was like, at the largest load.
std::string shared_sentence(const series& s) {
    const std::string speed = speed_of(s.points.back());
    return speed.empty() ? std::string{} : fmt::format("With {}: {}.", s.points.back().name, speed);
}

std::string together_sentence(const series& s) {
    const series_point& best = fastest(s);
    return fmt::format("{}: {}, over {} together.",
                       s.points.size() > 1 ? "The most output" : "Measured", speed_of(best),
                       s.setup.target.api);
}

std::string bounds_hold(const measure::validity& v) {
    const auto off = std::count_if(v.bounds.begin(), v.bounds.end(),
                                   [](const measure::bound& b) { return std::isinf(b.limit); });
    return off == 0 ? "every bound holds"
                    : fmt::format("every bound that is set holds ({} off)", off);
}

/// Of so many runs, which are called `what`.
std::string all_hold(std::size_t runs, std::string_view what, bool whole,
                     const std::string& holding) {
    if (runs == 1) {
        return whole ? fmt::format("Its only {} is valid: {}.", what, holding)
                     : fmt::format("As far as its only {} came {}.", what, holding);
    }
    const std::string all = wire::plural(runs, what);
    return whole ? fmt::format("All of its {} are valid: {}.", all, holding)
                 : fmt::format("As far as they came {} in each of its {}.", holding, all);
}

class verdict_writer {
  public:
    explicit verdict_writer(bool several) : several_(several) {}

    void add(const source& s, const std::vector<const series*>& its) {
        name_ = s.name;
        const result_state state = state_of(s);
        out_.states.emplace_back(s.name, state);
        // Of several the answer of one must not hide what stands against it.
        answer_of_ = state == result_state::measured
                         ? s.name
                         : fmt::format("{} ({})", s.name, words_for(state));
        if (s.capacity) add_early_end(*s.capacity);
        if (s.runs.empty()) return carry("Nothing was measured.");
        switch (s.kind) {
            case source_kind::run:
                add_run(s, its);
                break;
            case source_kind::sweep:
                add_sweep(s, its);
                break;
            case source_kind::capacity:
                add_capacity(s, its);
                break;
        }
    }
    report_verdict done() {
        if (!out_.carries.empty()) {
            out_.headline = out_.carries.front();
            out_.carries.erase(out_.carries.begin());
        } else {
            out_.headline = "Nothing was measured.";
        }
        if (out_.notes.size() > most_notes) {
            const std::size_t more = out_.notes.size() - most_notes;
            out_.notes.resize(most_notes);
            out_.notes.push_back(fmt::format("And {} more of the kind.", more));
        }
        return std::move(out_);
    }

  private:
    void say(std::vector<std::string>& into, const std::string& sentence) {
        if (!sentence.empty()) into.push_back(several_ ? name_ + ": " + sentence : sentence);
    }
    /// What is an answer.
    void carry(const std::string& sentence) {
        if (sentence.empty()) return;
        out_.carries.push_back(several_ ? answer_of_ + ": " + sentence : sentence);
    }

    /// One of several APIs: what the server carried is that of all of them, which comes first.
    void add_shared(const series& one) {
        if (one.together) return carry(together_sentence(one));
        const std::string of = one.setup.target.api + ": ";
        if (one.slo) carry(of + one.slo->sentence);
        const std::string speed = shared_sentence(one);
        if (!speed.empty()) carry(of + speed);
    }

    void add_run(const source& s, const std::vector<const series*>& its) {
        const run_summary& run = s.runs.front().summary;
        const std::string nothing = its.empty() || !any_completed(run) ? nothing_measured(run) : "";
        carry(nothing);
        if (nothing.empty()) {
            for (const std::string& sentence : failures_of(run)) carry(sentence);
            for (const series* one : its) add_series(*one);
        }
        add_validity(run);
        add_cuts(run);
        const std::vector<std::string> cuts = cut_short(run);
        for (const std::string& warning : warnings(run)) {
            const bool said = std::find(cuts.begin(), cuts.end(), warning) != cuts.end();
            if (!said) say(out_.notes, warning);
        }
        for (const std::string& sentence : api_differences(run)) say(out_.notes, sentence);
    }

    void add_cuts(const run_summary& run) {
        if (came_to_its_end(run)) return;
        out_.complete = false;
        for (const std::string& sentence : cut_short(run)) {
            // It is among the answers.
            if (ended_by_threshold(run) && sentence == run.ended_early) continue;
            say(out_.validity, sentence);
        }
    }

    void add_series(const series& one) {
        if (one.together || one.shared) return add_shared(one);
        if (one.slo) carry(one.slo->sentence);
        carry(peak_sentence(one));
        say(out_.limits, limit_of(one));
    }

    void add_validity(const run_summary& run) {
        const measure::validity v = measure::judge(run);
        out_.valid = out_.valid && v.valid();
        if (!v.valid()) {
            say(out_.validity, "INVALID: " + reasons(run, v).front() + '.');
        } else if (came_to_its_end(run) && any_completed(run)) {
            say(out_.validity, fmt::format("The run is valid: {}.", bounds_hold(v)));
        } else {
            say(out_.validity, fmt::format("As far as it came {}.", bounds_hold(v)));
        }
    }

    void add_sweep(const source& s, const std::vector<const series*>& its) {
        const sweep_report& r = *s.sweep;
        const bool nothing = says_nothing_measured(s);
        if (!nothing) {
            for (const std::string& sentence : failures_of_cells(s)) carry(sentence);
        }
        if (const auto best = analyze::best_of(r.plan, r.cells, r.attainment)) {
            carry(best->sentence);
            for (const series* one : its) {
                if (one->variant != best->variant) continue;
                const std::string limit = limit_of(*one);
                if (!limit.empty()) say(out_.limits, one->name + ": " + limit);
            }
        }
        add_validity(s, "cell");
        out_.complete = out_.complete && missing_cells(r) == 0;
        for (const std::string& sentence : gaps_of_cells(r)) say(out_.validity, sentence);
        add_busy(std::count_if(r.cells.begin(), r.cells.end(),
                               [](const analyze::measured_cell& m) { return m.server_busy; }),
                 r.cells.size(), "cell");
        for (const analyze::measured_cell& m : r.cells) {
            const server_variant& asked = r.plan.variants[m.cell.variant];
            for (const std::string& what : analyze::not_in_force(asked, m.figures)) {
                say(out_.notes, fmt::format("NOT IN FORCE: {}, {}: {}.", variant_name(asked),
                                            r.plan.loads[m.cell.load], what));
            }
        }
        add_errors(s);
    }

    void add_busy(std::ptrdiff_t busy, std::size_t of, const char* what) {
        if (busy == 0) return;
        say(out_.notes, fmt::format("Before {} the server was not idle (--idle-timeout), and what "
                                    "it did beside shows in the figures.",
                                    wire::part_of_its(static_cast<std::size_t>(busy), of, what)));
    }

    void add_early_end(const capacity_report& r) {
        out_.complete = out_.complete && r.ended_early.empty();
        say(out_.validity, r.ended_early);
    }

    void add_capacity(const source& s, const std::vector<const series*>& its) {
        const capacity_report& r = *s.capacity;
        says_nothing_measured(s);
        for (const std::string& sentence : capacity_sentences(r)) {
            // Of which run, and how many are not, stands in what is said of validity; and so does
            // what ended it.
            if (!sentence.starts_with("INVALID") && sentence != r.ended_early) carry(sentence);
        }
        const std::string limit = r.limit ? limit_sentence(*r.limit) : "";
        say(out_.limits, limit.empty() && !its.empty() ? limit_of(*its.front()) : limit);
        add_validity(s, "run");
        add_busy(std::count_if(r.steps.begin(), r.steps.end(),
                               [](const analyze::capacity_step& step) { return step.server_busy; }),
                 r.steps.size(), "step");
        const auto cut =
            std::count_if(r.steps.begin(), r.steps.end(),
                          [](const analyze::capacity_step& step) { return step.cut_short; });
        if (cut > 0) {
            say(out_.notes, fmt::format("{} of {} ended undecided, for the time was over "
                                        "(--max-time).",
                                        cut, wire::plural(r.steps.size(), "step")));
        }
        add_errors(s);
    }

    /// Of many runs, where none has a request that completed.
    bool says_nothing_measured(const source& s) {
        run_summary all;
        all.setup = s.runs.front().summary.setup;
        for (const source_run& run : s.runs) {
            if (any_completed(run.summary)) return false;
            all.levels.insert(all.levels.end(), run.summary.levels.begin(),
                              run.summary.levels.end());
        }
        carry(nothing_measured(all));
        return true;
    }

    /// Of many runs.
    void add_validity(const source& s, const char* what) {
        std::size_t bad = 0;
        bool whole = true;
        std::string first;
        std::string holding;  // they were all made with the same bounds
        for (const source_run& run : s.runs) {
            out_.complete = out_.complete && came_to_its_end(run.summary);
            whole = whole && came_to_its_end(run.summary) && any_completed(run.summary);
            const measure::validity v = measure::judge(run.summary);
            if (holding.empty()) holding = bounds_hold(v);
            if (v.valid()) continue;
            if (++bad == 1) first = run.name + ": " + reasons(run.summary, v).front();
        }
        add_cut_runs(s, what);
        if (bad == 0) {
            say(out_.validity, all_hold(s.runs.size(), what, whole, holding));
            return;
        }
        out_.valid = false;
        say(out_.validity,
            fmt::format("INVALID: {}. {}.", wire::part_of_its(bad, s.runs.size(), what), first));
    }

    void add_cut_runs(const source& s, const char* what) {
        std::size_t cut = 0;
        std::string first;
        for (const source_run& run : s.runs) {
            if (came_to_its_end(run.summary)) continue;
            if (++cut == 1) first = run.name + ": " + cut_short(run.summary).front();
        }
        if (cut == 0) return;
        say(out_.validity,
            fmt::format("Cut short: {}. {}", wire::part_of_its(cut, s.runs.size(), what), first));
    }

    /// The kinds of errors over many runs.
    void add_errors(const source& s) {
        std::map<std::string, std::pair<std::uint64_t, std::string>> kinds;
        for (const source_run& run : s.runs) {
            for (const level_summary& level : run.summary.levels) {
                for (const auto& [kind, e] : level.errors) {
                    auto& [n, example] = kinds[kind];
                    n += e.count;
                    if (example.empty()) example = e.example;
                }
            }
        }
        for (const auto& [kind, e] : kinds) {
            say(out_.notes, fmt::format("{} ended as {}: {}", wire::plural(e.first, "request"),
                                        kind, e.second));
        }
    }

    bool several_;
    std::string name_;
    std::string answer_of_;  // its name, with what stands against it
    report_verdict out_;
};

}  // namespace

result_state report_verdict::state() const noexcept {
    result_state worst = states.empty() ? result_state::not_measured : result_state::measured;
    for (const auto& [name, state] : states) worst = std::max(worst, state);
    return worst;
}

report_verdict verdict_of(std::span<const source> sources, std::span<const series> all) {
    verdict_writer out{sources.size() > 1};
    for (std::size_t i = 0; i < sources.size(); ++i) {
        std::vector<const series*> its;
        for (const series& s : all) {
            if (s.source == i) its.push_back(&s);
        }
        out.add(sources[i], its);
    }
    return out.done();
}

}  // namespace lmstress::report
