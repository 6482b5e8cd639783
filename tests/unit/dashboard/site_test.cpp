#include "dashboard/site.hpp"

#include "dashboard/data_api.hpp"
#include "dashboard/job_board.hpp"
#include "dashboard/scenario_folder.hpp"
#include "store/journal.hpp"
#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace lmstress;
namespace fs = std::filesystem;

TEST_CASE("dashboard: the page gets its token and its nonce, and a policy of that nonce alone") {
    const auto a = dashboard::page_answer(
        "<script nonce=\"@LMSTRESS_NONCE@\"></script><meta content=\"@LMSTRESS_TOKEN@\">"
        "<style nonce=\"@LMSTRESS_NONCE@\">",
        "t0", "n0");
    CHECK(a.body == "<script nonce=\"n0\"></script><meta content=\"t0\"><style nonce=\"n0\">");
    REQUIRE(a.headers.size() == 1);
    CHECK(a.headers[0].second.find("script-src 'nonce-n0'; style-src 'nonce-n0'") !=
          std::string::npos);
    const std::string secret = dashboard::random_secret();
    CHECK(secret.size() == 32);
    CHECK(secret.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(secret != dashboard::random_secret());
}

TEST_CASE("dashboard: numbers in paths") {
    using dashboard::number_after;
    CHECK(number_after("/api/runs/", "/api/runs/42")->number == 42);
    CHECK(number_after("/api/runs/", "/api/runs/42/report")->rest == "/report");
    for (const char* wrong : {"/api/runs/", "/api/runs", "/api/runs/x", "/api/runs/-4",
                              "/api/runs/4x", "/api/runs/+4", "/api/runs/1234567890123456789"}) {
        CAPTURE(wrong);
        CHECK_FALSE(number_after("/api/runs/", wrong));
    }
}

TEST_CASE("dashboard: routes that read answer 404, 400 and 503 in words") {
    const test::temporary_directory directory;
    const dashboard::data_api api{directory.path() / "history.db", {}};
    const auto status = [&](const std::string& target) {
        dashboard::http_request r{.method = "GET", .path = {}};
        REQUIRE(dashboard::read_target(target, r));
        return api.answer(r).status;
    };
    CHECK(status("/api/runs") == 200);
    CHECK(status("/api/runs?limit=x") == 400);
    CHECK(status("/api/runs?kind=y") == 400);
    CHECK(status("/api/runs/1") == 404);
    CHECK(status("/api/none") == 404);
    CHECK(status("/api/compare?a=1&b=2") == 404);
    const dashboard::data_api nowhere{"/proc/nowhere/history.db", {}};
    CHECK(nowhere.answer({.method = "GET", .path = "/api/runs"}).status == 503);
    CHECK(nowhere.metrics().find("lmstress_history_readable 0") != std::string::npos);
}

TEST_CASE("dashboard: what a form may ask for, and as which flags") {
    const auto asked = dashboard::read_asked_job(
        R"({"scenario":"a.json","overrides":{"concurrency":"1,2","url":"--out=/x"}})");
    REQUIRE(asked.has_value());
    CHECK(asked->scenario == "a.json");
    // One word: whatever it holds is the flag's value.
    CHECK(asked->flags == std::vector<std::string>{"--concurrency=1,2", "--url=--out=/x"});
    CHECK_FALSE(
        dashboard::read_asked_job(R"({"scenario":"a","overrides":{"history":"x"}})").has_value());
    CHECK_FALSE(
        dashboard::read_asked_job(R"({"scenario":"a","overrides":{"url":"a\nb"}})").has_value());
    CHECK_FALSE(dashboard::read_asked_job(R"({"scenario":"a","overrides":{"url":")" +
                                          std::string(501, 'x') + "\"}}")
                    .has_value());
    CHECK_FALSE(dashboard::read_asked_job(std::string(2000, '[')).has_value());
}

TEST_CASE("dashboard: a folder's scenarios are those that lie in it") {
    const test::temporary_directory directory;
    const fs::path folder = directory.path() / "folder";
    fs::create_directories(folder / "below");
    REQUIRE(store::write_file(directory.path() / "outside.json", "{}").has_value());
    REQUIRE(store::write_file(folder / "b.jsonc", "\n  /* All of it\n more */ {}").has_value());
    REQUIRE(store::write_file(folder / "below" / "a.json", "{}").has_value());
    REQUIRE(store::write_file(folder / "huge.json", std::string(1100UL * 1024, ' ')).has_value());
    REQUIRE(store::write_file(folder / "text.txt", "{}").has_value());
    fs::create_symlink(directory.path() / "outside.json", folder / "link.json");
    fs::create_directory_symlink(directory.path(), folder / "up");
    const auto all = dashboard::scenarios_in(folder, [](const fs::path& file) {
        return dashboard::scenario_facts{.command = "sweep", .problem = file.filename().string()};
    });
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == "b.jsonc");
    CHECK(all[0].title == "All of it …");
    CHECK(all[0].command == "sweep");
    CHECK(all[1].id == "below/a.json");
    CHECK(all[1].problem == "a.json");
    CHECK(dashboard::file_of_scenario(folder, "below/a.json") == folder / "below" / "a.json");
    for (const char* id :
         {"../outside.json", "link.json", "up/outside.json", "", "text.txt", "below/../b.jsonc"}) {
        CAPTURE(id);
        CHECK_FALSE(dashboard::file_of_scenario(folder, id));
    }
    CHECK(dashboard::title_of_scenario("// One line") == "One line");
    // What is cut says so, with a full stop or without.
    CHECK(dashboard::title_of_scenario("// A title\n{}") == "A title");
    CHECK(dashboard::title_of_scenario("// A sentence that\n// goes on.\n{}") ==
          "A sentence that …");
    CHECK(dashboard::title_of_scenario("// A whole one.\n// Another.\n{}") == "A whole one.");
    CHECK(dashboard::title_of_scenario("/* A title\n*/ {}") == "A title");
    CHECK(dashboard::title_of_scenario("/* One that\n * goes on */ {}") == "One that …");
    // What is cut is cut between letters.
    std::string long_one = "// " + std::string(199, 'a');
    for (int i = 0; i < 10; ++i) long_one += "ü";
    CHECK(dashboard::title_of_scenario(long_one) == std::string(199, 'a') + " …");
    CHECK(dashboard::title_of_scenario("// a" + long_one.substr(3)) ==
          std::string(200, 'a') + " …");
    CHECK(dashboard::title_of_scenario("{}").empty());
    CHECK(dashboard::title_of_scenario("//").empty());
}
