#include "report/report_data.hpp"

#include "lmstress/version.hpp"
#include "measure/setup_json.hpp"
#include "measure/validity.hpp"
#include "report/detail_choice.hpp"
#include "report/interval_json.hpp"
#include "report/selfcheck_text.hpp"
#include "report/series_json.hpp"
#include "report/summary_json.hpp"
#include "report/tested_parts.hpp"
#include "report/validity_block.hpp"
#include "report/verdict.hpp"
#include "wire/json_writer.hpp"

#include <array>
#include <sstream>

namespace lmstress::report {
namespace {

using wire::json_writer;

template <class T>
std::optional<T> unless_empty(const T& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

void write_sentences(json_writer& w, std::string_view key, const std::vector<std::string>& all) {
    w.key(key).begin_array();
    for (const std::string& sentence : all) w.value(sentence);
    w.end_array();
}

void write_verdict(json_writer& w, const report_verdict& v) {
    w.key("verdict").begin_object().field("headline", v.headline);
    write_sentences(w, "carries", v.carries);
    write_sentences(w, "limits", v.limits);
    write_sentences(w, "validity", v.validity);
    w.field("valid", v.valid).field("complete", v.complete);
    w.field("state", to_string(v.state())).key("states").begin_array();
    for (const auto& [name, state] : v.states) {
        w.begin_object().field("name", name).field("state", to_string(state)).end_object();
    }
    w.end_array();
    write_sentences(w, "notes", v.notes);
    w.end_object();
}

void write_tested(json_writer& w, std::span<const source> sources) {
    w.key("tested").begin_array();
    for (const auto& [name, value] : tested_of(sources)) {
        w.begin_object().field("name", name).field("value", value).end_object();
    }
    w.end_array();
}

/// What a run is of: nothing for one by itself.
void write_origin(json_writer& w, const source& s, std::size_t number, std::size_t i) {
    w.key("of");
    if (s.kind == source_kind::sweep) {
        const sweep_cell& cell = s.sweep->cells[i].cell;
        w.begin_object().field("sweep", number).field("variant", cell.variant);
        w.field("load", cell.load).field("run", cell.run).end_object();
    } else if (s.kind == source_kind::capacity) {
        w.begin_object().field("capacity", number).field("step", s.runs[i].step).end_object();
    } else {
        w.null();
    }
}

void write_run(json_writer& w, const source& s, std::size_t number, std::size_t i) {
    const source_run& r = s.runs[i];
    const run_setup& setup = r.summary.setup;
    w.begin_object().field("name", r.name);
    write_origin(w, s, number, i);
    w.field("id", setup.id).field("started_unix_ns", setup.started_unix_ns);
    w.field("seed", setup.seed).field("exit_code", r.summary.exit_code);
    w.field("ended_early", unless_empty(r.summary.ended_early)).key("labels").begin_object();
    for (const auto& [key, value] : setup.labels) w.field(key, value);
    w.end_object();
    measure::write(w, setup.server);
    write_validity(w, r.summary);
    if (!setup.thresholds.empty()) write_thresholds(w, r.summary);
    w.key("levels").begin_array();
    for (const level_summary& level : r.summary.levels) write_level(w, level);
    w.end_array().end_object();
}

/// What is of a kind counts by itself: the first sweep is 0, whatever stands before it.
std::vector<std::size_t> numbers_by_kind(std::span<const source> sources) {
    std::array<std::size_t, 3> seen{};
    std::vector<std::size_t> out;
    for (const source& s : sources) out.push_back(seen.at(static_cast<std::size_t>(s.kind))++);
    return out;
}

void write_runs(json_writer& w, std::span<const source> sources) {
    const auto numbers = numbers_by_kind(sources);
    w.key("runs").begin_array();
    for (std::size_t k = 0; k < sources.size(); ++k) {
        for (std::size_t i = 0; i < sources[k].runs.size(); ++i) {
            write_run(w, sources[k], numbers[k], i);
        }
    }
    w.end_array();
}

void write_details(json_writer& w, std::span<const source> sources,
                   const std::vector<series>& all) {
    const detail_choice choice = choose_details(all);
    w.key("details").begin_array();
    for (const detail_choice::level& l : choice.levels) {
        const std::string name = all.size() > 1 ? l.of->name + ", " + l.point->name : l.point->name;
        const std::uint64_t seed = sources[l.of->source].runs.front().summary.setup.seed;
        w.begin_object().field("run", l.place.run).field("level", l.place.level);
        w.field("name", name);
        write_detail(w, *l.measured, seed, choice.size);
        w.end_object();
    }
    w.end_array().field("details_note", unless_empty(choice.note));
}

/// The block of the terminal, of runs by themselves; of the others there are too many.
void write_validity_blocks(json_writer& w, std::span<const source> sources) {
    constexpr int wide = 110;
    w.key("validity").begin_array();
    std::size_t run = 0;
    for (const source& s : sources) {
        if (s.kind == source_kind::run && !s.runs.empty()) {
            const run_summary& summary = s.runs.front().summary;
            w.begin_object().field("run", run).key("text").begin_array();
            std::istringstream lines{validity_block(summary, measure::judge(summary), wide)};
            for (std::string line; std::getline(lines, line);) w.value(line);
            w.end_array().end_object();
        }
        run += s.runs.size();
    }
    w.end_array();
}

void write_own_error(json_writer& w, std::span<const source> sources) {
    w.key("own_error");
    for (const source& s : sources) {
        for (const source_run& r : s.runs) {
            const auto& note = r.summary.setup.selfcheck;
            if (!note) continue;
            w.begin_object().field("sentence", selfcheck_sentence(*note));
            measure::write_members(w, *note);
            w.end_object();
            return;
        }
    }
    w.null();
}

void write_reproduce(json_writer& w, std::span<const source> sources) {
    w.key("reproduce").begin_array();
    for (const source& s : sources) {
        w.begin_object().field("name", s.name).field("command", command_of(s));
        w.field("note", unless_empty(note_on_command(s)))
            .key("scenario")
            .raw(s.scenario_json)
            .end_object();
    }
    w.end_array();
}

}  // namespace

std::string report_json(std::span<const source> sources) {
    const auto all = series_of(sources);
    std::string out;
    json_writer w{out};
    w.begin_object().field("schema", "lmstress.report/1").key("tool").begin_object();
    w.field("name", "lmstress").field("version", version).end_object();
    w.field("title", title_of(sources)).key("made_of").begin_array();
    for (const source& s : sources) {
        w.begin_object().field("directory", s.name).field("kind", to_string(s.kind)).end_object();
    }
    w.end_array();
    write_verdict(w, verdict_of(sources, all));
    write_tested(w, sources);
    write_figure_names(w);
    write_runs(w, sources);
    write_series(w, sources, all);
    write_models(w, all);
    write_sweeps(w, sources);
    write_capacities(w, sources);
    write_details(w, sources, all);
    write_validity_blocks(w, sources);
    write_own_error(w, sources);
    write_reproduce(w, sources);
    w.end_object();
    return out;
}

}  // namespace lmstress::report
