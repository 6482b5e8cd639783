#include "dashboard/job_board.hpp"

#include "dashboard/data_api.hpp"
#include "wire/json_writer.hpp"

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace lmstress::dashboard {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_jobs = 50;
constexpr std::size_t longest_value = 500;

/// What the form may ask for beside the scenario.
constexpr std::array overrides = {
    std::pair{"url", "--url"},
    std::pair{"model", "--model"},
    std::pair{"concurrency", "--concurrency"},
    std::pair{"duration", "--duration"},
    std::pair{"requests", "--requests"},
};

result<std::string> flag_of(std::string_view name, const json::value& v) {
    const auto* known = std::find_if(overrides.begin(), overrides.end(),
                                     [&](const auto& o) { return o.first == name; });
    if (known == overrides.end()) {
        return error{errc::usage, "\"" + std::string{name} + "\" is nothing that can be set here",
                     "url, model, concurrency, duration and requests can."};
    }
    const std::string text = v.is_string() ? std::string{std::string_view{v.get_string()}} : "";
    const bool control = std::any_of(text.begin(), text.end(),
                                     [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (text.empty() || text.size() > longest_value || control) {
        return error{errc::usage,
                     fmt::format("\"{}\" must be a text of 1 to {} letters", name, longest_value)};
    }
    return std::string{known->second} + '=' + text;
}

http_answer job_answer(const job_log& job, unsigned status = 200) {
    return json_answer(job.json(), status);
}

}  // namespace

result<asked_job> read_asked_job(std::string_view body) {
    json::error_code ec;
    json::parse_options few;
    few.max_depth = 4;
    const json::value v = json::parse(body, ec, {}, few);
    const json::object* o = ec ? nullptr : v.if_object();
    const json::value* scenario = o == nullptr ? nullptr : o->if_contains("scenario");
    if (scenario == nullptr || !scenario->is_string()) {
        return error{errc::usage, "the body must be an object with the scenario's id"};
    }
    asked_job out{.scenario = std::string{std::string_view{scenario->get_string()}}};
    const json::value* more = o->if_contains("overrides");
    if (more == nullptr || more->is_null()) return out;
    if (!more->is_object()) return error{errc::usage, "\"overrides\" must be an object of texts"};
    for (const auto& one : more->get_object()) {
        auto flag = flag_of(one.key(), one.value());
        if (!flag) return flag.error();
        out.flags.push_back(*std::move(flag));
    }
    return out;
}

bool job_board::owns(std::string_view path) {
    return path == "/api/scenarios" || path == "/api/jobs" || path.starts_with("/api/jobs/");
}

http_answer job_board::answer(const http_request& r) {
    const bool change = r.method == "POST";
    if (r.path == "/api/scenarios" && !change) return scenarios();
    if (r.path == "/api/jobs") return change ? start(r) : list();
    const auto at = number_after("/api/jobs/", r.path);
    const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& one) {
        return at && one->number() == at->number;
    });
    if (job == jobs_.end()) return refusal(404, "there is no such job of this start");
    if (!change && at->rest.empty()) return job_answer(**job);
    if (!change && at->rest == "/events") return follow(**job, r);
    if (!change || at->rest != "/stop") return refusal(405, "a job is read, followed or stopped");
    if ((*job)->has_ended()) return refusal(409, "the job has ended already");
    interrupt();
    return job_answer(**job, 202);
}

http_answer job_board::scenarios() const {
    std::string body;
    wire::json_writer w{body};
    w.begin_object().key("scenarios").begin_array();
    if (!settings_.scenarios.empty()) {
        for (const offered_scenario& s : scenarios_in(settings_.scenarios, settings_.read)) {
            w.begin_object().field("id", s.id).field("command", s.command).field("title", s.title);
            w.field("problem", s.problem.empty() ? std::nullopt : std::optional{s.problem});
            w.end_object();
        }
    }
    w.end_array().end_object();
    return json_answer(std::move(body));
}

http_answer job_board::list() const {
    std::string body = "{\"jobs\":[";
    for (const auto& job : jobs_) body += (body.back() == '[' ? "" : ",") + job->json();
    return json_answer(body + "]}");
}

http_answer job_board::follow(job_log& job, const http_request& r) const {
    http_answer a{.content_type = "text/event-stream"};
    a.events = job.follow(seen_before(r));
    return a;
}

http_answer job_board::start(const http_request& r) {
    if (settings_.scenarios.empty()) {
        return refusal(404, "no folder of scenarios was given to this dashboard",
                       "lmstress serve --scenarios DIR offers those of a folder.");
    }
    const auto asked = read_asked_job(r.body);
    if (!asked) return refusal(422, asked.error());
    std::unique_ptr<measuring_turn> turn =
        is_busy() ? nullptr : measuring_turn::take(settings_.history.parent_path());
    if (turn == nullptr || (settings_.another_measures && settings_.another_measures())) {
        return refusal(409, "a run is going on already, and two would measure each other",
                       "Wait for it, or stop it.");
    }
    const auto file = file_of_scenario(settings_.scenarios, asked->scenario);
    if (!file) return refusal(404, "the folder has no such scenario");
    const scenario_facts facts = settings_.read(*file);
    if (!facts.problem.empty()) return refusal(422, facts.problem);
    const std::int64_t now = unix_ms();
    const auto number = static_cast<std::int64_t>(started_ + 1);
    const fs::path results =
        settings_.results / fmt::format("{:%Y%m%dT%H%M%SZ}-{}-{:03}",
                                        fmt::gmtime(static_cast<std::time_t>(now / 1000)), number,
                                        now % 1000);
    std::vector<std::string> command = {settings_.program, facts.command, file->string()};
    command.insert(command.end(), asked->flags.begin(), asked->flags.end());
    command.push_back("--out=" + results.string());
    command.push_back("--history=" + settings_.history.string());
    const auto job = std::make_shared<job_log>(
        job_log::about{number, asked->scenario, facts.command, now, results.string()});
    auto process = job_process::start(context_, std::move(command),
                                      {.progress = [job](auto line) { job->progress(line); },
                                       .message = [job](auto line) { job->message(line); },
                                       .ended = [this](int code) { ended(code); }});
    if (!process) return refusal(500, process.error());
    process_ = *std::move(process);
    turn_ = std::move(turn);
    ++started_;
    jobs_.push_front(job);
    if (jobs_.size() > most_jobs) jobs_.pop_back();
    return job_answer(*job, 201);
}

bool job_board::has_started(const std::string& directory) const {
    return std::any_of(jobs_.begin(), jobs_.end(), [&](const auto& job) {
        const std::string& own = job->directory();
        return directory == own || directory.starts_with(own + '/');
    });
}

void job_board::interrupt() {
    if (!is_busy()) return;
    process_->interrupt();
    jobs_.front()->stopping();
}

void job_board::ended(int exit_code) {
    turn_.reset();
    job_log& job = *jobs_.front();
    if (!job.has_runs() && settings_.salvage) job.add_runs(settings_.salvage(job.directory()));
    std::error_code ec;
    if (!fs::exists(job.directory(), ec)) job.left_nothing();
    job.end(exit_code, unix_ms());
    // This was called by it.
    boost::asio::post(context_, [gone = std::shared_ptr<job_process>{std::move(process_)}] {});
    process_.reset();
    if (when_idle_) std::exchange(when_idle_, nullptr)();
}

void job_board::when_idle(std::function<void()> what) {
    if (is_busy()) {
        when_idle_ = std::move(what);
    } else {
        what();
    }
}

}  // namespace lmstress::dashboard
