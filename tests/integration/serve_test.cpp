// The dashboard over real sockets: what it shows, what it starts, and what it refuses.

#include "support/child_process.hpp"
#include "support/fetch.hpp"
#include "support/raw_http.hpp"
#include "web/pages.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

using words = std::vector<std::string>;

const words with_history = {"LMSTRESS_NO_HISTORY="};

/// A binary without its pages has no dashboard, and says so: then there is nothing to be tested.
bool has_pages() {
    if (!lmstress::web::dashboard_page().empty()) return true;
    const auto said = test::run_lmstress({"serve"}, with_history);
    CHECK(said.exit_code == 2);
    CHECK(said.output.find("built without its pages") != std::string::npos);
    MESSAGE("built without its pages: the dashboard is not tested");
    return false;
}

/// A history with two runs, a folder of scenarios, and the dashboard over both.
class dashboard {
  public:
    explicit dashboard(const words& more = {}) : process_(command(more), with_history) {
        process_.wait_for_output("\n");
        const std::string said = process_.output();
        const std::string before = "dashboard: http://";
        REQUIRE(said.starts_with(before));
        const std::size_t colon = said.find(':', before.size());
        port_ = static_cast<std::uint16_t>(std::stoul(said.substr(colon + 1)));
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const fs::path& place() const { return directory_.path(); }
    test::child_process& process() { return process_; }
    [[nodiscard]] const test::simulator& sim() const { return sim_; }

    test::raw_answer get(const std::string& target) { return test::http_get(port_, target); }
    json::value json_of(const std::string& target) {
        const auto a = get(target);
        CAPTURE(target);
        CAPTURE(a.body);
        REQUIRE(a.status == 200);
        return json::parse(a.body);
    }
    /// As the page does it.
    test::fields of_page() { return of_page(port_); }
    test::fields of_page(std::uint16_t port) {
        const std::string page = test::http_get(port, "/").body;
        const std::size_t at = page.find("name=\"lmstress-token\"");
        REQUIRE(at != page.npos);
        const std::size_t begin = page.find("content=\"", at) + 9;
        return {{"Content-Type", "application/json"},
                {"Origin", "http://127.0.0.1:" + std::to_string(port)},
                {"X-Lmstress-Token", page.substr(begin, page.find('"', begin) - begin)}};
    }
    test::raw_answer post(const std::string& target, const std::string& body) {
        return test::http_post(port_, target, body, of_page());
    }
    /// The command of a run in another terminal.
    [[nodiscard]] words run_for_long() const {
        return {LMSTRESS_BINARY,
                "run",
                "--url",
                sim_.url(),
                "--duration",
                "60s",
                "--warmup",
                "0s",
                "--concurrency",
                "2",
                "--quiet",
                "--max-tokens",
                "8",
                "--history",
                place() / "history.db",
                "--out",
                place() / "other"};
    }
    /// Of the one that goes on elsewhere, as soon as it does.
    std::string live_run() {
        for (;;) {
            const json::value live = json_of("/api/live").at("runs");
            if (live.as_array().empty()) continue;
            REQUIRE(live.as_array().size() == 1);
            return std::string{live.at(0).at("run_id").as_string()};
        }
    }
    /// Each event of a job until its end.
    std::string events_of(std::int64_t job) {
        test::raw_connection c{port_};
        c.send("GET /api/jobs/" + std::to_string(job) +
               "/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return c.read_to_end();
    }

  private:
    words command(const words& more) {
        for (const char* name : {"a", "b"}) {
            const auto run =
                test::run_lmstress({"run", "--url", sim_.url(), "--requests", "6", "--concurrency",
                                    "2", "--max-tokens", "8", "--seed", "3", "--quiet", "--out",
                                    place() / name, "--history", place() / "history.db"},
                                   with_history);
            CAPTURE(run.output);
            REQUIRE(run.exit_code == 0);
        }
        fs::create_directories(place() / "scenarios" / "deep");
        write("chat.jsonc", "// A short chat\n" + scenario("20s"));
        write("deep/quick.json", scenario("300ms"));
        write("wrong.json", "{\"load\": {\"duration\": \"never\"}}");
        write("notes.txt", "no scenario");
        fs::create_symlink("/etc/hostname", place() / "scenarios" / "link.json");
        words all = {LMSTRESS_BINARY, "serve",
                     "--port",        "0",
                     "--history",     place() / "history.db",
                     "--scenarios",   place() / "scenarios"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream{place() / "scenarios" / name} << text;
    }
    [[nodiscard]] std::string scenario(const std::string& duration) const {
        return R"({"target": {"url": ")" + sim_.url() +
               R"("}, "load": {"concurrency": 2, "warmup": "0s", "duration": ")" + duration +
               R"("}, "workload": {"max_tokens": 8}})";
    }

    test::temporary_directory directory_;
    test::simulator sim_{{"--step-base", "2ms"}};
    test::child_process process_;
    std::uint16_t port_ = 0;
};

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
    return n;
}

}  // namespace

