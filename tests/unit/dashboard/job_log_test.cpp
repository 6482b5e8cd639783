#include "dashboard/job_log.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace lmstress::dashboard;
namespace json = boost::json;

namespace {

std::shared_ptr<job_log> new_job() {
    return std::make_shared<job_log>(job_log::about{3, "chat.jsonc", "run", 1000});
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
    return n;
}

json::value last_data(const std::string& events) {
    const std::size_t at = events.rfind("\ndata: ") + 1;
    return json::parse(events.substr(at + 6, events.find('\n', at) - at - 6));
}

}  // namespace

TEST_CASE("job: its course as events, whenever somebody begins to follow") {
    const auto job = new_job();
    const auto early = job->follow(0);
    CHECK(early->take().starts_with("id: 1\nevent: job\ndata: {\"job\":3,"));
    CHECK(early->take().empty());
    int woken = 0;
    early->when_there_is_more([&] { ++woken; });
    job->progress(R"({"event":"begin","run_id":"k","levels":2})");
    CHECK(woken == 1);
    const std::string begun = early->take();
    CHECK(count(begun, "\"state\":\"running\"") == 1);
    CHECK(begun.find("event: begin\ndata: {\"run_id\":\"k\",\"levels\":2}\n\n") != begun.npos);
    job->progress(R"({"event":"progress","in_flight":8})");
    job->message("level 1: <script>\n");
    job->progress(R"({"event":"run_end","run_id":"k","exit_code":0,"id":42})");
    CHECK_FALSE(early->ended());
    job->end(0, 2000);
    const std::string late = job->follow(0)->take();
    CHECK(count(late, "event: ") == 8);
    CHECK_FALSE(early->take().empty());
    CHECK(early->ended());
    const json::value end = last_data(late);
    CHECK(end.at("state") == "ended");
    CHECK(end.at("exit_code") == 0);
    CHECK(end.at("ended_unix_ms") == 2000);
    CHECK(end.at("runs").at(0) == 42);
    CHECK(end.at("messages").as_array().size() == 1);
}

TEST_CASE("job: whoever was cut off goes on after the last event seen") {
    const auto job = new_job();
    job->progress(R"({"event":"begin"})");
    job->progress(R"({"event":"progress","n":1})");
    const std::string rest = job->follow(3)->take();
    CHECK(count(rest, "event: ") == 1);
    CHECK(rest.starts_with("id: 4\nevent: progress"));
    CHECK(job->follow(99)->take().empty());
}

TEST_CASE("job: one that left no directory names none") {
    const auto job = new_job();
    CHECK(json::parse(job->json()).at("directory").is_string());
    job->left_nothing();
    job->end(3, 2000);
    CHECK(last_data(job->follow(0)->take()).at("directory").is_null());
}

TEST_CASE("job: what is no line of progress is passed over") {
    const auto job = new_job();
    for (const char* line : {"", "no json", "[]", "{}", R"({"event":1})", R"({"event":"job"})",
                             R"({"event":"x\nid: 7"})", "{\"event\":\"progress\""}) {
        job->progress(line);
    }
    CHECK(count(job->follow(0)->take(), "event: ") == 1);
}

TEST_CASE("job: an event is one line of data, whatever is in it") {
    const auto job = new_job();
    job->message("a\r\nevent: end\ndata: {}\n\n\x1b[31m");
    const std::string all = job->follow(1)->take();
    CHECK(count(all, "\n") == 4);
    CHECK(last_data(all).at("text").as_string().find("event: end") != std::string::npos);
}

TEST_CASE("job: a long run is thinned out, and what is kept is bounded") {
    const auto job = new_job();
    job->progress(R"({"event":"begin"})");
    for (int i = 0; i < 20'000; ++i) job->progress(R"({"event":"progress","n":1})");
    for (int i = 0; i < 500; ++i) job->message("word");
    std::string all;
    const auto reader = job->follow(0);
    for (std::string part = reader->take(); !part.empty(); part = reader->take()) all += part;
    CHECK(count(all, "event: progress") < 3700);
    CHECK(count(all, "event: progress") > 1000);
    CHECK(count(all, "event: begin") == 1);
    CHECK(count(job->json(), "\"word\"") == 100);
}

TEST_CASE("job: the first word to stop shows, and nothing after the end") {
    const auto job = new_job();
    job->stopping();
    CHECK(json::parse(job->json()).at("state") == "stopping");
    job->end(130, 5);
    job->stopping();
    CHECK(json::parse(job->json()).at("state") == "ended");
    CHECK(json::parse(job->json()).at("exit_code") == 130);
}
