#include "cli/compared_sides.hpp"

#include "api/api.hpp"
#include "cli/compared_plans.hpp"
#include "cli/found_program.hpp"
#include "cli/recorded_run.hpp"
#include "cli/settings.hpp"
#include "net/platform.hpp"
#include "net/real_clock.hpp"
#include "report/printable.hpp"
#include "store/journal.hpp"
#include "wire/json_writer.hpp"
#include "workload/random.hpp"
#include "workload/scenario_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>

namespace lmstress::cli {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::uint32_t default_rounds = 2;

bool is_url(const std::string& text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

std::string json_text(const std::string& text) {
    std::string out;
    wire::append_json_string(out, text);
    return out;
}

/// "server.parallel=4": a word that is no JSON is a text.
result<workload::assignment> assignment_of(const std::string& text, const std::string& side) {
    const std::size_t sign = text.find('=');
    if (sign == 0 || sign == std::string::npos) {
        return error{errc::usage, "\"" + side + "\" has a part that is not PATH=VALUE",
                     "Like server.parallel=4,server.unified_kv=on"};
    }
    std::string path = text.substr(0, sign);
    std::replace(path.begin(), path.end(), '.', '/');
    const std::string value = text.substr(sign + 1);
    json::error_code ec;
    json::parse(value, ec);
    return workload::assignment{'/' + path, ec ? json_text(value) : value, side};
}

std::vector<std::string> apis_of(const target_settings& t) {
    std::vector<std::string> out;
    for (const api::api* one : api::find_apis(t.api)) out.emplace_back(one->name);
    return out;
}

/// Whether the server tells what is in force of that setting: then the run judges by it.
bool says(const server_settings& s, const std::string& setting) {
    if (setting == "unified_kv") return s.unified_kv.confirmed.has_value();
    return setting == "parallel" ? s.parallel.confirmed.has_value()
                                 : s.context_length.confirmed.has_value();
}

/// A side's scenario, what its requests are made of, and its server while it has the turn.
class measured_side {
  public:
    measured_side(settings effective, run_material material, std::string directory)
        : effective_(std::move(effective)),
          material_(std::move(material)),
          directory_(std::move(directory)) {}

    /// The server as this side wants it.
    result<void> begin(bool quiet) {
        scenario_ = effective_.values;
        const auto words = place_own_server(scenario_, names_url(effective_));
        if (!words) return words.error();
        context_ = std::make_unique<asio::io_context>(1);
        time_ = std::make_unique<net::real_clock>(*context_);
        session_ = std::make_unique<server_session>(*context_, *time_);
        const auto opened = session_->open(scenario_, {.command = *words,
                                                       .needs = material_.needs(scenario_.workload),
                                                       .load = true,
                                                       .quiet = quiet});
        if (opened) opened_ = plan_as_opened();
        return opened;
    }
    void end(bool quiet) {
        session_->close(scenario_, false, scenario_.server.command.empty() ? "" : last_, quiet);
        session_.reset();
        time_.reset();
        context_.reset();
    }
    [[nodiscard]] bool has_turn() const { return session_ != nullptr; }
    /// Why what was measured says nothing of this side, where its server is gone. It may have ended
    /// after the last request, or so late that few failed.
    [[nodiscard]] std::optional<error> gone() { return session_->gone(scenario_); }
    [[nodiscard]] side_plan plan() const {
        const scenario& s = effective_.values;
        side_plan out{
            .setup = {},
            .levels = {.load = s.load, .slots = s.server.parallel, .apis = apis_of(s.target)},
            .target = s.target,
            .server = s.server};
        out.setup.scenario_json = workload::to_json(s);
        out.setup.file_hashes = material_.file_hashes;
        return out;
    }
    /// What its server made of that; nothing: it had no turn yet.
    [[nodiscard]] const std::optional<side_plan>& opened() const noexcept { return opened_; }

    /// Of the run that comes next.
    [[nodiscard]] std::string next_directory() const {
        return (fs::path{directory_} / fmt::format("{:02}", runs_ + 1)).string();
    }
    run_end run(bool quiet) {
        scenario s = scenario_;
        last_ = s.output.directory = next_directory();
        // Runs are draws of their own; both sides meet the same.
        s.workload.seed += static_cast<std::uint64_t>(runs_++);
        return record_run(*session_, s, material_, {.quiet = quiet, .table = false});
    }

  private:
    [[nodiscard]] side_plan plan_as_opened() {
        const server::identity& who = session_->who();
        const auto& parallel = who.settings.parallel;
        side_plan out = plan();
        out.setup.scenario_json = workload::to_json(scenario_);
        out.levels.slots = who.cold ? parallel.confirmed : slots_of(parallel);
        out.levels.apis.clear();
        for (const api::api* one : who.apis) out.levels.apis.emplace_back(one->name);
        out.loads_models = who.native;
        std::copy_if(who.unset.begin(), who.unset.end(), std::back_inserter(out.unset),
                     [&](const auto& setting) { return !says(who.settings, setting.name); });
        return out;
    }

    settings effective_;
    run_material material_;
    std::string directory_;
    scenario scenario_;
    std::optional<side_plan> opened_;
    std::string last_;
    int runs_ = 0;
    std::unique_ptr<asio::io_context> context_;
    std::unique_ptr<net::real_clock> time_;
    std::unique_ptr<server_session> session_;
};

result<measured_side> side_of(const std::string& text, const compare_options& options,
                              const fs::path& directory) {
    const auto flags = run_of_side(text, options.of);
    if (!flags) return flags.error();
    auto effective = settings_of_process(*flags);
    if (!effective) return effective.error();
    auto material = load_material(effective->values);
    if (!material) return material.error();
    const auto there = find_program(effective->values.server.command);
    if (!there) return there.error();
    return measured_side{*std::move(effective), *std::move(material), directory.string()};
}

/// What only the servers tell: an API or a model that nobody named, and the slots that multiples
/// are of.
result<void> check_opened(const measured_side& a, const measured_side& b, bool force,
                          const std::string& directory) {
    if (!a.opened() || !b.opened()) return {};
    return check_plans(*a.opened(), *b.opened(), force, directory);
}

/// The server of that side as the side wants it.
result<void> begin(const std::array<measured_side*, 2>& sides, std::size_t which, bool quiet) {
    measured_side& here = *sides[which];
    const auto begun = here.begin(quiet);
    if (!begun) return begun;
    return check_set(which == 0 ? "A" : "B", *here.opened(), sides[1 - which]->plan());
}

/// Asks both servers what the plans leave open. The side whose turn is the first keeps its own
/// open.
result<void> ask(const std::array<measured_side*, 2>& sides, std::size_t first, bool force,
                 bool quiet) {
    const auto asked = begin(sides, 1 - first, quiet);
    if (!asked) return asked;
    sides[1 - first]->end(quiet);
    const auto begun = begin(sides, first, quiet);
    return begun ? check_opened(*sides[0], *sides[1], force, {}) : begun;
}

/// What the advice of a single command is for: this one measures both sides anew.
error of_turn(const left_out_run& run, std::size_t side) {
    return {errc::unreachable,
            fmt::format("{} was not measured: {}", side == 0 ? "A" : "B", run.why),
            "What its requests came to is in " + run.directory + ", and is not compared."};
}

/// Why a run that is over is not compared, which its directory keeps where nothing else there tells
/// it. Nothing: it is a result.
result<std::optional<left_out_run>> reason_to_leave_out(measured_side& here, std::size_t side,
                                                        const run_end& ended) {
    auto out = left_out(ended.directory, ended.exit_code);
    // The server of one that was interrupted may be so too.
    if (out && out->exit_code != exit_code_of(errc::unreachable)) return out;
    const auto gone = here.gone();
    if (!gone || ended.directory.empty()) return out;
    out = left_out_run{ended.directory, gone->message, exit_code_of(gone->code)};
    complain(of_turn(*out, side));
    const auto noted = note_left_out(*out);
    if (!noted) return noted.error();
    return out;
}

/// A turn that its server did not come to has no results: that is kept in their place.
result<void> leave_out_turn(const measured_side& here, std::size_t side, const error& e,
                            measured_sides& into) {
    into.exit_code = complain(e);
    // What a server said last may stand on further lines.
    const left_out_run run{here.next_directory(), e.message.substr(0, e.message.find('\n')),
                           into.exit_code};
    into.sides[side].left_out.push_back(run);
    return note_left_out(run);
}

/// Measures a side. What that brought goes into it. False where that is no result: `into` says why.
result<bool> measure_turn(measured_side& here, std::size_t side, bool quiet, measured_sides& into) {
    std::string& first_result = into.first_results[side];
    const bool is_first = first_result.empty();
    // A signal may end the process in the midst of it.
    if (is_first) first_result = here.next_directory();
    const run_end ended = here.run(quiet);
    if (is_first) first_result = ended.directory;
    auto reason = reason_to_leave_out(here, side, ended);
    if (!reason) return reason.error();
    if (*reason) {
        into.exit_code = (*reason)->exit_code;
        if (!ended.directory.empty()) into.sides[side].left_out.push_back(**std::move(reason));
        return false;
    }
    auto stored = load_run(ended.directory);
    if (!stored) return stored.error();
    into.sides[side].runs.push_back(*std::move(stored));
    return true;
}

/// Each turn's result goes into its side, until one brings none. The first has begun. A run that
/// has one is judged with all of its side's, as a stored one is (exit_code_of_sides).
result<void> take_turns(const std::array<measured_side*, 2>& sides,
                        const std::vector<std::size_t>& turns, const compare_options& options,
                        measured_sides& into,
                        const std::function<result<void>()>& after_first_pair) {
    const bool quiet = options.of.quiet;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        measured_side& here = *sides[turns[i]];
        if (measured_side& other = *sides[1 - turns[i]]; other.has_turn()) other.end(quiet);
        if (!here.has_turn()) {
            const auto begun = begin(sides, turns[i], quiet);
            if (!begun) return leave_out_turn(here, turns[i], begun.error(), into);
            const auto alike = check_opened(*sides[0], *sides[1], options.force, into.directory);
            if (!alike) return alike;
        }
        if (!quiet) {
            std::fprintf(stderr, "[%zu/%zu] %s: %s\n", i + 1, turns.size(),
                         turns[i] == 0 ? "A" : "B",
                         report::printable(into.sides[turns[i]].name).c_str());
        }
        const auto measured = measure_turn(here, turns[i], quiet, into);
        if (!measured) return measured.error();
        if (!*measured) return {};
        if (i != 1) continue;
        const auto comparable = after_first_pair();
        if (!comparable) return comparable;
    }
    return {};
}

}  // namespace

