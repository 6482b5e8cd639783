// lmstress selfcheck: this program's own error on this host, by a server whose truth is known.

#include "analyze/selfcheck.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/own_server.hpp"
#include "cli/run_to_end.hpp"
#include "cli/selfcheck_place.hpp"
#include "cli/selfcheck_plan.hpp"
#include "net/real_clock.hpp"
#include "report/selfcheck_text.hpp"
#include "server/await_server.hpp"
#include "store/journal.hpp"
#include "store/record_json.hpp"
#include "store/truth_file.hpp"
#include "wire/plural.hpp"
#include "wire/short_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace lmstress::cli {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr nanoseconds start_patience = std::chrono::seconds{20};
constexpr nanoseconds look_every = std::chrono::milliseconds{50};
/// Of a load, beyond which nothing but a fault keeps it: no process is left behind for ever.
constexpr nanoseconds longest_load = std::chrono::seconds{120};

/// A directory that is gone when this ends.
class scratch {
  public:
    static result<scratch> make() {
        std::error_code ec;
        std::string name = (fs::temp_directory_path(ec) / "lmstress-selfcheck-XXXXXX").string();
        if (ec || mkdtemp(name.data()) == nullptr) {
            return error{errc::usage, "no directory can be made in that of temporary files",
                         "TMPDIR names another."};
        }
        return scratch{name};
    }
    ~scratch() { remove(); }
    scratch(scratch&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    scratch& operator=(scratch&&) = delete;

    void remove() const {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    explicit scratch(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

/// The scenario of a load holds all that is in effect: nothing of this process's surroundings may
/// be added to it by the one that runs it.
void leave_surroundings(const fs::path& empty) {
    for (const std::string& variable : surroundings_of_process().variables) {
        const std::string name = variable.substr(0, variable.find('='));
        if (name.starts_with("LMSTRESS_") || name == "LM_API_TOKEN") unsetenv(name.c_str());
    }
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME"}) {
        setenv(name, empty.c_str(), 1);
    }
    std::error_code ignored;
    fs::current_path(empty, ignored);
}

asio::awaitable<bool> ends_within(clock& time, server::server_process& process, nanoseconds limit) {
    const instant end = time.now() + limit;
    net::sleeper pause{time};
    while (!process.ended() && time.now() < end) {
        const bool passed = co_await pause.until(time.now() + look_every);
        static_cast<void>(passed);
    }
    co_return process.ended().has_value();
}

/// One load: a server and a run, both processes of their own, and what they left behind.
class one_load {
  public:
    one_load(asio::io_context& context, clock& time, std::string program, fs::path at)
        : context_(context), time_(time), program_(std::move(program)), at_(std::move(at)) {
        // From here on no signal ends this process by itself, which would leave the others behind.
        static_cast<void>(ending_signals(context_));
    }
    ~one_load() { do_before_abrupt_end(nullptr); }
    one_load(one_load&&) = delete;

    result<analyze::selfcheck_level> go(const selfcheck_load& load, double events_per_second,
                                        const scratch& all) {
        do_before_abrupt_end([&] {
            stop();
            all.remove();
        });
        std::error_code ec;
        fs::create_directories(at_, ec);
        const auto url = start_server(load, events_per_second);
        if (!url) return url.error();
        const auto ran = run(load, *url);
        stop();
        if (!ran) return ran.error();
        analyze::selfcheck_level level{.api = load.run.target.api,
                                       .streams = load.streams,
                                       .wanted_events_per_second = events_per_second};
        const auto compared = compare(level, load.run.load.arrivals.is_open());
        if (!compared) return compared.error();
        return level;
    }

  private:
    void stop() {
        if (run_) run_->stop();
        if (server_) server_->stop();
    }

    result<std::string> start_server(const selfcheck_load& load, double events_per_second) {
        const auto port = free_port();
        if (!port) return port.error();
        std::vector<std::string> words = {program_,    "sim",         "--port",
                                          *port,       "--truth-log", at_ / "truth.jsonl",
                                          "--lasting", "180s"};
        for (std::string& flag : server_flags(load, events_per_second)) {
            words.push_back(std::move(flag));
        }
        auto started = server::server_process::start(words);
        if (!started) return started.error();
        server_ = *std::move(started);
        std::string url = "http://127.0.0.1:" + *port;
        target_settings target;
        target.url = url;
        const auto at = find_address(context_, time_, target);
        if (!at) return at.error();
        const auto way = way_to_server::make(context_, time_, *at, target);
        if (!way) return way.error();
        const auto answers = run_to_end(
            context_,
            server::await_server({time_, way->transport(), *at, target}, *server_, start_patience));
        if (!answers) return answers.error();
        return url;
    }

    result<void> run(const selfcheck_load& load, const std::string& url) {
        const fs::path file = at_ / "scenario.json";
        const auto written = store::write_file(file, workload::to_json(load.run));
        if (!written) return written;
        auto started = server::server_process::start(
            {program_, "run", file, "--quiet", "--url", url, "--out", at_ / "out"});
        if (!started) return started.error();
        run_ = *std::move(started);
        const bool ended = run_to_end(context_, ends_within(time_, *run_, longest_load));
        if (!ended) {
            return error{errc::internal,
                         fmt::format("a load of {} streams did not come to its end", load.streams)};
        }
        // Whether the figures hold is told by what it wrote, whatever the exit code.
        std::error_code ec;
        if (fs::exists(at_ / "out" / "summary.json", ec)) return {};
        return error{errc::usage, fmt::format("a load of {} streams cannot be made here: {}",
                                              load.streams, run_->last_lines())};
    }

    /// Of an open loop the streams are those that there were on average.
    result<void> compare(analyze::selfcheck_level& level, bool open) const {
        const auto measured = store::rebuild(at_ / "out");
        if (!measured) return measured.error();
        const auto log = store::read_file(at_ / "truth.jsonl");
        if (!log) return log.error();
        const auto truth = store::truth_of_log(*log);
        if (!truth) return truth.error();
        const auto journal = store::read_file(at_ / "out" / "requests.jsonl");
        if (!journal) return journal.error();
        analyze::own_error_fold fold;
        std::string_view rest = *journal;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            const auto record = store::record_of_line(rest.substr(0, end));
            if (!record) return record.error();
            fold.add(*record, *truth);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        level.error = fold.result();
        if (open) {
            const double mean = level.error.events_per_second / level.wanted_events_per_second;
            level.streams = static_cast<std::uint32_t>(std::lround(std::max(mean, 1.0)));
        }
        analyze::judge(level, measure::judge(measured->summary));
        return {};
    }

    asio::io_context& context_;
    clock& time_;
    std::string program_;
    fs::path at_;
    std::unique_ptr<server::server_process> server_;
    std::unique_ptr<server::server_process> run_;
};

result<std::string> this_program() {
    std::error_code ec;
    const fs::path program = fs::read_symlink("/proc/self/exe", ec);
    if (!ec) return program.string();
    return error{errc::usage,
                 "this system does not say where the program itself lies: " + ec.message(),
                 "A self-check needs Linux's /proc."};
}

result<void> keep(const analyze::selfcheck& all, const std::string& path) {
    if (path.empty()) return {};
    std::error_code ec;
    fs::create_directories(fs::path{path}.parent_path(), ec);
    return store::write_file(path, report::selfcheck_json(all));
}

/// The error where a load could not be made at all, and none before it was.
result<void> check_loads(const selfcheck_options& options, const std::vector<selfcheck_load>& loads,
                         bool ladder, analyze::selfcheck& all) {
    const auto program = this_program();
    if (!program) return program.error();
    const auto made = scratch::make();
    if (!made) return made.error();
    leave_surroundings(made->path());
    asio::io_context context{1};
    net::real_clock time{context};
    for (const selfcheck_load& load : loads) {
        if (!options.of.quiet) {
            const auto& rates = load.run.load.arrivals.rates;
            const std::string name = load.run.load.arrivals.is_open() && !rates.empty()
                                         ? wire::rate_text(rates.front())
                                         : wire::plural(load.streams, "stream");
            std::fprintf(stderr, "%s against the built-in server ...\n", name.c_str());
        }
        one_load here{context, time, *program, made->path() / std::to_string(all.levels.size())};
        auto level = here.go(load, options.events_per_second, *made);
        if (!level && (!ladder || all.levels.empty())) return level.error();
        if (!level) {
            all.levels.push_back({.api = load.run.target.api,
                                  .streams = load.streams,
                                  .wanted_events_per_second = options.events_per_second,
                                  .reasons = {level.error().message}});
        } else {
            all.levels.push_back(*std::move(level));
        }
        if (ladder && !all.levels.back().holds()) break;
    }
    return {};
}

}  // namespace

int selfcheck(const selfcheck_options& options) {
    const auto effective = settings_of_process(options.of);
    if (!effective) return complain(effective.error());
    const auto loads = loads_to_check(*effective);
    if (!loads) return complain(loads.error());
    const bool ladder = is_ladder(*effective);
    const std::string path = selfcheck_path(surroundings_of_process().variables);
    const host_facts host = host_of_process();
    const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
    analyze::selfcheck all{
        .started_unix_ns = std::chrono::duration_cast<nanoseconds>(unix_time).count(),
        .host = host.name,
        .cpu = host.cpu,
        .cores = host.cores,
        .scenario = options.of.scenario_file,
        .levels = {}};
    const auto checked = check_loads(options, *loads, ladder, all);
    if (!checked) return complain(checked.error());
    const auto kept = keep(all, path);
    const std::string where = path.empty() ? "" : "\nkept in " + path + '\n';
    const auto said =
        say(options.json ? report::selfcheck_json(all) : report::selfcheck_table(all) + where);
    if (!kept) return complain({errc::internal, kept.error().message});
    if (!said) return complain(said.error());
    const bool held = ladder ? all.levels.front().holds()
                             : std::all_of(all.levels.begin(), all.levels.end(),
                                           [](const auto& l) { return l.holds(); });
    constexpr int not_valid = 5;
    return held ? 0 : not_valid;
}

}  // namespace lmstress::cli
