// lmstress sweep: a server under one setting after another.

#include "cli/cell_rest.hpp"
#include "cli/exit_code.hpp"
#include "cli/found_program.hpp"
#include "cli/history_place.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/recorded_run.hpp"
#include "cli/resumed_ground.hpp"
#include "cli/run_to_end.hpp"
#include "cli/settings.hpp"
#include "cli/several_runs.hpp"
#include "cli/stored_run.hpp"
#include "cli/sweep_check.hpp"
#include "cli/sweep_journal.hpp"
#include "cli/sweep_outlook.hpp"
#include "cli/swept_models.hpp"
#include "cli/variant_session.hpp"
#include "cli/whole_result.hpp"
#include "net/platform.hpp"
#include "net/real_clock.hpp"
#include "net/timers.hpp"
#include "report/printable.hpp"
#include "report/sweep_report.hpp"
#include "report/time_text.hpp"
#include "server/idle_wait.hpp"
#include "store/journal.hpp"
#include "workload/sweep_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace lmstress::cli {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// The scenario that all cells have in common: when tokens arrive is what batches are seen by.
scenario measured(scenario s) {
    s.output.events = true;
    s.output.directory.clear();
    return s;
}

class sweep_run {
  public:
    /// All of them outlive this. `s` is what the cells have in common.
    sweep_run(const sweep_options& options, const scenario& s, bool url_given,
              const sweep_plan& plan, run_material& material, fs::path directory,
              sweep_journal& journal)
        : options_(options),
          base_(measured(s)),
          url_given_(url_given),
          plan_(plan),
          material_(material),
          directory_(std::move(directory)),
          journal_(journal) {}

    /// Takes up what the sweep began on, and the cells that are finished were measured on.
    result<void> take_up() {
        kept_ = {journal_.kept(), [this](const std::string& model, const auto& settings) {
                     return journal_.keep(model, settings);
                 }};
        for (const sweep_journal::finished_cell& f : journal_.finished()) {
            auto ground = ground_of(directory_, f.directory, material_.file_hashes);
            if (!ground) return ground.error();
            grounds_.emplace_back(f.cell.variant, *std::move(ground));
        }
        return {};
    }

    /// Every cell that is not finished yet. 0, or the exit code that ended it.
    int go() {
        for (std::size_t i = 0; i < plan_.cells.size();) {
            const std::size_t end = visit_end(i);
            const int code = visit(i, end);
            if (code == interrupted || code == 1 || other_ground_) return code;
            worst_ = worse_exit_code(worst_, code);
            // A server of the user's is started anew for the next setting; any other is not.
            if (gone_ && base_.server.command.empty()) return worst_;
            i = end;
        }
        return worst_;
    }

  private:
    /// Cells that find the server as it is stand together.
    [[nodiscard]] std::size_t visit_end(std::size_t begin) const {
        std::size_t end = begin + 1;
        while (end < plan_.cells.size() && plan_.cells[end].variant == plan_.cells[begin].variant &&
               plan_.cells[end].run == plan_.cells[begin].run) {
            ++end;
        }
        return end;
    }

