// lmstress capacity: the largest load at which an objective holds.

#include "analyze/capacity.hpp"
#include "cli/capacity_check.hpp"
#include "cli/capacity_journal.hpp"
#include "cli/capacity_objective.hpp"
#include "cli/found_program.hpp"
#include "cli/history_place.hpp"
#include "cli/idle_flags.hpp"
#include "cli/interrupt.hpp"
#include "cli/meant_model.hpp"
#include "cli/options.hpp"
#include "cli/recorded_run.hpp"
#include "cli/resumed_ground.hpp"
#include "cli/run_to_end.hpp"
#include "cli/settings.hpp"
#include "cli/several_runs.hpp"
#include "cli/stored_run.hpp"
#include "cli/whole_result.hpp"
#include "net/platform.hpp"
#include "net/real_clock.hpp"
#include "report/capacity_report.hpp"
#include "report/printable.hpp"
#include "report/time_text.hpp"
#include "server/idle_wait.hpp"
#include "store/journal.hpp"
#include "wire/plural.hpp"
#include "wire/short_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>

namespace lmstress::cli {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

using analyze::step_verdict;

nanoseconds step_limit_of(const scenario& s) {
    return s.capacity.step_limit.value_or(4 * s.load.duration_in_effect());
}

class capacity_run {
  public:
    /// All of them outlive this.
    capacity_run(const scenario& s, run_material& material, capacity_journal& journal,
                 fs::path directory, bool quiet)
        : s_(s),
          material_(material),
          journal_(journal),
          directory_(std::move(directory)),
          quiet_(quiet),
          hunt_({.search = {.first = s.capacity.first,
                            .most = s.capacity.most,
                            .whole = !s.capacity.rate,
                            .precision = s.capacity.precision},
                 .step_limit = step_limit_of(s),
                 .max_time = s.capacity.max_time},
                judge_of(s)) {}

    /// Takes up what was measured before, as far as its results are there and are those that the
    /// search asks for.
    result<void> take_up() {
        const std::vector<capacity_journal::piece> known = journal_.pieces();
        std::size_t n = 0;
        while (n < known.size() && take_up(known[n])) ++n;
        if (n > 0) {
            auto ground = ground_of(directory_, known.front().directory, material_.file_hashes);
            if (!ground) return ground.error();
            ground_ = *std::move(ground);
        }
        if (n > 0)
            tell(quiet_,
                 fmt::format("{} of {} are there already.", n, wire::plural(known.size(), "run")));
        if (n < known.size()) {
            tell(quiet_, fmt::format("{} is not there, or not whole, any longer, or not what the "
                                     "search asks for: from there on it is measured again",
                                     known[n].directory));
            const auto cut = journal_.cut(n);
            if (!cut) return cut;
        }
        hunt_.heed_time();
        return {};
    }

    /// Whether the server is still what the runs that were taken up were measured on.
    [[nodiscard]] result<void> check_ground(const server::identity& who) const {
        return ground_ ? check_server(*ground_, who.settings) : result<void>{};
    }

    /// 0, or the exit code that ended it.
    int go(server_session& session) {
        const server::way to{session.time(), session.way().transport(), session.way().at(),
                             s_.target};
        server::idle_wait idle{to, session.who()};
        const begun_at began{journal_.pieces().size(), hunt_.step_number() - 1};
        while (const auto load = hunt_.next()) {
            const instant begin = session.time().now();
            const bool busy = !became_idle(session, idle);
            if (idle.earlier_were_busy() && !were_busy(began)) return 1;
            const int code = measure(session, *load, begin, busy);
            constexpr std::array ends_it = {1, 2, 3, 130};
            if (std::find(ends_it.begin(), ends_it.end(), code) != ends_it.end()) return code;
        }
        return worst_;
    }

    [[nodiscard]] const analyze::capacity_hunt& hunt() const noexcept { return hunt_; }
    [[nodiscard]] const std::vector<std::string>& directories() const { return directories_; }
    /// The run that is under way, or that comes next: "run 4, step 2".
    [[nodiscard]] std::string place() const {
        return fmt::format("run {}, step {}", directories_.size() + 1, hunt_.step_number());
    }
    [[nodiscard]] const fs::path& last() const noexcept { return last_; }
    [[nodiscard]] const std::string& invalid() const noexcept { return invalid_; }

  private:
    bool take_up(const capacity_journal::piece& p) {
        const auto load = hunt_.next();
        if (!load || std::abs(*load - p.load) > 1e-9 * p.load) return false;
        auto stored = load_whole_run(directory_ / p.directory);
        if (!stored || stored->levels.empty()) return false;
        note(p, *stored);
        hunt_.knew(std::move(stored->levels.front()), p.took, p.server_busy);
        return true;
    }

    /// The first piece that this process measures, and its step.
    struct begun_at {
        std::size_t piece;
        std::size_t step;
    };