side_kind kind_of_side(const std::string& text) {
    std::error_code ec;
    if (is_url(text) || fs::is_regular_file(text, ec)) return side_kind::measured;
    const bool settings = text.find('=') != std::string::npos && !fs::exists(text, ec);
    return settings ? side_kind::measured : side_kind::stored;
}

result<run_options> run_of_side(const std::string& text, const run_options& of) {
    run_options out = of;
    if (is_url(text)) {
        out.flags.push_back({"/target/url", json_text(text), text});
        return out;
    }
    std::error_code ec;
    if (fs::is_regular_file(text, ec)) {
        out.scenario_file = text;
        return out;
    }
    std::istringstream in{text};
    for (std::string part; std::getline(in, part, ',');) {
        auto one = assignment_of(part, text);
        if (!one) return one.error();
        out.sets.push_back(*std::move(one));
    }
    return out;
}

std::vector<std::size_t> turns_of(std::uint32_t rounds, std::uint64_t seed) {
    workload::random r{workload::hash("compare", seed)};
    std::vector<std::size_t> out;
    for (std::uint32_t i = 0; i < rounds; ++i) {
        const std::size_t first = r.below(2);
        for (const std::size_t side : {first, 1 - first, 1 - first, first}) out.push_back(side);
    }
    return out;
}

