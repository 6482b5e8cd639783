#include "cli/metrics_port.hpp"

#include "dashboard/http_server.hpp"
#include "dashboard/request_checks.hpp"
#include "lmstress/version.hpp"
#include "report/prometheus_text.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include <thread>
#include <utility>

namespace lmstress::cli {

namespace asio = boost::asio;

namespace {

double seconds(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e9;
}

dashboard::http_answer refused(const dashboard::http_request& r) {
    if (auto no = dashboard::refused(r, {.access_token = {}, .page_token = {}})) return *no;
    return r.path == "/metrics" && r.method != "POST"
               ? dashboard::http_answer{}
               : dashboard::refusal(404, "a run has /metrics, and nothing else");
}

}  // namespace

std::string live_metrics(const metrics_port::about& what,
                         const std::optional<measure::live_snapshot>& s) {
    report::prometheus_text out;
    out.gauge("lmstress_run_info", "1; its labels say which run this is.");
    out.sample(1, {{"run_id", what.run_id}, {"model", what.model}, {"version", version}});
    // Between two levels there is nothing to be seen.
    if (!s) return std::move(out).take();
    const auto number = [](auto n) { return static_cast<double>(n); };
    out.gauge("lmstress_run_elapsed_seconds", "Since the run began.").sample(seconds(s->taken));
    out.gauge("lmstress_run_level", "The level under way, from 1.").sample(number(s->plan.level));
    out.gauge("lmstress_run_levels", "Levels of the run.").sample(number(s->plan.levels));
    if (s->plan.rate) {
        out.gauge("lmstress_run_requested_rate", "Arrivals a second that this level wants.");
        out.sample(*s->plan.rate);
    } else {
        out.gauge("lmstress_run_streams", "Concurrent streams of this level.");
        out.sample(number(s->plan.streams));
    }
    out.gauge("lmstress_run_requests_in_flight", "Requests without an end yet.");
    out.sample(number(s->in_flight));
    out.gauge("lmstress_run_level_requests", "Requests of this level's window that have ended.");
    out.sample(number(s->measured_requests));
    out.counter("lmstress_run_token_events_total",
                "Events with generated text, warm-ups included.");
    out.sample(number(s->token_events));
    out.counter("lmstress_run_errors_total", "Requests that failed or timed out.");
    out.sample(number(s->errors));
    out.counter("lmstress_run_arrivals_total", "Arrivals of open loops.");
    out.sample(number(s->arrivals));
    out.counter("lmstress_run_shed_total", "Arrivals that were not sent.").sample(number(s->shed));
    if (s->tokens_per_event) {
        out.gauge("lmstress_run_tokens_per_event", "By the server's counts.");
        out.sample(*s->tokens_per_event);
    }
    if (!s->measured_ttft) return std::move(out).take();
    // Prometheus keeps the label "quantile" for summaries, which count since a process began.
    out.gauge("lmstress_run_ttft_p50_seconds",
              "Time to first token of this level's window so far.");
    out.sample(seconds(s->measured_ttft->p50));
    out.gauge("lmstress_run_ttft_p95_seconds", "The same that 95 of 100 requests had at most.");
    out.sample(seconds(s->measured_ttft->p95));
    return std::move(out).take();
}

class metrics_port::server {
  public:
    server(const measure::live_counters& counters, const clock& time, about what)
        : counters_(counters), time_(time), what_(std::move(what)) {}
    ~server() {
        context_.stop();
        if (thread_.joinable()) thread_.join();
    }
    server(server&&) = delete;

    result<void> listen(std::uint16_t port) {
        const auto got = http_.listen("127.0.0.1", port);
        if (!got) return got.error();
        port_ = *got;
        http_.start();
        thread_ = std::thread{[this] { context_.run(); }};
        return {};
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    asio::awaitable<dashboard::http_answer> answer(dashboard::http_request r) {
        dashboard::http_answer a = refused(r);
        if (a.status != 200) co_return a;
        a.content_type = report::prometheus_content_type;
        a.body = live_metrics(what_, counters_.snapshot(time_.now() - what_.run_start));
        co_return a;
    }

    const measure::live_counters& counters_;
    const clock& time_;
    about what_;
    std::uint16_t port_ = 0;
    asio::io_context context_{1};
    dashboard::http_server http_{context_,
                                 [this](dashboard::http_request r) { return answer(std::move(r)); },
                                 {.connections = 8}};
    std::thread thread_;
};

result<std::unique_ptr<metrics_port>> metrics_port::open(std::uint16_t port,
                                                         const measure::live_counters& counters,
                                                         const clock& time, about what) {
    auto made = std::make_unique<server>(counters, time, std::move(what));
    const auto listening = made->listen(port);
    if (!listening) return listening.error();
    return std::unique_ptr<metrics_port>{new metrics_port{std::move(made)}};
}

metrics_port::metrics_port(std::unique_ptr<server> s) : server_(std::move(s)) {}
metrics_port::~metrics_port() = default;

std::string metrics_port::url() const {
    return fmt::format("http://127.0.0.1:{}/metrics", server_->port());
}

}  // namespace lmstress::cli