    int visit(std::size_t begin, std::size_t end) {
        const auto is_open = [&](const sweep_cell& c) { return !journal_.is_finished(c); };
        if (std::none_of(plan_.cells.begin() + static_cast<std::ptrdiff_t>(begin),
                         plan_.cells.begin() + static_cast<std::ptrdiff_t>(end), is_open)) {
            return 0;
        }
        const server_variant& v = plan_.variants[plan_.cells[begin].variant];
        asio::io_context context{1};
        net::real_clock time{context};
        server_session session{context, time};
        scenario s = workload::scenario_of(base_, plan_, plan_.cells[begin]);
        const bool quiet = options_.of.quiet;
        const auto opened =
            open_variant(session, s, v, url_given_, kept_,
                         {.command = {}, .needs = material_.needs(s.workload), .quiet = quiet});
        gone_ = !opened && opened.error().code == errc::unreachable;
        if (!opened) {
            const int code = complain({opened.error().code,
                                       "the setting " + workload::quoted_name(v) +
                                           " was not measured: " + opened.error().message,
                                       opened.error().advice});
            // What cannot be done with a setting is no fault of the flags: the server is not usable
            // with it.
            const bool asks = v != server_variant{} || !base_.server.command.empty();
            const bool usage = code == exit_code_of(errc::usage);
            return usage && asks ? exit_code_of(errc::unreachable) : code;
        }
        not_as_asked_ = *opened;
        const auto same = check_ground(plan_.cells[begin].variant, session.who());
        other_ground_ = !same;
        if (!same) return complain(same.error());
        const server::way to{time, session.way().transport(), session.way().at(), s.target};
        server::idle_wait idle{to, session.who()};
        int code = 0;
        for (std::size_t i = begin; i < end && code != interrupted && code != 1 && !gone_; ++i) {
            if (journal_.is_finished(plan_.cells[i])) continue;
            const bool busy = !v.cold && !became_idle(context, idle);
            if (idle.earlier_were_busy()) code = worse_exit_code(code, were_busy(begin, i));
            cool_down(context, time);
            code = worse_exit_code(code, measure(session, s, i, busy));
        }
        const bool last_of_model = !v.model.empty() && s.server.command.empty() && !gone_;
        session.close(s, last_of_model, log_place_, quiet);
        return code;
    }

    /// Against what was measured before, of the same model: under each setting a server of the
    /// user's is another one, which may divide its context otherwise.
    [[nodiscard]] result<void> check_ground(std::size_t variant,
                                            const server::identity& who) const {
        for (const auto& [of, ground] : grounds_) {
            const bool comparable = base_.server.command.empty() || of == variant;
            if (!comparable || ground.model != who.model) continue;
            const auto same = check_server(ground, who.settings);
            if (!same) return same;
        }
        return {};
    }

    bool became_idle(asio::io_context& context, server::idle_wait& idle) {
        const nanoseconds limit = base_.sweep.idle_timeout;
        const auto outcome = run_to_end(context, idle.until_idle(limit));
        // Of a server that is gone the cell's own run says so.
        if (outcome != server::idle_wait::outcome::still_busy) return true;
        tell(options_.of.quiet, still_busy_text(limit, "--idle-timeout"));
        return false;
    }

    /// The cells from `begin` on, to `end`, which met a server that was taken for idle.
    int were_busy(std::size_t begin, std::size_t end) {
        if (begin == end) return 0;
        tell(options_.of.quiet, were_busy_text("the cells of this setting so far"));
        const auto kept = journal_.were_busy(std::span{plan_.cells}.subspan(begin, end - begin));
        return kept ? 0 : complain(kept.error());
    }

    void cool_down(asio::io_context& context, clock& time) {
        const nanoseconds pause = rest_.take();
        if (pause == nanoseconds{0}) return;
        tell(options_.of.quiet,
             "TTFT drifted in the last cell: cooling down for " + report::time_text(pause));
        run_to_end(context, sleep(time, time.now() + pause));
    }

    static asio::awaitable<bool> sleep(clock& time, instant until) {
        net::sleeper nap{time};
        const bool passed = co_await nap.until(until);
        co_return passed;
    }