TEST_CASE("serve: the page and the data over the history") {
    if (!has_pages()) return;
    dashboard d;
    const auto page = d.get("/");
    CHECK(page.status == 200);
    CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.body.find("@LMSTRESS_") == std::string::npos);
    const std::string policy = page.field("Content-Security-Policy");
    const std::size_t nonce_at = policy.find("script-src 'nonce-") + 18;
    const std::string nonce = policy.substr(nonce_at, 32);
    CHECK(page.body.find("nonce=\"" + nonce + "\"") != std::string::npos);
    CHECK(policy.find("default-src 'none'") != std::string::npos);
    CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(policy.find("unsafe") == std::string::npos);
    // Another answer has another nonce.
    CHECK(d.get("/").field("Content-Security-Policy").find(nonce) == std::string::npos);
    for (const char* target : {"/", "/api/runs", "/api/none", "/metrics"}) {
        CAPTURE(target);
        const auto a = d.get(target);
        CHECK(a.field("X-Content-Type-Options") == "nosniff");
        CHECK(a.field("Cache-Control") == "no-store");
        CHECK(a.field("X-Frame-Options") == "DENY");
        CHECK(a.field("Content-Security-Policy").find("default-src 'none'") == 0);
        CHECK(a.field("Access-Control-Allow-Origin").empty());
    }

    const json::value info = d.json_of("/api/info");
    CHECK(info.at("runs") == 2);
    CHECK(info.at("can_start") == true);
    const json::value runs = d.json_of("/api/runs?limit=1");
    CHECK(runs.at("total") == 2);
    CHECK(runs.at("next_before") == 2);
    CHECK(runs.at("runs").at(0).at("id") == 2);
    CHECK(d.json_of("/api/runs?before=2").at("runs").at(0).at("id") == 1);
    CHECK(d.json_of("/api/runs?model=none").at("total") == 0);
    const json::value summary = json::parse(test::content_of(d.place() / "a" / "summary.json"));
    const json::value one = d.json_of("/api/runs/1");
    CHECK(one.at("summary") == summary);
    CHECK(one.at("levels").at(0).at("completed") == 6);
    CHECK(one.at("model").at("architecture") == summary.at("model").at("architecture"));
    CHECK(one.at("directory_exists") == true);
    const json::value report = d.json_of("/api/runs/1/report");
    CHECK(report.at("schema") == "lmstress.report/1");
    const json::value compared = d.json_of("/api/compare?a=1&b=2");
    CHECK(compared.at("schema") == "lmstress.comparison/1");
    const json::value stats = d.json_of("/api/dashboard/stats");
    CHECK(stats.as_object().size() == 5);
    CHECK(stats.at("speed_summary").at("max").to_number<double>() > 0);
    CHECK(stats.at("efficiency_top").at(0).at("gb_of") == "file");
    CHECK(d.json_of("/api/speed").at("series").at(0).at("points").as_array().size() == 2);
    CHECK(d.json_of("/api/best").at("best").at(0).at("runs") == 2);

    CHECK(d.get("/api/runs/3").status == 404);
    CHECK(d.get("/api/compare?a=1").status == 400);
    CHECK(d.get("/api/compare?a=1&b=9").status == 404);
    fs::remove_all(d.place() / "b");
    CHECK(d.get("/api/runs/2/report").status == 410);
    CHECK(d.json_of("/api/runs/2").at("directory_exists") == false);
    d.process().signal(SIGTERM);
    CHECK(d.process().wait() == 0);
}

