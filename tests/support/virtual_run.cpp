#include "support/virtual_run.hpp"

#include "api/socket_opening.hpp"
#include "cli/abort_rule.hpp"
#include "cli/conversations.hpp"
#include "cli/options.hpp"
#include "load/run.hpp"
#include "measure/level_fold.hpp"
#include "net/virtual_clock.hpp"
#include "sim/in_process.hpp"
#include "workload/api_use.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <list>

namespace test {
namespace {

using namespace lmstress;

class collecting final : public load::observer {
  public:
    collecting(virtual_result& out, bool keep) : out_(out), keep_(keep) {}

  private:
    void on_level_begin(std::span<const level_setup> lanes, const level_course&) override {
        for (const level_setup& setup : lanes) folds_.emplace_back(setup);
    }
    void on_record(const request_record& record) override {
        folds_.at(record.level).add(record);
        if (keep_) out_.records.push_back(record);
    }
    void on_level_end(std::span<const level_setup> lanes,
                      std::span<const level_course> courses) override {
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            out_.summary.levels.push_back(folds_.at(lanes[i].index).result(courses[i]));
        }
    }

    virtual_result& out_;
    bool keep_;
    std::deque<measure::level_fold> folds_;
};

}  // namespace

virtual_result run_virtually(const virtual_setup& setup) {
    virtual_result out;
    out.summary.setup.scenario_json = "{}";
    boost::asio::io_context context{1};
    net::virtual_clock time{context};
    sim::server server{setup.server, time.now()};
    sim::in_process_transport transport{
        time, server, [&](const sim::truth& t) {
            ++out.events;
            if (!setup.keep_events) return;
            out.sent[std::string{t.request_id}].push_back({std::string{t.type}, t.due - instant{}});
        }};
    const workload_settings& asked = setup.scenario.workload;
    const auto conversations = cli::load_conversations(asked).value();
    const std::string& names = setup.scenario.target.api;
    const auto apis = api::find_apis(names == "auto" ? "lmstudio" : names);
    const auto uses =
        workload::uses_of(setup.scenario, cli::needs_of(asked, conversations), apis).value();
    std::vector<load::lane> lanes;
    for (std::size_t i = 0; i < apis.size(); ++i) {
        const api::api& api = *apis[i];
        const bool socket = api.body == api::framing::web_socket;
        lanes.push_back({.api = &api,
                         .request_line_and_fields =
                             socket
                                 ? load::request_line_and_fields({}, api, {})
                                 : "POST " + std::string{api.path} + " HTTP/1.1\r\nHost: sim\r\n",
                         .patch = {uses[i].fields, setup.scenario.request.extra, api.set_field},
                         .history = uses[i].history,
                         .left_out = uses[i].left_out,
                         .greeting = api::sdk_greeting("")});
    }
    const auto prompts = cli::load_prompts(setup.scenario).value();
    std::vector<std::uint32_t> levels;
    for (const stream_count& c : setup.scenario.load.concurrency) {
        const double slots = c.is_multiple ? setup.server.engine.parallel : 1;
        levels.push_back(static_cast<std::uint32_t>(c.n * slots));
    }
    const arrival_settings& arrivals = setup.scenario.load.arrivals;
    if (arrivals.is_open()) {
        levels.assign(std::max<std::size_t>(arrivals.rates.size(), 1), arrivals.max_in_flight);
    }
    collecting results{out, setup.keep_events};
    measure::live_counters live;
    load::run_context about{.executor = context.get_executor(),
                            .time = time,
                            .transport = transport,
                            .settings = setup.scenario,
                            .prompts = prompts,
                            .results = results,
                            .live = live,
                            .run_id = "virtual",
                            .lanes = std::move(lanes),
                            .conversations = conversations ? &*conversations : nullptr,
                            .levels = levels,
                            .model = setup.server.model,
                            .cold = setup.load_first,
                            .run_start = time.now()};
    cli::abort_rule ends_early{setup.scenario.limits, out.summary};
    ends_early.watch(about);
    level_setup common;
    common.slo = setup.scenario.limits.slo;
    load::run run{about, common};
    std::list<net::alarm> ctrl_c;
    for (const nanoseconds at : setup.interrupts) {
        ctrl_c.emplace_back(time, [&] { run.interrupt(); }).set(time.now() + at);
    }
    std::list<net::alarm> stalls;
    for (const auto& [at, length] : setup.stalls) {
        stalls.emplace_back(time, [&time, length] { time.stall(length); }).set(time.now() + at);
    }
    std::list<net::alarm> looks;
    for (const nanoseconds at : setup.looks) {
        looks.emplace_back(time, [&, at] { out.looks.push_back(live.snapshot(at)); })
            .set(time.now() + at);
    }
    std::exception_ptr failed;
    boost::asio::co_spawn(context, run.go(), [&](std::exception_ptr e) { failed = e; });
    time.run();
    if (failed) std::rethrow_exception(failed);
    out.hopeless = about.hopeless;
    out.summary.exit_code = 0;
    out.summary.ended_early = about.lost;
    return out;
}

virtual_setup twenty_seconds(const std::string& api, std::vector<stream_count> concurrency,
                             std::uint32_t answer_tokens) {
    virtual_setup s;
    s.scenario.target.api = api;
    s.scenario.load.concurrency = std::move(concurrency);
    s.scenario.load.duration = std::chrono::seconds{20};
    s.scenario.workload.max_tokens = answer_tokens;
    s.scenario.workload.salt = salt_mode::seed;
    s.scenario.output.events = true;
    return s;
}

std::vector<nanoseconds> times_of(const std::vector<sent_event>& sent, std::string_view type) {
    std::vector<nanoseconds> out;
    for (const sent_event& e : sent) {
        if (e.type == type) out.push_back(e.at);
    }
    return out;
}

std::vector<nanoseconds> token_times(const std::vector<sent_event>& sent) {
    std::vector<nanoseconds> out;
    for (const sent_event& e : sent) {
        if (e.type == "message.delta" || e.type == "token" || e.type == "fragment") {
            out.push_back(e.at);
        }
    }
    return out;
}

}  // namespace test