    /// What was measured since then met a server that was taken for idle. False: it is not kept.
    bool were_busy(const begun_at& began) {
        if (journal_.pieces().size() == began.piece) return true;
        tell(quiet_, were_busy_text("the steps so far"));
        hunt_.were_busy(began.step);
        const auto kept = journal_.were_busy(began.piece);
        if (!kept) complain(kept.error());
        return kept.has_value();
    }

    bool became_idle(server_session& session, server::idle_wait& idle) {
        const nanoseconds limit = s_.sweep.idle_timeout;
        const auto outcome = run_to_end(session.context(), idle.until_idle(limit));
        // Of a server that is gone the run itself says so.
        if (outcome != server::idle_wait::outcome::still_busy) return true;
        tell(quiet_, still_busy_text(limit, "--idle-timeout"));
        return false;
    }

    int measure(server_session& session, double load, instant begin, bool busy) {
        scenario s = s_;
        // Pieces are draws of their own: the same arrivals again would say nothing more.
        s.workload.seed += directories_.size();
        s.sweep = {};
        s.capacity = {};
        s.output.events = true;
        s.load.arrivals.steps.clear();
        s.load.arrivals.ramp.reset();
        if (s_.capacity.rate) {
            s.load.arrivals.rates = {load};
        } else {
            s.load.arrivals.rates.clear();
            s.load.concurrency = {static_cast<std::uint32_t>(load)};
        }
        const std::string below = fmt::format("steps/{:03}", directories_.size() + 1);
        last_ = directory_ / below;
        // Of a search that was interrupted in this step.
        forget_in_history(s, last_);
        std::error_code ec;
        fs::remove_all(last_, ec);
        s.output.directory = last_.string();
        const std::string name = s_.capacity.rate
                                     ? wire::rate_text(load)
                                     : wire::plural(static_cast<std::uint64_t>(load), "user");
        tell(quiet_, fmt::format("[{}] {}", place(), name));
        const run_end ended = record_run(session, s, material_, {.quiet = quiet_, .table = false});
        if (ended.exit_code == 130 || ended.directory.empty()) return ended.exit_code;
        // A server that went away carries no load: that is no verdict. One of the search's own may
        // have ended after the last request, or so late that few failed.
        const bool may_be_gone = ended.exit_code != 0 || !s_.server.command.empty();
        const auto gone = may_be_gone ? session.gone(s_) : std::nullopt;
        if (gone) return complain(*gone);
        auto stored = load_run(last_);
        if (!stored) return complain(stored.error());
        if (stored->levels.empty()) return 1;
        // A load at which nothing completes is one that is not carried.
        const capacity_journal::piece piece{.load = load,
                                            .directory = below,
                                            .exit_code = ended.exit_code == 3 ? 0 : ended.exit_code,
                                            .took = session.time().now() - begin,
                                            .server_busy = busy};
        const auto kept = journal_.add(piece);
        if (!kept) return complain(kept.error());
        note(piece, *stored);
        hunt_.told(std::move(stored->levels.front()), piece.took, piece.server_busy);
        tell(quiet_, "  " + verdict_text());
        return piece.exit_code;
    }

    /// A piece that was measured, now or before.
    void note(const capacity_journal::piece& p, const stored_run& stored) {
        directories_.push_back(p.directory);
        if (invalid_.empty()) invalid_ = why_invalid(stored);
        // Thresholds that fail, and loads at which few requests succeed, are looked for.
        if (p.exit_code == 5) worst_ = p.exit_code;
    }

    [[nodiscard]] std::string verdict_text() const {
        const analyze::capacity_step& step = hunt_.steps().back();
        const auto around = analyze::attainment_interval(step.level);
        const std::string share =
            around ? fmt::format(": the SLO is met by {:.1f} to {:.1f} % of the requests",
                                 100 * around->low, 100 * around->high)
                   : std::string{};
        return std::string{to_string(step.verdict)} + share;
    }