result<void> measure_sides(const compare_options& options, measured_sides& into,
                           const std::function<result<void>(std::uint32_t)>& after_first_pair) {
    const auto common = settings_of_process(options.of);
    if (!common) return common.error();
    const fs::path directory = directory_of_runs("compare", common->values);
    auto a = side_of(options.a, options, directory / "A");
    if (!a) return a.error();
    auto b = side_of(options.b, options, directory / "B");
    if (!b) return b.error();
    const auto alike = check_plans(a->plan(), b->plan(), options.force, {});
    if (!alike) return alike;
    const auto free = store::check_directory(directory);
    if (!free) return free;
    net::platform::begin_receive_times();
    const std::uint32_t rounds = options.rounds.value_or(default_rounds);
    const auto turns = turns_of(rounds, common->values.workload.seed);
    into.turns = turns.size();
    std::array sides{&*a, &*b};
    const auto taken = [&]() -> result<void> {
        const bool is_open = is_open_until_asked(a->plan(), b->plan());
        const auto begun = is_open ? ask(sides, turns.front(), options.force, options.of.quiet)
                                   : begin(sides, turns.front(), options.of.quiet);
        if (!begun) return begun;
        const auto made = store::prepare_directory(directory);
        if (!made) return made;
        into.directory = directory.string();
        return take_turns(sides, turns, options, into,
                          [&] { return after_first_pair(2 * rounds); });
    }();
    for (measured_side* side : sides) {
        if (side->has_turn()) side->end(options.of.quiet);
    }
    return taken;
}

}  // namespace lmstress::cli
