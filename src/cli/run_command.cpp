#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/recording.hpp"
#include "lmstress/version.hpp"
#include "load/run.hpp"
#include "net/platform.hpp"
#include "net/real_clock.hpp"
#include "net/tcp_stream.hpp"
#include "net/tls_stream.hpp"
#include "net/url.hpp"
#include "report/moments.hpp"
#include "report/printable.hpp"
#include "report/summary_json.hpp"
#include "report/table.hpp"
#include "server/apply_settings.hpp"
#include "store/journal.hpp"
#include "workload/prompts.hpp"
#include "workload/random.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace lmstress::cli {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t other_files = 32;  // those of the program itself

result<workload::prompts> load_prompts(const workload_settings& w) {
    if (!w.prompt.empty()) return workload::prompts::single(w);
    if (w.synthetic) return workload::prompts::synthetic(w);
    if (w.prompts_file.empty()) return workload::prompts::built_in(w);
    const auto content = store::read_file(w.prompts_file);
    if (!content) return content.error();
    return workload::prompts::from_text(*content, w.prompts_file, w);
}

result<void> make_room_for(const load_settings& load) {
    const std::uint64_t most = *std::max_element(load.concurrency.begin(), load.concurrency.end());
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

/// From the flag, else the file, else the environment.
result<std::string> find_token(const run_options& options) {
    std::string token = options.scenario.target.api_token;
    if (token.empty() && !options.api_token_file.empty()) {
        const auto content = store::read_file(options.api_token_file);
        if (!content) return content.error();
        token = *content;
        while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
    }
    const char* variable = std::getenv("LM_API_TOKEN");
    if (token.empty() && variable != nullptr) token = variable;
    const bool fits =
        std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (fits) return token;
    return error{errc::usage, "the API token holds something that no token does",
                 "A token is one line of letters, digits and signs."};
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

std::string request_head(const net::endpoint& at, const api::api& api,
                         const target_settings& target) {
    std::string head = fmt::format(
        "POST {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: lmstress/{}\r\nAccept: text/event-stream\r\n"
        "Content-Type: application/json\r\n",
        at.prefix, api.path, at.host_header, version);
    return head + net::credentials(target);
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
bool run_load(asio::io_context& context, load::run_context& about, const level_setup& common) {
    load::run run{about, common};
    asio::signal_set signals{context, SIGINT, SIGTERM, SIGHUP};
    std::function<void()> listen = [&] {
        signals.async_wait([&](const boost::system::error_code& ec, int) {
            if (ec) return;
            std::fputs(run.at() == load::run::state::running
                           ? "\nending: waiting for the requests in flight (again to cut them)\n"
                           : "\nending: cutting the requests in flight\n",
                       stderr);
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
            .scenario_json = to_json(s),
            .labels = s.output.labels};
}

/// What is written and shown once the load is over.
int finish(store::journal& journal, run_summary& summary, const recording& results,
           const scenario& s, bool interrupted, const std::string& directory) {
    const int code = exit_code_of_run(summary, s.limits, interrupted);
    summary.exit_code = code;
    journal.run_end(code);
    const auto flushed = journal.flush();
    const auto written = store::write_file(std::filesystem::path{directory} / "summary.json",
                                           report::summary_json(summary));
    std::string shown = report::table(summary, terminal_width());
    if (const request_record* only = results.only_request()) shown += '\n' + report::moments(*only);
    const auto said = say(shown + "\nresults: " + directory + '\n');
    for (const result<void>& done : {flushed, written, said}) {
        if (!done) return complain(done.error());
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
    s.target.api = who->api->name;
    s.target.model = who->model;
    return who;
}

/// From the first line of the journal to the last line on the screen.
int put_under_load(asio::io_context& context, clock& time, net::transport& transport,
                   const net::endpoint& at, const server::identity& who, const scenario& s,
                   const workload::prompts& prompts, bool quiet) {
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

    recording results{**journal, summary, quiet};
    load::run_context about{.executor = context.get_executor(),
                            .time = time,
                            .transport = transport,
                            .api = *who.api,
                            .settings = s,
                            .prompts = prompts,
                            .results = results,
                            .run_id = summary.setup.id,
                            .request_line_and_fields = request_head(at, *who.api, s.target),
                            .model = who.model,
                            .llama_cpp = who.llama_cpp,
                            .cold = who.cold,
                            .run_start = start};
    if (who.cold && !quiet) {
        std::fprintf(stderr, "%s is not in memory: one request loads it ...\n",
                     report::printable(who.model).c_str());
    }
    const level_setup common{.target = {s.target.url, s.target.api, s.target.model},
                             .server = who.settings};
    const bool interrupted = run_load(context, about, common);
    return finish(**journal, summary, results, s, interrupted, directory);
}

}  // namespace

int run(const run_options& options) {
    scenario s = options.scenario;
    const auto token = find_token(options);
    if (!token) return complain(token.error());
    s.target.api_token = *token;
    const auto prompts = load_prompts(s.workload);
    if (!prompts) return complain(prompts.error());
    const auto at = net::parse_url(s.target.url);
    if (!at) return complain(at.error());
    if (const auto room = make_room_for(s.load); !room) return complain(room.error());
    // Before the server is asked, or its model loaded anew, for a result that has no place.
    const auto place = store::check_directory(s.output.directory);
    if (!place) return complain(place.error());

    asio::io_context context{1};
    net::real_clock time{context};
    const auto transport = make_transport(context, *at, s.target);
    if (!transport) return complain(transport.error());
    const auto who = reach(context, time, **transport, *at, s);
    if (!who) return complain(who.error());
    return put_under_load(context, time, **transport, *at, *who, s, *prompts, options.quiet);
}

}  // namespace lmstress::cli
