// lmstress serve: the page over the history.

#include "cli/history_import.hpp"
#include "cli/history_place.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/run_report.hpp"
#include "cli/settings.hpp"
#include "cli/side_comparison.hpp"
#include "cli/stored_run.hpp"
#include "dashboard/request_checks.hpp"
#include "dashboard/site.hpp"
#include "report/printable.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"
#include "web/pages.hpp"
#include "workload/sweep_plan.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <ifaddrs.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lmstress::cli {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr const char* this_machine = "127.0.0.1";

result<dashboard::compared_runs> compared(const fs::path& a, const fs::path& b, bool force) {
    auto first = load_run(a);
    if (!first) return first.error();
    auto second = load_run(b);
    if (!second) return second.error();
    compared_side before{.name = a.string(), .runs = {}};
    compared_side after{.name = b.string(), .runs = {}};
    before.runs.push_back(*std::move(first));
    after.runs.push_back(*std::move(second));
    constexpr std::uint64_t seed = 1;
    const auto report = compare_sides(before, after, seed, {});
    if (report.levels.empty()) {
        return error{errc::usage, "the two runs have no level in common",
                     "Compare runs with the same API and concurrency."};
    }
    dashboard::compared_runs out{.json = report::comparison_json(report), .other_work = {}};
    if (!force) out.other_work = report.unlike.other_work;
    return out;
}

/// A file with a section for sweep or capacity is for that command; what is wrong with it is said
/// before anybody starts it.
dashboard::scenario_facts facts_of(const fs::path& file) {
    dashboard::scenario_facts facts;
    const auto content = store::read_file(file);
    if (!content) {
        facts.problem = content.error().message;
        return facts;
    }
    json::parse_options commented;
    commented.allow_comments = true;
    commented.allow_trailing_commas = true;
    json::error_code ec;
    const json::value v = json::parse(*content, ec, {}, commented);
    if (!ec && v.is_object()) {
        if (v.get_object().contains("sweep")) facts.command = "sweep";
        if (v.get_object().contains("capacity")) facts.command = "capacity";
    }
    run_options of;
    of.scenario_file = file.string();
    const auto effective = effective_settings(of, surroundings_of_process());
    if (!effective) {
        facts.problem = effective.error().message;
        return facts;
    }
    const auto material = load_prompts(effective->values);
    if (!material) facts.problem = material.error().message;
    return facts;
}

/// A run that was killed has written its directory, and not the history.
std::vector<std::int64_t> salvaged(const fs::path& history, const fs::path& results) {
    std::error_code ec;
    if (!fs::exists(results, ec)) return {};
    auto into = store::history::open(history.string());
    if (!into) return {};
    auto all = import_results(*into, std::vector{results.string()});
    return all ? std::move(all->added) : std::vector<std::int64_t>{};
}

/// A loopback address is this machine alone, however it is written.
bool is_loopback(const std::string& address) {
    boost::system::error_code ec;
    const auto where = asio::ip::make_address(address, ec);
    return !ec && where.is_loopback();
}

/// Of an address that browsers take: an IPv6 one in brackets.
std::string url_of(const std::string& address, std::uint16_t port) {
    const bool v6 = address.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port) + "/";
}

/// The addresses that a browser can open: of "all" those that this machine has.
std::vector<std::string> reachable_by(const std::string& address) {
    boost::system::error_code ec;
    const auto where = asio::ip::make_address(address, ec);
    if (ec || !where.is_unspecified()) return {address};
    std::vector<std::string> out = {this_machine};
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return out;
    for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
        std::array<char, INET_ADDRSTRLEN> text{};
        sockaddr_in in{};
        std::memcpy(&in, one->ifa_addr, sizeof in);
        if (::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size()) == nullptr) continue;
        if (!is_loopback(text.data())) out.emplace_back(text.data());
    }
    ::freeifaddrs(all);
    return out;
}

std::string own_program() {
    std::error_code ec;
    const fs::path self = fs::read_symlink("/proc/self/exe", ec);
    return ec ? "lmstress" : self.string();
}

/// A Ctrl-C ends it; with a run under way the first is for that, and so is the second.
class ending {
  public:
    ending(asio::io_context& context, dashboard::http_server& server, dashboard::site& site)
        : context_(context), server_(server), site_(site) {}