    /// One cell: an ordinary run of one level.
    int measure(server_session& session, const scenario& opened, std::size_t i, bool busy) {
        const sweep_cell& cell = plan_.cells[i];
        scenario s = workload::scenario_of(base_, plan_, cell);
        s.target = opened.target;
        s.server = opened.server;
        const std::string below = fmt::format("cells/{:03}", i + 1);
        s.output.directory = (directory_ / below).string();
        // Of a sweep that was interrupted in this cell.
        forget_in_history(s, s.output.directory);
        std::error_code ec;
        fs::remove_all(s.output.directory, ec);
        tell(options_.of.quiet,
             fmt::format("[{}/{}] {}, {}{}{}", i + 1, plan_.cells.size(),
                         variant_name(plan_.variants[cell.variant]), plan_.loads[cell.load],
                         base_.sweep.runs > 1 ? fmt::format(", run {}", cell.run + 1) : "",
                         left_text(i)));
        run_display display{.quiet = options_.of.quiet, .table = false};
        const server::way to{session.time(), session.way().transport(), session.way().at(),
                             opened.target};
        if (plan_.variants[cell.variant].cold) {
            const std::string model = opened.target.model;
            display.before_each = [to, model] { return unload_all(to, model); };
        }
        const run_end ended = record_run(session, s, material_, display);
        if (ended.exit_code == interrupted || ended.exit_code == 1 || ended.directory.empty()) {
            return ended.exit_code;
        }
        if (!s.server.command.empty()) log_place_ = s.output.directory;
        int code = ended.exit_code;
        // One of the sweep's own may have ended after the last request, or so late that few failed.
        if (code != 0 || !s.server.command.empty()) {
            // A cell whose server went away says nothing of its setting under that load.
            const auto gone = session.gone(opened);
            gone_ = gone.has_value();
            if (gone) return complain(of_cell(*gone, cell));
        }
        // That nothing completes may be what is looked for.
        if (code == 3 && base_.limits.max_error_rate >= 1) code = 0;
        rest_.after_cell(ended.drifted);
        ++measured_;
        const auto added = journal_.add({cell, below, code, busy, not_as_asked_});
        return added ? code : complain(added.error());
    }

    /// Of a server of the user's, which is started anew for the next setting.
    [[nodiscard]] error of_cell(error gone, const sweep_cell& cell) const {
        if (base_.server.command.empty()) return gone;
        gone.message = cell_text(plan_, cell) + " was not measured: " + gone.message;
        gone.advice =
            "Its log is beside the cell's result. The other settings are measured; the same "
            "command with --resume and the directory of the sweep measures what is missing.";
        return gone;
    }

    /// By what the cells so far took with all that is around them: loads, drains, pauses.
    [[nodiscard]] std::string left_text(std::size_t i) const {
        const auto n = static_cast<std::int64_t>(plan_.cells.size());
        const auto left =
            std::count_if(plan_.cells.begin() + static_cast<std::ptrdiff_t>(i), plan_.cells.end(),
                          [&](const sweep_cell& c) { return !journal_.is_finished(c); });
        std::optional<nanoseconds> each = workload::length_of(base_, plan_);
        if (each) each = *each / n;
        if (measured_ > 0) each = (std::chrono::steady_clock::now() - began_) / measured_;
        return each ? " (about " + report::time_text(*each * left) + " left)" : std::string{};
    }

    const sweep_options& options_;
    scenario base_;
    bool url_given_;
    const sweep_plan& plan_;
    run_material& material_;
    fs::path directory_;
    sweep_journal& journal_;
    fs::path log_place_;  // of the server that was started, beside its last cell
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::int64_t measured_ = 0;  // cells, since then
    cell_rest rest_{base_};
    std::vector<std::string> not_as_asked_;  // of the setting that the server is under
    kept_settings kept_;
    std::vector<std::pair<std::size_t, resumed_ground>> grounds_;  // by the variants of the cells
    bool other_ground_ = false;  // the server is not what those were measured on
    bool gone_ = false;          // the server
    int worst_ = 0;
};

/// What all finished cells came to. The files of each are written again that make it easy to see.
result<report::sweep_report> report_of(const scenario& s, const sweep_plan& plan,
                                       const fs::path& directory, const sweep_journal& journal) {
    report::sweep_report out{.plan = plan,
                             .scenario_json = workload::to_json(s),
                             .runs = s.sweep.runs,
                             .attainment = s.capacity.attainment,
                             .thresholds = s.limits.thresholds};
    for (const sweep_journal::finished_cell& f : journal.finished()) {
        const auto run = load_run(directory / f.directory);
        if (!run) return run.error();
        if (run->levels.empty()) continue;
        const analyze::measured_level& level = run->levels.front();
        const auto drawn = store::write_file(directory / f.directory / "waterfall.txt",
                                             report::waterfall(analyze::phases_of(level)));
        if (!drawn) return drawn.error();
        out.cells.push_back({f.cell, f.directory, f.exit_code,
                             analyze::figures_of(level, s.workload.max_tokens, s.workload.seed),
                             why_invalid(*run), f.server_busy});
        out.cells.back().figures.not_as_asked = f.not_as_asked;
    }
    return out;
}

