#include "cli/report_source.hpp"

#include "analyze/joined_level.hpp"
#include "cli/result_document.hpp"
#include "cli/stored_run.hpp"
#include "store/journal.hpp"
#include "workload/command_text.hpp"
#include "workload/scenario_json.hpp"

#include <utility>

namespace lmstress::cli {

namespace fs = std::filesystem;

namespace {

result<report::source_run> run_of(const fs::path& directory, std::string name) {
    auto rebuilt = store::rebuild(directory, store::keep_requests::yes);
    if (!rebuilt) return rebuilt.error();
    report::source_run out{.name = std::move(name),
                           .summary = std::move(rebuilt->summary),
                           .levels = {},
                           .skipped_lines = rebuilt->skipped_lines};
    for (std::size_t i = 0; i < out.summary.levels.size(); ++i) {
        out.levels.push_back({out.summary.levels[i], std::move(rebuilt->requests[i])});
    }
    return out;
}

/// A sweep gives each cell labels of its own, which say what the sweep says.
void drop_cell_labels(run_setup& setup) {
    std::erase_if(setup.labels, [](const auto& label) {
        return label.first == "setting" || label.first == "load" || label.first == "run";
    });
}

/// Older results may hold what this version does not read any more: then the command is not known.
void fill_command(report::source& s, std::string_view command) {
    const auto text = workload::command_text(
        command, s.scenario_json,
        s.runs.empty() ? decltype(run_setup::labels){} : s.runs.front().summary.setup.labels);
    if (text) s.command = *text;
}

result<report::source> source_of_run(const fs::path& directory, std::string name) {
    report::source out{.kind = report::source_kind::run, .name = std::move(name)};
    auto run = run_of(directory, out.name);
    if (!run) return run.error();
    out.runs.push_back(*std::move(run));
    out.scenario_json = out.runs.front().summary.setup.scenario_json;
    fill_command(out, "run");
    return out;
}

result<report::source> source_of_sweep(const fs::path& directory, std::string name) {
    auto document = read_sweep_document(directory / "sweep.json");
    if (!document) return document.error();
    report::source out{.kind = report::source_kind::sweep,
                       .name = std::move(name),
                       .runs = {},
                       .scenario_json = document->report.scenario_json};
    scenario s;
    const auto read = workload::read_scenario(out.scenario_json, "sweep.json", s);
    if (!read) return read.error();
    out.attainment = s.capacity.attainment;
    report::sweep_report& sweep = out.sweep.emplace(std::move(document->report));
    sweep.attainment = s.capacity.attainment;
    for (const sweep_document::cell& c : document->cells) {
        // Without a cell whose result is gone the others are what they are; that it is missing is
        // said, as of one that was not measured.
        std::error_code ec;
        if (!fs::exists(directory / c.directory / "run.jsonl", ec)) continue;
        auto run = run_of(directory / c.directory, out.name + '/' + c.directory);
        if (!run) return run.error();
        if (run->levels.empty()) continue;
        drop_cell_labels(run->summary.setup);
        sweep.cells.push_back(
            {c.cell, c.directory, c.exit_code,
             analyze::figures_of(run->levels.front(), s.workload.max_tokens, s.workload.seed),
             why_invalid(run->summary), c.server_busy});
        // What the figures do not show is what the server said when it loaded the model.
        sweep.cells.back().figures.not_as_asked = c.not_in_force;
        out.runs.push_back(*std::move(run));
    }
    fill_command(out, "sweep");
    return out;
}

nanoseconds window_of(const analyze::measured_level& level) {
    const level_course& c = level.summary.course;
    return c.window_begin && c.window_end ? *c.window_end - *c.window_begin : nanoseconds{0};
}

/// A load that was tested again has what was measured before in it (analyze::capacity_step).
std::vector<analyze::measured_level> earlier_pieces(report::capacity_report& r, std::size_t step) {
    analyze::capacity_step& here = r.steps[step];
    for (std::size_t i = step; i-- > 0;) {
        const analyze::capacity_step& before = r.steps[i];
        if (before.load != here.load || before.level.requests.empty()) continue;
        here.earlier = before.earlier + before.length;
        return {before.level};
    }
    return {};
}

result<report::source> source_of_capacity(const fs::path& directory, std::string name) {
    auto document = read_capacity_document(directory / "capacity.json");
    if (!document) return document.error();
    report::source out{.kind = report::source_kind::capacity,
                       .name = std::move(name),
                       .runs = {},
                       .scenario_json = document->report.scenario_json,
                       .attainment = document->report.attainment};
    report::capacity_report& r = out.capacity.emplace(std::move(document->report));
    std::size_t piece = 0;
    for (std::size_t step = 0; step < r.steps.size(); ++step) {
        analyze::capacity_step& here = r.steps[step];
        here.length = nanoseconds{0};
        std::vector<analyze::measured_level> pieces = earlier_pieces(r, step);
        for (std::uint32_t i = 0; i < here.pieces && piece < r.directories.size(); ++i) {
            const std::string& below = r.directories[piece++];
            auto run = run_of(directory / below, out.name + '/' + below);
            if (!run) return run.error();
            if (run->levels.empty()) continue;
            run->step = step;
            if (r.invalid.empty()) r.invalid = why_invalid(run->summary);
            pieces.push_back(run->levels.front());
            here.length += window_of(run->levels.front());
            out.runs.push_back(*std::move(run));
        }
        if (pieces.empty()) continue;
        here.last = pieces.back();
        here.level = analyze::joined(pieces);
    }
    scenario s;
    if (workload::read_scenario(out.scenario_json, "capacity.json", s)) {
        r.thresholds = s.limits.thresholds;
        r.max_error_rate = s.limits.max_error_rate;
        report::conclude_capacity(r, s.workload.seed);
    }
    fill_command(out, "capacity");
    return out;
}

}  // namespace

result<report::source> load_source(const fs::path& directory, std::string name) {
    std::error_code ec;
    if (fs::exists(directory / "run.jsonl", ec)) return source_of_run(directory, std::move(name));
    if (fs::exists(directory / "sweep.json", ec)) {
        return source_of_sweep(directory, std::move(name));
    }
    if (fs::exists(directory / "capacity.json", ec)) {
        return source_of_capacity(directory, std::move(name));
    }
    if (fs::exists(directory / "sweep.jsonl", ec)) {
        return error{errc::bad_file,
                     directory.string() + " holds a sweep that did not come to its end",
                     "The same command with --resume " + directory.string() + " goes on."};
    }
    if (fs::exists(directory / "steps", ec)) {
        return error{errc::bad_file,
                     directory.string() + " holds a capacity search that did not come to its end",
                     "The same command with --resume " + directory.string() +
                         " goes on; the runs that it made are results, each in a folder below "
                         "steps."};
    }
    if (fs::exists(directory / "comparison.json", ec)) {
        return error{errc::bad_file, directory.string() + " holds a comparison, which is no result",
                     "Each of its runs has a report, as " + (directory / "A" / "01").string() +
                         "; lmstress compare with its A and B shows it again."};
    }
    return error{errc::bad_file, directory.string() + " holds no result",
                 "A result is a directory that lmstress run, sweep or capacity has written."};
}

}  // namespace lmstress::cli