    void listen() {
        ending_signals(context_).async_wait([this](const boost::system::error_code& ec, int) {
            if (ec) return;
            on_signal();
        });
    }

  private:
    void on_signal() {
        dashboard::job_board& jobs = site_.jobs();
        if (jobs.is_busy()) {
            std::fprintf(stderr, "%s\n",
                         asked_ ? "ending: cutting the requests in flight of the run"
                                : "ending: the run that goes on ends first (again to cut it)");
            jobs.interrupt();
        }
        listen();
        if (std::exchange(asked_, true)) return;
        jobs.when_idle([this] {
            server_.close();
            context_.stop();
        });
    }

    asio::io_context& context_;
    dashboard::http_server& server_;
    dashboard::site& site_;
    bool asked_ = false;
};

result<fs::path> folder_of(const std::string& scenarios) {
    if (scenarios.empty()) return fs::path{};
    std::error_code ec;
    const fs::path folder = fs::canonical(scenarios, ec);
    if (!ec && fs::is_directory(folder, ec)) return folder;
    return error{errc::usage, "--scenarios: there is no folder " + scenarios};
}

/// What is wrong with it is to be said before there is a page. Of a new one that is said, for a
/// name that was mistyped looks like a history without runs.
result<void> open_once(const std::string& file) {
    std::error_code ec;
    const bool begins = !fs::exists(file, ec);
    const auto opened = store::history::open_to_read(file);
    if (!opened) return opened.error();
    if (begins) {
        std::fprintf(stderr, "lmstress: there was no history %s; a new one begins there\n",
                     report::printable(file).c_str());
    }
    return {};
}

}  // namespace

int serve(const serve_options& o) {
    if (!o.name.empty() && !dashboard::is_host_name(o.name)) {
        return complain({errc::usage, "--name " + o.name + " is no host name",
                         "Say it as browsers do, for example lab.example or lab.example:8443."});
    }
    const auto effective = settings_of_process(o.of);
    if (!effective) return complain(effective.error());
    const auto place = history_file(effective->values.output);
    if (!place) return complain(place.error());
    const std::string& file = *place;
    if (web::dashboard_page().empty()) {
        return complain({errc::usage, "this lmstress was built without its pages",
                         "Build it where Node and npm are: tools/setup web, then cmake "
                         "-DLMSTRESS_WEB=ON."});
    }
    const auto usable = open_once(file);
    if (!usable) return complain(usable.error());
    const auto folder = folder_of(o.scenarios);
    if (!folder) return complain(folder.error());
    // Its runs are to land in this history, whatever is set for those of a shell.
    ::unsetenv("LMSTRESS_NO_HISTORY");
    const std::string address = o.address.empty() ? this_machine : o.address;
    const bool loopback = is_loopback(address);
    const fs::path history = fs::absolute(file);
    const dashboard::access_rules rules{
        .loopback = loopback,
        .access_token = loopback ? std::string{} : dashboard::random_secret(),
        .name = o.name,
        .page_token = dashboard::random_secret()};
    asio::io_context context{1};
    dashboard::site site{
        context,
        {.page = web::dashboard_page(),
         .rules = rules,
         .history = history,
         .readers = {.report = report_of_directory, .compare = compared},
         .jobs = {.program = own_program(),
                  .scenarios = *folder,
                  .results = history.parent_path() / "runs",
                  .history = history,
                  .read = facts_of,
                  .salvage =
                      [history](const fs::path& results) { return salvaged(history, results); }},
         .live = live_folder(history.string())}};
    dashboard::http_server server{
        context, [&site](dashboard::http_request r) { return site.answer(std::move(r)); }};
    const auto port = server.listen(address, o.port);
    if (!port) return complain(port.error());
    server.start();
    ending end{context, server, site};
    end.listen();
    std::string said;
    for (const std::string& where : reachable_by(address)) {
        said += "dashboard: " + url_of(where, *port) + '\n';
    }
    if (!o.name.empty()) said += "dashboard: by the name " + o.name + '\n';
    if (!loopback) said += "access token (the password; any name): " + rules.access_token + '\n';
    const auto shown = say(said);
    if (!shown) return complain(shown.error());
    context.run();
    return 0;
}

}  // namespace lmstress::cli