/// What was asked of the server and is not in force makes the sweep an invalid one.
int code_of(const report::sweep_report& r, int code) {
    constexpr int invalid = 5;
    for (const analyze::measured_cell& m : r.cells) {
        code = worse_exit_code(code, m.exit_code);
        if (!analyze::not_in_force(r.plan.variants[m.cell.variant], m.figures).empty()) {
            code = worse_exit_code(code, invalid);
        }
    }
    return code;
}

/// Writes and shows what all finished cells came to. The exit code.
int conclude(const sweep_options& options, const scenario& s, const sweep_plan& plan,
             const fs::path& directory, const sweep_journal& journal, int ended) {
    auto report = report_of(measured(s), plan, directory, journal);
    if (!report) return complain(report.error());
    report->exit_code = code_of(*report, ended);
    const auto kept = store::write_file(directory / "sweep.json", report::sweep_json(*report));
    if (!kept) return complain(kept.error());
    const std::string where = "\nresults: " + report::printable(directory.string()) + '\n';
    const auto said = say(options.json ? report::sweep_json(*report)
                                       : report::sweep_text(*report, terminal_width()) + where);
    keep_whole_in_history(s, directory);
    if (!said) return complain(said.error());
    if (ended == interrupted) {
        tell(options.of.quiet,
             "interrupted: the same command with --resume " + directory.string() + " goes on");
    }
    return report->exit_code;
}

/// What would be measured. Nothing is sent, and nothing changed.
int say_plan(const sweep_options& options, const scenario& s, const sweep_plan& plan) {
    sweep_plan open = plan;
    if (!options.resume.empty()) {
        const auto journal =
            sweep_journal::open(options.resume, plan, workload::to_json(measured(s)), true);
        if (!journal) return complain(journal.error());
        tell_lost(options.of.quiet, plan, *journal);
        open = open_part(plan, *journal);
    }
    std::string all = outlook(s, plan, open) + "\n";
    for (const sweep_cell& c : open.cells) all += "  " + cell_text(plan, c) + '\n';
    const auto said = say(all);
    return said ? 0 : complain(said.error());
}

}  // namespace

int sweep(const sweep_options& options) {
    const auto effective = settings_of_process(options.of);
    if (!effective) return complain(effective.error());
    const auto usable = check_sweep(options, *effective);
    if (!usable) return complain(usable.error());
    scenario s = effective->values;
    auto material = load_material(s);
    if (!material) return complain(material.error());
    const auto models = models_to_sweep(s);
    if (!models) return complain(models.error());
    const bool quiet = options.of.quiet;
    for (const std::string& sentence : models->left_out) tell(quiet, sentence);
    const auto plan = workload::plan_sweep(s, models->names);
    if (!plan) return complain(plan.error());
    const auto possible = check_variants(s, plan->variants, names_url(*effective));
    if (!possible) return complain(possible.error());
    if (options.of.dry_run) return say_plan(options, s, *plan);
    const auto there = find_program(s.server.command);
    if (!there) return complain(there.error());
    const fs::path directory = directory_of_runs("sweep", s, options.resume);
    auto journal =
        begin_journal(directory, s, *plan, workload::to_json(measured(s)), !options.resume.empty());
    if (!journal) return complain(journal.error());
    tell_begin(quiet, s, *plan, *journal, directory);
    if (!journal->model().empty()) s.target.model = journal->model();
    net::platform::begin_receive_times();
    sweep_run run{options, s, names_url(*effective), *plan, *material, directory, *journal};
    const auto taken = run.take_up();
    if (!taken) return complain(taken.error());
    const auto end = [&](int ended) {
        return conclude(options, s, *plan, directory, *journal, ended);
    };
    const results_so_far keep{[&] { static_cast<void>(end(interrupted)); }};
    return end(run.go());
}

}  // namespace lmstress::cli