TEST_CASE("serve: what is not for it is refused") {
    if (!has_pages()) return;
    dashboard d;
    const std::uint16_t port = d.port();
    const std::string body = R"({"scenario":"deep/quick.json"})";
    const auto host = [&](const std::string& name) {
        return test::http_get(port, "/api/runs", {{"Host", name}}).status;
    };
    CHECK(host("localhost") == 200);
    CHECK(host("evil.example") == 421);
    CHECK(host("evil.example:" + std::to_string(port)) == 421);
    CHECK(host("") == 421);
    // Two of them: which one counts, others may decide otherwise.
    CHECK(test::exchange_bytes(port,
                               "GET /api/runs HTTP/1.1\r\nHost: localhost\r\nHost: "
                               "evil.example\r\nConnection: close\r\n\r\n")
              .status == 421);
    const auto with = [&](const std::string& name, const std::string& value) {
        test::fields all = d.of_page();
        for (auto& f : all) {
            if (f.first == name) f.second = value;
        }
        return test::http_post(port, "/api/jobs", body, all).status;
    };
    CHECK(with("Origin", "http://127.0.0.1:1") == 403);
    CHECK(with("Origin", "null") == 403);
    CHECK(with("X-Lmstress-Token", "0") == 403);
    CHECK(with("Content-Type", "text/plain") == 415);
    CHECK(test::http_post(port, "/api/jobs", body, {}).status == 415);
    CHECK(test::http_post(port, "/api/runs", body, d.of_page()).status == 405);
    CHECK(test::exchange_bytes(port,
                               "DELETE /api/runs/1 HTTP/1.1\r\nHost: localhost\r\n"
                               "Connection: close\r\n\r\n")
              .status == 405);
    CHECK(d.json_of("/api/jobs").at("jobs").as_array().empty());

    // No path leads anywhere but to a route.
    for (const char* path :
         {"/../../etc/passwd", "/api/runs/../../../etc/passwd", "/%2e%2e/etc/passwd",
          "/api/runs/1/report/../../x", "/api/runs/-1", "/api/runs/1e3",
          "/api/runs/99999999999999999999", "/api//runs", "/api/runs/1/"}) {
        CAPTURE(path);
        const auto a = d.get(path);
        CHECK(a.status == 404);
        CHECK(a.body.find("root:") == std::string::npos);
    }
    for (const char* id : {"../../etc/passwd", "/etc/hostname", "link.json", "notes.txt",
                           "deep/../chat.jsonc", "", "./chat.jsonc"}) {
        CAPTURE(id);
        CHECK(d.post("/api/jobs", std::string{R"({"scenario":")"} + id + "\"}").status == 404);
    }
    for (const char* wrong :
         {"", "[]", "{}", "no json", R"({"scenario":7})",
          R"({"scenario":"deep/quick.json","overrides":{"out":"/tmp/x"}})",
          R"({"scenario":"deep/quick.json","overrides":{"url":7}})",
          R"({"scenario":"deep/quick.json","overrides":{"url":""}})",
          R"({"scenario":"deep/quick.json","overrides":[]})", R"({"scenario":"wrong.json"})"}) {
        CAPTURE(wrong);
        CHECK(d.post("/api/jobs", wrong).status == 422);
    }
    CHECK(d.json_of("/api/jobs").at("jobs").as_array().empty());
}

