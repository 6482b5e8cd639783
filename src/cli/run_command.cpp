#include "cli/dry_run.hpp"
#include "cli/exit_code.hpp"
#include "cli/live_view.hpp"
#include "cli/options.hpp"
#include "cli/recording.hpp"
#include "load/run.hpp"
#include "net/platform.hpp"
#include "net/real_clock.hpp"
#include "net/tcp_stream.hpp"
#include "net/tls_stream.hpp"
#include "net/url.hpp"
#include "report/first_failure.hpp"
#include "report/moments.hpp"
#include "report/printable.hpp"
#include "report/summary_json.hpp"
#include "report/table.hpp"
#include "report/warnings.hpp"
#include "server/apply_settings.hpp"
#include "store/journal.hpp"
#include "workload/prompts.hpp"
#include "workload/random.hpp"
#include "workload/values.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <random>

namespace lmstress::cli {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t other_files = 32;  // those of the program itself

result<void> make_room_for(const std::vector<std::uint32_t>& levels) {
    const std::uint64_t most = *std::max_element(levels.begin(), levels.end());
    const std::uint64_t wanted = most + other_files;
    const std::uint64_t granted = net::platform::raise_file_limit(wanted);
    if (granted >= wanted) return {};
    return error{
        errc::too_many_files,
        fmt::format("{} streams need {} open files, and this process may have {}", most, wanted,
                    granted),
        fmt::format("Raise the hard limit (ulimit -Hn {}), or take a --concurrency of at most {}.",
                    wanted, granted > other_files ? granted - other_files : 0)};
}

/// The streams of each level, multiples worked out by the slots that the server has.
result<std::vector<std::uint32_t>> streams_of(const load_settings& load,
                                              std::optional<std::uint64_t> slots) {
    std::vector<std::uint32_t> levels;
    for (const stream_count& c : load.concurrency) {
        if (c.is_multiple && !slots) {
            return error{errc::usage,
                         "the server does not say how many slots it has, so --concurrency " +
                             workload::streams_text(c) + " is no number of streams",
                         "Give numbers of streams: --concurrency 1,4,16"};
        }
        const double streams = c.is_multiple ? c.n * static_cast<double>(*slots) : c.n;
        levels.push_back(
            static_cast<std::uint32_t>(std::clamp(std::round(streams), 1.0, 100'000.0)));
    }
    return levels;
}

/// With salt_mode::seed a run is repeatable to the byte, and its id is in every request.
std::string make_run_id(const workload_settings& w) {
    std::uint64_t id = 0;
    if (w.salt == salt_mode::seed) {
        id = workload::hash("run", w.seed);
    } else {
        std::random_device device;
        id = (std::uint64_t{device()} << 32U) | device();
    }
    return fmt::format("{:010x}", id & 0xFF'FFFF'FFFFU);
}

std::string default_directory(std::int64_t unix_ns, const std::string& run_id) {
    const std::time_t seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
    return fmt::format("lmstress-results/{:%Y%m%dT%H%M%SZ}-{}", fmt::gmtime(seconds), run_id);
}

result<std::unique_ptr<net::transport>> make_transport(asio::io_context& context,
                                                       const net::endpoint& at,
                                                       const target_settings& target) {
    net::destination to{at.host, at.port};
    if (!at.tls) {
        return std::unique_ptr<net::transport>{std::make_unique<net::tcp_transport>(
            context.get_executor(), std::move(to), target.quick_ack)};
    }
    auto made = net::tls_transport::make(context.get_executor(), std::move(to),
                                         {target.verify_tls, target.ca_file}, target.quick_ack);
    if (!made) return made.error();
    return std::unique_ptr<net::transport>{*std::move(made)};
}

/// Runs one coroutine on the context to its end, and hands out what it returned.
template <class T>
T run_to_end(asio::io_context& context, asio::awaitable<T> what) {
    std::optional<T> out;
    std::exception_ptr failed;
    asio::co_spawn(context, std::move(what), [&](const std::exception_ptr& e, T value) {
        failed = e;
        out = std::move(value);
    });
    context.restart();
    context.run();
    if (failed) std::rethrow_exception(failed);
    return *std::move(out);
}

/// The load itself, with Ctrl-C bound to it. True when the user ended it.
bool run_load(asio::io_context& context, load::run_context& about, const level_setup& common,
              live_view& view) {
    load::run run{about, common};
    asio::signal_set signals{context, SIGINT, SIGTERM, SIGHUP};
    std::function<void()> listen = [&] {
        signals.async_wait([&](const boost::system::error_code& ec, int) {
            if (ec) return;
            view.say(run.at() == load::run::state::running
                         ? "ending: waiting for the requests in flight (again to cut them)"
                         : "ending: cutting the requests in flight");
            run.interrupt();
            listen();
        });
    };
    listen();
    std::exception_ptr failed;
    asio::co_spawn(context, run.go(), [&](const std::exception_ptr& e) {
        failed = e;
        signals.cancel();
    });
    context.restart();
    context.run();
    if (failed) std::rethrow_exception(failed);
    return run.interrupted();
}

run_setup describe(const scenario& s, const std::string& id, instant start) {
    const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
    return {.id = id,
            .started_unix_ns = std::chrono::duration_cast<nanoseconds>(unix_time).count(),
            .started_monotonic_ns = start.time_since_epoch().count(),
            .seed = s.workload.seed,
            .scenario_json = workload::to_json(s),
            .labels = s.output.labels};
}

/// Why the run ended before its time, where the user did not end it.
std::string why_early(const load::run_context& about) {
    if (about.hopeless) {
        return "The run ended with its first answer, which showed that no further request could "
               "succeed.";
    }
    if (!about.given_up) return {};
    return fmt::format(
        "The run ended early: {} requests had failed or timed out, as many as "
        "--max-failures allows.",
        about.failed);
}

/// first-failure.txt, where a request failed.
result<void> keep_first_failure(const load::run_context& about, const std::string& directory) {
    const auto& failure = about.failure.what();
    if (!failure) return {};
    const target_settings& target = about.settings.target;
    std::vector<std::string> secrets{target.api_token};
    for (const auto& header : target.headers) secrets.push_back(header.second);
    return store::write_file(
        std::filesystem::path{directory} / "first-failure.txt",
        report::first_failure(failure->record,
                              {failure->request.head, failure->request.body, failure->answer},
                              secrets));
}

/// What is written and shown once the load is over.
int finish(store::journal& journal, run_summary& summary, const recording& results,
           const load::run_context& about, bool interrupted, const std::string& directory) {
    summary.ended_early = why_early(about);
    const int code = exit_code_of_run(summary, about.settings.limits, interrupted);
    summary.exit_code = code;
    journal.run_end(code, summary.ended_early);
    const auto flushed = journal.flush();
    const auto written = store::write_file(std::filesystem::path{directory} / "summary.json",
                                           report::summary_json(summary));
    const auto kept = keep_first_failure(about, directory);
    std::string shown = report::table(summary, terminal_width());
    if (const request_record* only = results.only_request()) shown += '\n' + report::moments(*only);
    const auto said = say(shown + "\nresults: " + directory + '\n');
    for (const result<void>& done : {flushed, written, kept, said}) {
        if (done) continue;
        const int unwritten = complain(done.error());
        return interrupted ? code : unwritten;
    }
    if (code == 3) {
        const auto verdict = report::nothing_completed(summary);
        complain({errc::unreachable, verdict.sentence, verdict.advice});
    }
    return code;
}

/// What the server is, with what the scenario asks of it in force; `s` takes over what was found
/// out.
result<server::identity> reach(asio::io_context& context, clock& time, net::transport& transport,
                               const net::endpoint& at, scenario& s) {
    auto who = run_to_end(context, server::identify(time, transport, at, s.target));
    if (!who) return who;
    const auto applied =
        run_to_end(context, server::apply_settings(time, transport, at, s.target, s.server, *who));
    if (!applied) return applied.error();
    for (const std::string& warning : who->warnings) complain({errc::usage, warning});
    const auto known = api::check_request_fields(who->api->name, s.request.fields);
    if (!known) return known.error();
    s.target.api = who->api->name;
    s.target.model = who->model;
    return who;
}

/// Said before the load, so that a run that cannot work need not be waited for.
void warn_of_context(const server_settings& server, const std::vector<std::uint32_t>& levels,
                     const workload_settings& w, const workload::prompts& prompts) {
    const std::uint32_t most = *std::max_element(levels.begin(), levels.end());
    const auto sentence = report::context_warning(
        most, server, prompts.typical_tokens() + w.max_tokens, "up to about ");
    if (sentence) complain({errc::usage, *sentence});
}

/// From the first line of the journal to the last line on the screen.
int put_under_load(asio::io_context& context, clock& time, net::transport& transport,
                   const net::endpoint& at, const server::identity& who, const scenario& s,
                   const std::vector<std::uint32_t>& levels, const workload::prompts& prompts,
                   bool quiet) {
    const instant start = time.now();
    run_summary summary{
        .setup = describe(s, make_run_id(s.workload), start), .levels = {}, .exit_code = {}};
    const std::string directory =
        s.output.directory.empty()
            ? default_directory(summary.setup.started_unix_ns, summary.setup.id)
            : s.output.directory;
    if (const auto made = store::prepare_directory(directory); !made) return complain(made.error());
    auto journal = store::journal::open(directory);
    if (!journal) return complain(journal.error());
    (*journal)->run(summary.setup);

    measure::live_counters live;
    live_view view{live, time, {.run_start = start, .model = who.model, .quiet = quiet}};
    recording results{**journal, summary, view};
    load::run_context about{
        .executor = context.get_executor(),
        .time = time,
        .transport = transport,
        .api = *who.api,
        .settings = s,
        .prompts = prompts,
        .results = results,
        .live = live,
        .run_id = summary.setup.id,
        .request_line_and_fields = load::request_line_and_fields(at, *who.api, s.target),
        .levels = levels,
        .patch = {s.request.fields, s.request.extra},
        .model = who.model,
        .llama_cpp = who.llama_cpp,
        .cold = who.cold,
        .run_start = start};
    if (who.cold) {
        view.announce(report::printable(who.model) + " is not in memory: one request loads it ...");
    }
    const level_setup common{.target = {s.target.url, s.target.api, s.target.model},
                             .server = who.settings};
    const bool interrupted = run_load(context, about, common, view);
    view.close();
    return finish(**journal, summary, results, about, interrupted, directory);
}

}  // namespace

int run(const run_options& options) {
    auto effective = effective_scenario(options);
    if (!effective) return complain(effective.error());
    scenario& s = *effective;
    const auto prompts = load_prompts(s.workload);
    if (!prompts) return complain(prompts.error());
    const auto at = net::parse_url(s.target.url);
    if (!at) return complain(at.error());
    if (options.dry_run) return dry_run(s, *at, *prompts);
    // Before the server is asked, or its model loaded anew, for a result that has no place.
    const auto place = store::check_directory(
        s.output.directory.empty() ? default_directory(0, "run") : s.output.directory);
    if (!place) return complain(place.error());

    net::platform::begin_receive_times();
    asio::io_context context{1};
    net::real_clock time{context};
    const auto transport = make_transport(context, *at, s.target);
    if (!transport) return complain(transport.error());
    const auto who = reach(context, time, **transport, *at, s);
    if (!who) return complain(who.error());
    const auto levels = streams_of(s.load, who->settings.parallel.confirmed);
    if (!levels) return complain(levels.error());
    if (const auto room = make_room_for(*levels); !room) return complain(room.error());
    warn_of_context(who->settings, *levels, s.workload, *prompts);
    return put_under_load(context, time, **transport, *at, *who, s, *levels, *prompts,
                          options.quiet);
}

}  // namespace lmstress::cli