    const scenario& s_;
    run_material& material_;
    capacity_journal& journal_;
    fs::path directory_;
    bool quiet_;
    analyze::capacity_hunt hunt_;
    std::vector<std::string> directories_;
    std::string invalid_;
    int worst_ = 0;
    fs::path last_;
    std::optional<resumed_ground> ground_;  // of what was taken up
};

report::capacity_report report_of(const scenario& s, const capacity_run& run, int ended) {
    const auto& steps = run.hunt().steps();
    report::capacity_report out{.scenario_json = workload::to_json(s),
                                .rate = s.capacity.rate,
                                .attainment = s.capacity.attainment,
                                .max_error_rate = s.limits.max_error_rate,
                                .objective = objective_of(s),
                                .thresholds = s.limits.thresholds,
                                .steps = steps,
                                .directories = run.directories(),
                                .found = run.hunt().found(),
                                .out_of_time = run.hunt().out_of_time(),
                                .invalid = run.invalid()};
    report::conclude_capacity(out, s.workload.seed);
    if (ended == interrupted) {
        out.ended_early = fmt::format("It was interrupted in {}.", run.place());
    } else if (ended != 0 && ended != 5) {
        out.ended_early = fmt::format("It ended in {}, which brought no result.", run.place());
    }
    return out;
}

int exit_code_of(const report::capacity_report& r, int ended) {
    // As of a run: where no request completed, nothing was measured, valid or not.
    const bool completed =
        std::any_of(r.steps.begin(), r.steps.end(), [](const analyze::capacity_step& step) {
            return step.level.summary.requests.completed > 0;
        });
    if (!completed && (ended == 0 || ended == 5)) return 3;
    if (ended != 0) return ended;
    const bool undecided = (r.found.high && r.found.high->verdict == step_verdict::undecided) ||
                           report::undecided_below(r);
    if (!r.found.low && !undecided) return r.found.high ? 4 : 3;
    return undecided || r.out_of_time ? 6 : 0;
}

/// Writes and shows what is known of the capacity. The exit code.
int conclude(const capacity_options& options, const scenario& s, const capacity_run& run,
             const fs::path& directory, int ended) {
    report::capacity_report report = report_of(s, run, ended);
    report.exit_code = exit_code_of(report, ended);
    const auto kept = store::write_file(directory / "capacity.json", report::capacity_json(report));
    if (!kept) return complain(kept.error());
    const std::string where = "\nresults: " + report::printable(directory.string()) + '\n';
    const auto said = say(options.json ? report::capacity_json(report)
                                       : report::capacity_text(report, terminal_width()) + where);
    keep_whole_in_history(s, directory);
    if (!said) return complain(said.error());
    if (ended == interrupted) {
        tell(options.of.quiet,
             "interrupted: the same command with --resume " + directory.string() + " goes on");
    }
    return report.exit_code;
}

/// The load is what is looked for.
result<void> check_flags(const capacity_options& options, const settings& effective) {
    constexpr std::array<std::string_view, 5> of_load = {
        "/load/concurrency", "/load/rate", "/load/rate_steps", "/load/ramp", "/load/trace"};
    const auto loads =
        refuse_idle_flags(effective, of_load, "says how large the load is, which is looked for.",
                          "--first and --most say from where to where, --of rate what of.");
    constexpr std::array<std::string_view, 1> out = {"/output/directory"};
    if (!loads || options.resume.empty()) return loads;
    return refuse_idle_flags(effective, out, "has no effect beside --resume.",
                             "What is measured goes where the search was begun.");
}

void tell_begin(bool quiet, const scenario& s, const fs::path& directory) {
    tell(quiet,
         fmt::format("looking for the most {} at which {}; {} a step, at most {} while it is "
                     "undecided, {} in all",
                     s.capacity.rate ? "requests/s" : "users", objective_of(s),
                     report::time_text(s.load.duration_in_effect()),
                     report::time_text(step_limit_of(s)), report::time_text(s.capacity.max_time)));
    tell(quiet, "results: " + directory.string() +
                    " (after an interruption --resume with that directory goes on)");
}

}  // namespace

int capacity(const capacity_options& options) {
    auto effective = settings_of_process(options.of);
    if (!effective) return complain(effective.error());
    const auto usable = check_flags(options, *effective);
    if (!usable) return complain(usable.error());
    scenario& s = effective->values;
    const auto possible = check_search(s);
    if (!possible) return complain(possible.error());
    auto material = load_material(s);
    if (!material) return complain(material.error());
    // Who goes on asks for the same, whatever port is free then.
    const scenario asked = s;
    const auto there = find_program(s.server.command);
    if (!there) return complain(there.error());
    const auto words = place_own_server(s, names_url(*effective));
    if (!words) return complain(words.error());
    const fs::path directory = directory_of_runs("capacity", s, options.resume);
    const bool resume = !options.resume.empty();
    auto journal = open_with_model<capacity_journal>(
        asked, resume, [&] { return capacity_journal::open(directory, asked, resume); });
    if (!journal) return complain(journal.error());
    if (!journal->model().empty()) s.target.model = journal->model();
    const bool quiet = options.of.quiet;
    tell_begin(quiet, s, directory);
    net::platform::begin_receive_times();
    asio::io_context context{1};
    net::real_clock time{context};
    server_session session{context, time};
    capacity_run run{s, *material, *journal, directory, quiet};
    const auto taken = run.take_up();
    if (!taken) return complain(taken.error());
    const auto end = [&](int ended) { return conclude(options, s, run, directory, ended); };
    const results_so_far keep{[&] { static_cast<void>(end(interrupted)); }};
    const auto opened = session.open(
        s, {.command = *words, .needs = material->needs(s.workload), .load = true, .quiet = quiet});
    if (!opened) return end(complain(opened.error()));
    const auto same = run.check_ground(session.who());
    if (!same) return complain(same.error());
    const int ended = run.go(session);
    session.close(s, false, s.server.command.empty() ? fs::path{} : run.last(), quiet);
    return end(ended);
}

}  // namespace lmstress::cli