TEST_CASE("serve: who sends too much or no HTTP is cut off, and others are answered") {
    if (!has_pages()) return;
    dashboard d;
    const std::uint16_t port = d.port();
    CHECK(d.post("/api/jobs", std::string(100'000, ' ')).status == 413);
    CHECK(test::http_get(port, "/" + std::string(40'000, 'a')).status == 431);
    CHECK(test::http_get(port, "/", {{"X", std::string(40'000, 'a')}}).status == 431);
    CHECK(test::exchange_bytes(port, "no HTTP at all\r\n\r\n").status == 400);
    CHECK(test::exchange_bytes(port, std::string("\x16\x03\x01\x02\x00\x01", 6)).status == 400);
    CHECK(test::http_get(port, "/%ff").status == 400);
    // Those that never end their request keep nobody else waiting, and their places come back.
    std::vector<std::unique_ptr<test::raw_connection>> slow;
    for (int i = 0; i < 40; ++i) {
        slow.push_back(std::make_unique<test::raw_connection>(port));
        slow.back()->send("GET / HTTP/1.1\r\nHost: loc");
    }
    CHECK(d.get("/api/info").status == 200);
    slow.clear();
    CHECK(d.get("/api/info").status == 200);
}

TEST_CASE("serve: a scenario is started, followed and kept") {
    if (!has_pages()) return;
    dashboard d;
    const json::value offered = d.json_of("/api/scenarios").at("scenarios");
    REQUIRE(offered.as_array().size() == 3);
    CHECK(offered.at(0).at("id") == "chat.jsonc");
    CHECK(offered.at(0).at("title") == "A short chat");
    CHECK(offered.at(0).at("problem").is_null());
    CHECK(offered.at(1).at("id") == "deep/quick.json");
    CHECK(offered.at(2).at("problem").is_string());

    const auto begun =
        d.post("/api/jobs", R"({"scenario":"deep/quick.json","overrides":{"duration":"1500ms"}})");
    CAPTURE(begun.body);
    REQUIRE(begun.status == 201);
    CHECK(json::parse(begun.body).at("job") == 1);
    const std::string events = d.events_of(1);
    CAPTURE(events);
    CHECK(events.find("Content-Type: text/event-stream") != std::string::npos);
    CHECK(count(events, "event: begin\n") == 1);
    CHECK(count(events, "event: progress\n") >= 1);
    CHECK(count(events, "event: run_end\n") == 1);
    CHECK(count(events, "event: end\n") == 1);
    const json::value job = d.json_of("/api/jobs/1");
    CHECK(job.at("state") == "ended");
    CHECK(job.at("exit_code") == 0);
    REQUIRE(job.at("runs").as_array().size() == 1);
    const json::value run = d.json_of("/api/runs/3").at("run");
    CHECK(job.at("runs").at(0) == run.at("id"));
    CHECK(run.at("directory").as_string().starts_with(fs::canonical(d.place() / "runs").string()));
    CHECK(d.post("/api/jobs/1/stop", "{}").status == 409);
    CHECK(d.get("/api/jobs/2").status == 404);
}

TEST_CASE("serve: a run that ended before it wrote anything names no directory") {
    if (!has_pages()) return;
    dashboard d;
    // Nothing listens there.
    const auto begun = d.post(
        "/api/jobs", R"({"scenario":"chat.jsonc","overrides":{"url":"http://127.0.0.1:9"}})");
    REQUIRE(begun.status == 201);
    const fs::path directory = json::parse(begun.body).at("directory").as_string().c_str();
    const std::string events = d.events_of(1);
    CAPTURE(events);
    const json::value job = d.json_of("/api/jobs/1");
    CHECK(job.at("exit_code") == 3);
    CHECK_FALSE(fs::exists(directory));
    CHECK(job.at("directory").is_null());
}

TEST_CASE("serve: a run is stopped as by Ctrl-C, one at a time, and its results are whole") {
    if (!has_pages()) return;
    dashboard d;
    REQUIRE(d.post("/api/jobs", R"({"scenario":"chat.jsonc"})").status == 201);
    CHECK(d.post("/api/jobs", R"({"scenario":"chat.jsonc"})").status == 409);
    test::raw_connection follower{d.port()};
    follower.send("GET /api/jobs/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    follower.read_until("\"requests\":");
    const auto stopped = d.post("/api/jobs/1/stop", "{}");
    CHECK(stopped.status == 202);
    CHECK(json::parse(stopped.body).at("state") == "stopping");
    follower.read_until("event: end\n");
    const json::value job = d.json_of("/api/jobs/1");
    CHECK(job.at("exit_code") == 130);
    const json::value run = d.json_of("/api/runs/3");
    CHECK(run.at("run").at("exit_code") == 130);
    CHECK(run.at("summary").at("levels").at(0).at("requests").at("completed").as_int64() > 0);
    // And another one may begin.
    CHECK(d.post("/api/jobs", R"({"scenario":"deep/quick.json"})").status == 201);
}

TEST_CASE("serve: Ctrl-C ends a run that it started first") {
    if (!has_pages()) return;
    dashboard d;
    REQUIRE(d.post("/api/jobs", R"({"scenario":"chat.jsonc"})").status == 201);
    test::raw_connection follower{d.port()};
    follower.send("GET /api/jobs/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    follower.read_until("\"requests\":");
    d.process().signal(SIGINT);
    CHECK(d.process().wait() == 0);
    const auto list = test::run_lmstress(
        {"history", "show", "3", "--json", "--history", d.place() / "history.db"}, with_history);
    CHECK(json::parse(list.output).at("run").at("exit_code") == 130);
}

TEST_CASE("serve: a run of another terminal is followed, and none is started beside it") {
    if (!has_pages()) return;
    dashboard d;
    CHECK(d.json_of("/api/live").at("runs").as_array().empty());
    test::child_process run{d.run_for_long(), with_history};
    const std::string id = d.live_run();
    const json::value told = d.json_of("/api/live/" + id);
    CHECK(told.at("run_id") == id.c_str());
    CHECK(told.at("command") == "run");
    CHECK(told.at("directory") == (d.place() / "other").string().c_str());
    CHECK(d.post("/api/jobs", R"({"scenario":"chat.jsonc"})").status == 409);
    test::raw_connection follower{d.port()};
    follower.send("GET /api/live/" + id + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    follower.read_until("\"requests\":");
    run.signal(SIGINT);
    follower.read_until("event: end\n");
    CHECK(run.wait() == 130);
    const json::value over = d.json_of("/api/live/" + id);
    CHECK(over.at("exit_code") == 130);
    CHECK(over.at("runs").at(0) == 3);
    CHECK(d.json_of("/api/live").at("runs").as_array().empty());
    CHECK_FALSE(fs::exists(d.place() / "history.db.live"));
    for (const char* other : {"/api/live/..", "/api/live/0123456789", "/api/live/"}) {
        CHECK(d.get(other).status == 404);
    }
}

TEST_CASE("serve: of two dashboards on one history only one measures") {
    if (!has_pages()) return;
    dashboard d;
    const std::string chat = R"({"scenario":"chat.jsonc"})";
    test::child_process second{{LMSTRESS_BINARY, "serve", "--port", "0", "--history",
                                d.place() / "history.db", "--scenarios", d.place() / "scenarios"},
                               with_history};
    second.wait_for_output("\n");
    const std::string said = second.output();
    const std::size_t colon = said.find(':', said.find("127.0.0.1"));
    const auto port = static_cast<std::uint16_t>(std::stoul(said.substr(colon + 1)));
    auto of_page = d.of_page(port);
    REQUIRE(d.post("/api/jobs", chat).status == 201);
    // Before the run of the first has a record, and while it goes on.
    const auto refused = test::http_post(port, "/api/jobs", chat, of_page);
    CHECK(refused.status == 409);
    CHECK(refused.body.find("a run is going on already") != std::string::npos);
    CHECK(d.post("/api/jobs/1/stop", "{}").status == 202);
    CHECK(d.post("/api/jobs/1/stop", "{}").status == 202);
    d.events_of(1);
    CHECK(test::http_post(port, "/api/jobs", chat, of_page).status == 201);
    CHECK(d.post("/api/jobs", chat).status == 409);
    for (int i = 0; i < 2; ++i) test::http_post(port, "/api/jobs/1/stop", "{}", of_page);
}

TEST_CASE("serve: a run that is killed is in the history all the same") {
    if (!has_pages()) return;
    dashboard d;
    test::child_process run{d.run_for_long(), with_history};
    const std::string id = d.live_run();
    test::raw_connection follower{d.port()};
    follower.send("GET /api/live/" + id + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    follower.read_until("\"requests\":");
    run.signal(SIGKILL);
    follower.read_until("event: end\n");
    CHECK(run.wait() == 128 + SIGKILL);
    CHECK(d.json_of("/api/live/" + id).at("exit_code") == 137);
    const json::value kept = d.json_of("/api/runs/3").at("run");
    CHECK(kept.at("exit_code").is_null());
    CHECK(kept.at("directory") == fs::canonical(d.place() / "other").string().c_str());
}

TEST_CASE("serve: a run that outlives it does not hold its port") {
    if (!has_pages()) return;
    dashboard d;
    REQUIRE(d.post("/api/jobs", R"({"scenario":"chat.jsonc"})").status == 201);
    test::raw_connection follower{d.port()};
    follower.send("GET /api/jobs/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    follower.read_until("\"requests\":");
    const std::string own = std::to_string(d.process().id());
    std::ifstream children{"/proc/" + own + "/task/" + own + "/children"};
    pid_t child = 0;
    children >> child;
    d.process().signal(SIGKILL);
    CHECK(d.process().wait() == 128 + SIGKILL);
    test::child_process again{{LMSTRESS_BINARY, "serve", "--port", std::to_string(d.port()),
                               "--history", d.place() / "history.db"},
                              with_history};
    again.wait_for_output("dashboard: http://");
    if (child > 0) kill(child, SIGKILL);
}

TEST_CASE("serve: where a new history begins it says so, and what is no host name it refuses") {
    if (!has_pages()) return;
    test::temporary_directory directory;
    const fs::path file = directory.path() / "typo.db";
    const words command = {LMSTRESS_BINARY, "serve", "--port", "0", "--history", file};
    const std::string begins = "there was no history " + file.string() + "; a new one begins there";
    {
        test::child_process first{command, with_history};
        first.wait_for_output("dashboard: http://");
        CHECK(first.output().find(begins) != std::string::npos);
        first.signal(SIGTERM);
        CHECK(first.wait() == 0);
    }
    test::child_process again{command, with_history};
    again.wait_for_output("dashboard: http://");
    CHECK(again.output().find("no history") == std::string::npos);
    again.signal(SIGTERM);
    CHECK(again.wait() == 0);
    const auto refused = test::run_lmstress({"serve", "--name", "evil com"}, with_history);
    CHECK(refused.exit_code == 2);
    CHECK(refused.output.find("--name evil com is no host name") != std::string::npos);
}

TEST_CASE("serve: for others it wants the token that it prints") {
    if (!has_pages()) return;
    dashboard d{{"--listen", "0.0.0.0"}};
    const std::string said = d.process().output();
    const std::string before = "any name): ";
    d.process().wait_for_output(before);
    const std::string token = said.substr(said.find(before) + before.size(), 32);
    const auto none = d.get("/");
    CHECK(none.status == 401);
    CHECK(none.field("WWW-Authenticate") == "Basic realm=\"lmstress\"");
    CHECK(none.body.find(token) == std::string::npos);
    CHECK(test::http_get(d.port(), "/metrics").status == 401);
    CHECK(test::http_get(d.port(), "/metrics", {{"Authorization", "Bearer " + token}}).status ==
          200);
    CHECK(test::http_get(d.port(), "/", {{"Authorization", "Bearer " + token}}).status == 200);
    CHECK(test::http_get(d.port(), "/", {{"Authorization", "Bearer x" + token}}).status == 401);
    CHECK(test::http_get(d.port(), "/",
                         {{"Authorization", "Bearer " + token}, {"Host", "evil.example"}})
              .status == 421);
}
