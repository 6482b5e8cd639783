#include "dashboard/site.hpp"

#include "lmstress/version.hpp"
#include "report/prometheus_text.hpp"
#include "wire/json_writer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <exception>
#include <random>
#include <utility>

namespace lmstress::dashboard {

namespace asio = boost::asio;

namespace {

void replace_all(std::string& in, std::string_view what, std::string_view by) {
    for (std::size_t at = in.find(what); at != std::string::npos;
         at = in.find(what, at + by.size())) {
        in.replace(at, what.size(), by);
    }
}

}  // namespace

std::string random_secret() {
    std::random_device device;
    std::string out;
    for (int i = 0; i < 4; ++i) out += fmt::format("{:08x}", device());
    return out;
}

http_answer page_answer(std::string_view page, const std::string& token, const std::string& nonce) {
    http_answer a{.content_type = "text/html; charset=utf-8", .body = std::string{page}};
    replace_all(a.body, "@LMSTRESS_TOKEN@", token);
    replace_all(a.body, "@LMSTRESS_NONCE@", nonce);
    a.headers.emplace_back(
        "Content-Security-Policy",
        fmt::format("default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; "
                    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                    "frame-ancestors 'none'",
                    nonce));
    return a;
}

site::site(asio::io_context& context, site_settings s)
    : settings_(std::move(s)),
      data_(settings_.history, settings_.readers),
      jobs_(context, with_others(settings_.jobs)),
      live_(context, {.folder = settings_.live,
                      .is_own = [this](const auto& where) { return jobs_.has_started(where); },
                      .salvage = settings_.jobs.salvage}) {}

job_settings site::with_others(job_settings s) {
    s.another_measures = [this] { return live_.any(); };
    return s;
}

asio::awaitable<http_answer> site::answer(http_request r) {
    http_answer a;
    if (auto no = refused(r, settings_.rules)) {
        a = *std::move(no);
    } else {
        a = co_await routed(r);
    }
    ++answers_[a.status];
    co_return a;
}

asio::awaitable<http_answer> site::routed(const http_request& r) {
    if (job_board::owns(r.path)) co_return jobs_.answer(r);
    if (live_runs::owns(r.path)) co_return live_.answer(r);
    if (r.method == "POST") co_return refusal(405, "nothing of that name can be changed");
    if (r.path == "/")
        co_return page_answer(settings_.page, settings_.rules.page_token, random_secret());
    if (r.path == "/favicon.ico") co_return http_answer{.status = 204};
    // Of this thread, before it is another one.
    std::string own = r.path == "/metrics" ? own_metrics() : std::string{};
    asio::awaitable<http_answer> reading = read_there(r);
    asio::thread_pool& where = data_api::is_long(r.path) ? reports_ : lists_;
    http_answer a =
        co_await asio::co_spawn(where.get_executor(), std::move(reading), asio::use_awaitable);
    if (r.path == "/metrics" && a.status == 200) a.body += own;
    co_return a;
}

asio::awaitable<http_answer> site::read_there(const http_request& r) const {
    co_return read(r);
}

http_answer site::read(const http_request& r) const {
    try {
        if (r.path == "/api/info") return json_answer(info());
        if (r.path != "/metrics") return data_.answer(r);
        return {.content_type = std::string{report::prometheus_content_type},
                .body = data_.metrics()};
    } catch (const std::exception& e) {
        return refusal(500, std::string{"an error of the program itself: "} + e.what());
    }
}

std::string site::info() const {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("version", version).field("history", settings_.history.string());
    const std::string folder = settings_.jobs.scenarios.string();
    w.field("runs", data_.runs());
    w.field("scenarios", folder.empty() ? std::nullopt : std::optional{folder});
    w.field("can_start", !folder.empty());
    w.field("now_unix_ms", unix_ms());
    w.end_object();
    return out;
}

std::string site::own_metrics() const {
    report::prometheus_text out;
    out.gauge("lmstress_serve_info", "1; its label says the version.");
    out.sample(1, {{"version", version}});
    out.gauge("lmstress_serve_jobs_running", "Runs going on that this dashboard started.");
    out.sample(jobs_.is_busy() ? 1 : 0);
    out.counter("lmstress_serve_jobs_started_total", "Runs that this dashboard started.");
    out.sample(static_cast<double>(jobs_.started()));
    if (answers_.empty()) return std::move(out).take();
    out.counter("lmstress_serve_answers_total", "Answers of this dashboard, by their HTTP status.");
    for (const auto& [status, times] : answers_) {
        out.sample(static_cast<double>(times), {{"status", fmt::format("{}", status)}});
    }
    return std::move(out).take();
}

}  // namespace lmstress::dashboard
