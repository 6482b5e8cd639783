// The history of runs as a user meets it: kept by each run, shown, compared, and never in the way.

#include "support/child_process.hpp"
#include "support/json_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sqlite3.h>
#include <string>
#include <vector>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

using words = std::vector<std::string>;

/// Tests are to leave the user's own history alone; these have one of their own.
const words with_history = {"LMSTRESS_NO_HISTORY="};

bool says(const test::finished& f, const std::string& text) {
    return f.output.find(text) != std::string::npos;
}

bool has(const json::value& text, const std::string& part) {
    return std::string_view{text.as_string()}.find(part) != std::string_view::npos;
}

words run_of(const test::simulator& sim, const fs::path& out, const words& more) {
    words all = {"run", "--url",        sim.url(), "--requests", "4",     "--concurrency",
                 "2",   "--max-tokens", "8",       "--quiet",    "--out", out};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

struct place {
    test::temporary_directory directory;
    fs::path file = directory.path() / "history.db";
    test::simulator sim{{"--step-base", "1ms"}};

    test::finished run(const std::string& name, const words& more = {}) {
        words all = run_of(sim, directory.path() / name, more);
        all.insert(all.end(), {"--history", file});
        return test::run_lmstress(all, with_history);
    }
    test::finished history(words command) {
        command.insert(command.begin(), "history");
        command.insert(command.end(), {"--history", file});
        return test::run_lmstress(command, with_history);
    }
    json::value rows() {
        return json::parse(history({"list", "--json", "--limit", "1000"}).output);
    }
};

/// A lock on the database, as another program would have it.
class lock {
  public:
    explicit lock(const fs::path& file) {
        sqlite3_open(file.c_str(), &db_);
        REQUIRE(sqlite3_exec(db_, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    ~lock() { sqlite3_close(db_); }
    lock(lock&&) = delete;

  private:
    sqlite3* db_ = nullptr;
};

}  // namespace

TEST_CASE("history: runs land in it, and list, show, tag, delete and export know them") {
    place here;
    REQUIRE(here.run("a", {"--label", "machine=m4"}).exit_code == 0);
    REQUIRE(here.run("b").exit_code == 0);
    const json::value all = here.rows();
    REQUIRE(all.at("runs").as_array().size() == 2);
    const json::value& first = all.at("runs").at(1);
    CHECK(first.at("directory").as_string() == fs::canonical(here.directory.path() / "a").string());
    CHECK(first.at("labels").at("machine") == "m4");
    CHECK(first.at("kind") == "run");
    CHECK(first.at("requests").at("completed") == 4);
    // By the server's own list.
    CHECK(first.at("architecture").as_string() == "built-in");
    const json::value summary =
        json::parse(test::content_of(here.directory.path() / "a" / "summary.json"));
    CHECK(first.at("speed") ==
          summary.at("levels").at(0).at("throughput").at("output_tokens_per_second"));
    CHECK(summary.at("model").at("architecture") == "built-in");

    const auto table = here.history({"list"});
    CAPTURE(table.output);
    CHECK(table.exit_code == 0);
    CHECK(says(table, "Q4_K_M"));
    const auto page = here.history({"show", "last"});
    CAPTURE(page.output);
    CHECK(says(page, "run         2 ("));
    CHECK(says(here.history({"show", first.at("run_id").as_string().c_str()}), "run         1 ("));
    const auto stored = here.history({"show", "1", "--json"});
    CHECK(stored.output == test::content_of(here.directory.path() / "a" / "summary.json"));

    CHECK(says(here.history({"tag", "1", "before", "x", "--remove", "none"}), "1: before, x"));
    CHECK(says(here.history({"tag", "1", "--remove", "x"}), "1: before\n"));
    // What nobody could see is no tag.
    for (const words& blank :
         {words{"tag", "1", ""}, words{"tag", "1", "after", "  "},
          words{"tag", "1", "--remove", ""}, words{"tag", "1", "--remove", "\t"}}) {
        const auto refused = here.history(blank);
        CAPTURE(refused.output);
        CHECK(refused.exit_code == 2);
        CHECK(says(refused, "a tag that is empty or blank"));
    }
    CHECK(says(here.history({"tag", "1"}), "1: before\n"));
    CHECK(here.history({"list", "--tag", "before", "--json"}).output.find("\"total\": 1") !=
          std::string::npos);

    const auto line = here.history({"export", "--tag", "before"});
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/history.schema.json")};
    const json::value exported = json::parse(line.output);
    CHECK(schema.error_in(exported) == "");
    for (const auto& m : schema.without_each_required(exported)) {
        CAPTURE(m.missing);
        CHECK_FALSE(schema.error_in(m.value).empty());
    }
    CHECK(exported.at("summary") == summary);

    const auto gone = here.history({"delete", "1"});
    CHECK(says(gone, "1 is forgotten"));
    CHECK(fs::exists(here.directory.path() / "a" / "summary.json"));
    CHECK(here.history({"show", "1"}).exit_code == 2);
    CHECK(here.rows().at("runs").as_array().size() == 1);
}

TEST_CASE("history: the speed of a run over several APIs is that of all of them") {
    place here;
    const words apis = {"--api", "lmstudio,openai-chat", "--concurrency", "2,4"};
    REQUIRE(here.run("a", apis).exit_code == 0);
    const auto check = [&] {
        const json::value line = json::parse(here.history({"export"}).output);
        const json::value& run = line.at("run");
        double most = 0;
        for (const int streams : {2, 4}) {
            double all = 0;
            for (const json::value& level : line.at("summary").at("levels").as_array()) {
                if (level.at("concurrency") != streams) continue;
                const json::value& throughput = level.at("throughput");
                all += throughput.at("output_tokens_per_second").to_number<double>();
            }
            most = std::max(most, all);
        }
        CHECK(run.at("speed").to_number<double>() == doctest::Approx(most));
        CHECK(run.at("levels") == 4);
        // Four over each API, at each of two loads; and no request twice.
        CHECK(run.at("requests").at("offered") == 16);
        REQUIRE(line.at("levels").as_array().size() == 6);
        CHECK(line.at("levels").at(0).at("output_tokens_per_second").is_null());
        CHECK(line.at("levels").at(5).at("api") == "lmstudio, openai-chat");
        CHECK(line.at("levels").at(5).at("offered") == 8);
    };
    check();
    const auto page = here.history({"show", "1"});
    CAPTURE(page.output);
    CHECK(says(page, "all APIs together"));
    // What an earlier version kept is brought up to date.
    sqlite3* db = nullptr;
    sqlite3_open(here.file.c_str(), &db);
    const char* as_before =
        "DELETE FROM levels WHERE level > 3; UPDATE levels SET output_tokens_per_second = 1";
    REQUIRE(sqlite3_exec(db, as_before, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
    REQUIRE(here.history({"import", (here.directory.path() / "a").string()}).exit_code == 0);
    check();
}

TEST_CASE("history: two of its runs are compared as their directories are") {
    place here;
    REQUIRE(here.run("a", {"--seed", "5"}).exit_code == 0);
    REQUIRE(here.run("b", {"--seed", "5"}).exit_code == 0);
    const auto by_number = here.history({"compare", "1", "2", "--json"});
    CAPTURE(by_number.output);
    REQUIRE(by_number.exit_code == 0);
    const auto by_directory =
        test::run_lmstress({"compare", fs::canonical(here.directory.path() / "a"),
                            fs::canonical(here.directory.path() / "b"), "--json"});
    CHECK(json::parse(by_number.output) == json::parse(by_directory.output));
    fs::remove_all(here.directory.path() / "a");
    const auto gone = here.history({"compare", "1", "2"});
    CHECK(gone.exit_code == 2);
    CHECK(says(gone, "the directory of run 1 is gone"));
}

TEST_CASE("history: the parts of a sweep land in it, each as what it is") {
    place here;
    const auto sweep =
        test::run_lmstress({"sweep", "--url", here.sim.url(), "--parallel", "1,2", "--concurrency",
                            "2", "--requests", "4", "--max-tokens", "4", "--quiet", "--out",
                            here.directory.path() / "s", "--history", here.file},
                           with_history);
    CAPTURE(sweep.output);
    REQUIRE(sweep.exit_code == 0);
    const json::value all = here.rows();
    REQUIRE(all.at("runs").as_array().size() == 2);
    for (const json::value& row : all.at("runs").as_array()) {
        CHECK(row.at("kind") == "sweep");
        CHECK(row.at("group").as_string() == fs::canonical(here.directory.path() / "s").string());
        CHECK(row.at("whole").at("state") == "measured");
        CHECK(has(row.at("whole").at("answer"), "tokens/s"));
    }
    CHECK(says(here.history({"show", "1"}), "which is    measured: "));

    // The directory says it as well.
    fs::remove(here.file);
    REQUIRE(here.history({"import", here.directory.path()}).exit_code == 0);
    const json::value again = here.rows();
    CHECK(again.at("runs").at(0).at("whole") == all.at("runs").at(0).at("whole"));
}

TEST_CASE("history: what became of a search and of a comparison stands beside their runs") {
    place here;
    const auto measure = [&](words command) {
        const words rest{"--url",   here.sim.url(), "--max-tokens", "4",
                         "--quiet", "--history",    here.file};
        command.insert(command.end(), rest.begin(), rest.end());
        return test::run_lmstress(command, with_history);
    };
    const fs::path compared = here.directory.path() / "b";
    // A threshold that nothing passes.
    const auto comparison = measure(
        {"compare", "server.parallel=2", "server.parallel=4", "--requests", "8", "--concurrency",
         "2", "--rounds", "1", "--fail-on-regression", "ttft_ms.p50 > -99%", "--out", compared});
    CAPTURE(comparison.output);
    REQUIRE(comparison.exit_code == 4);
    const auto search = measure({"capacity", "--slo", "ttft<1us", "--duration", "1s", "--max-time",
                                 "3s", "--most", "2", "--out", here.directory.path() / "c"});
    CAPTURE(search.output);
    REQUIRE(search.exit_code == 4);
    std::set<std::string> seen;
    const json::value all = here.rows();
    for (const json::value& row : all.at("runs").as_array()) {
        const std::string kind{row.at("kind").as_string()};
        CAPTURE(kind);
        CHECK(row.at("whole").at("state") == "threshold_failed");
        CHECK_FALSE(row.at("whole").at("answer").as_string().empty());
        seen.insert(kind);
    }
    CHECK(seen == std::set<std::string>{"capacity", "compare"});
    const json::value document = json::parse(test::content_of(compared / "comparison.json"));
    CHECK(document.at("exit_code") == 4);
    CHECK(has(document.at("conclusions").at(0), "."));
}

TEST_CASE("history: import finds results anywhere below, and adds none twice") {
    place here;
    for (const char* name : {"deep/a", "deep/er/b"}) {
        const auto run =
            test::run_lmstress(run_of(here.sim, here.directory.path() / name, {"--no-history"}));
        REQUIRE(run.exit_code == 0);
    }
    CHECK(says(here.history({"list"}), "no run is in the history yet"));
    CHECK_FALSE(fs::exists(here.file));
    CHECK(says(here.history({"import", here.directory.path()}), "2 runs added, 0 brought"));
    REQUIRE(here.history({"tag", "1", "kept"}).exit_code == 0);
    // One that was killed has its journal, and no summary.
    fs::remove(here.directory.path() / "deep/a" / "summary.json");
    CHECK(says(here.history({"import", here.directory.path()}), "0 runs added, 2 brought"));
    CHECK(says(here.history({"list"}), "kept"));
    // One that was moved to where the other one was; and one that is new.
    fs::remove_all(here.directory.path() / "deep/er/b");
    fs::rename(here.directory.path() / "deep/a", here.directory.path() / "deep/er/b");
    REQUIRE(
        test::run_lmstress(run_of(here.sim, here.directory.path() / "deep/er/c", {"--no-history"}))
            .exit_code == 0);
    const auto moved = here.history({"import", here.directory.path()});
    CAPTURE(moved.output);
    CHECK(moved.exit_code == 0);
    CHECK(says(moved, "1 run added, 1 moved, 0 brought"));
    const auto first = here.history({"show", "1"});
    CHECK(says(first, "kept"));
    CHECK(says(first, "deep/er/b\n"));
    CHECK(says(here.history({"show", "2"}), "deep/er/b [run 2, before another took its place]"));
    const auto none = here.history({"import", here.directory.path() / "nowhere"});
    CHECK(none.exit_code == 2);
}

TEST_CASE("history: import fails where a result cannot be read, and takes the others") {
    place here;
    REQUIRE(here.run("a").exit_code == 0);
    fs::create_directory(here.directory.path() / "b");
    std::ofstream{here.directory.path() / "b" / "run.jsonl"} << "garbage\n";
    std::ofstream{here.directory.path() / "b" / "requests.jsonl"};
    const auto some = here.history({"import", here.directory.path()});
    CAPTURE(some.output);
    CHECK(some.exit_code == 1);
    CHECK(says(some, "/b was not taken: run.jsonl"));
    CHECK(says(some, "0 runs added, 1 brought up to date, 1 not taken"));
}

TEST_CASE("history: one that this user may not write is read") {
    place here;
    REQUIRE(here.run("a").exit_code == 0);
    const fs::path kept = here.directory.path() / "kept";
    fs::create_directory(kept);
    fs::rename(here.file, kept / "history.db");
    fs::permissions(here.directory.path(), fs::perms{0755});
    fs::permissions(kept / "history.db", fs::perms{0444});
    fs::permissions(kept, fs::perms{0555});
    // To root everything is allowed: then as somebody else.
    const auto as_reader = [&](const std::string& command) {
        const std::string of = " --history " + (kept / "history.db").string();
        const std::string user = geteuid() == 0 ? "setpriv --reuid=65534 --clear-groups " : "";
        test::child_process process{{"sh", "-c", user + LMSTRESS_BINARY + " " + command + of},
                                    with_history};
        const int code = process.wait();
        return test::finished{code, process.output()};
    };
    for (const char* command : {"history list", "history show 1", "history export"}) {
        const auto read = as_reader(command);
        CAPTURE(command);
        CAPTURE(read.output);
        CHECK(read.exit_code == 0);
        CHECK(says(read, "Q4_K_M"));
    }
    const auto refused = as_reader("history tag 1 x");
    CAPTURE(refused.output);
    CHECK(refused.exit_code == 1);
    CHECK(says(refused, "This user must be able to write the file and its directory"));
    CHECK_FALSE(says(refused, "Try again"));
    fs::permissions(kept, fs::perms{0755});
}

TEST_CASE("history: two processes write at once, and nothing is lost") {
    place here;
    constexpr int each = 4;
    const auto runs_of = [&](const std::string& name) {
        std::string all = "set -e\n";
        for (int i = 0; i < each; ++i) {
            all += std::string{LMSTRESS_BINARY} + " run --url " + here.sim.url() +
                   " --requests 2 --max-tokens 2 --quiet --out " +
                   (here.directory.path() / (name + std::to_string(i))).string() + " --history " +
                   here.file.string() + "\n";
        }
        return words{"sh", "-c", all};
    };
    test::child_process one{runs_of("a"), with_history};
    test::child_process other{runs_of("b"), with_history};
    CHECK(one.wait() == 0);
    CHECK(other.wait() == 0);
    CAPTURE(one.output());
    CAPTURE(other.output());
    CHECK(one.output().find("not in the history") == std::string::npos);
    CHECK(here.rows().at("runs").as_array().size() == 2 * each);
}

TEST_CASE("history: a locked, full or unusable one loses no run and changes no exit code") {
    place here;
    REQUIRE(here.run("first").exit_code == 0);
    SUBCASE("locked by another process for longer than is waited") {
        const lock held{here.file};
        const auto run = here.run("a");
        CAPTURE(run.output);
        CHECK(run.exit_code == 0);
        CHECK(says(
            run, "the run is not in the history: " + here.file.string() + ": database is locked"));
        CHECK(says(run, "lmstress history import"));
    }
    SUBCASE("no byte more fits") {
        // A file may not grow any further: the results, which are small, fit; the database's does
        // not. In blocks of 512 bytes.
        std::string command = "ulimit -f 56; exec " + std::string{LMSTRESS_BINARY};
        for (const std::string& word : run_of(here.sim, here.directory.path() / "a", {})) {
            command += " '" + word + "'";
        }
        test::child_process process{{"sh", "-c", command + " --history " + here.file.string()},
                                    with_history};
        CHECK(process.wait() == 0);
        CAPTURE(process.output());
        CHECK(process.output().find("the run is not in the history") != std::string::npos);
    }
    SUBCASE("no database at all") {
        const auto run = test::run_lmstress(
            run_of(here.sim, here.directory.path() / "a", {"--history", "/dev/null/history.db"}),
            with_history);
        CAPTURE(run.output);
        CHECK(run.exit_code == 0);
        CHECK(says(run, "the run is not in the history: cannot make the directory /dev/null"));
    }
    CHECK(fs::exists(here.directory.path() / "a" / "summary.json"));
    CHECK(says(here.history({"import", here.directory.path() / "a"}), "1 run added"));
    CHECK(here.rows().at("runs").as_array().size() == 2);
}

TEST_CASE("history: where it is follows the flag, the environment and XDG_DATA_HOME") {
    place here;
    const words run = run_of(here.sim, here.directory.path() / "a", {});
    const std::string home = here.directory.path().string();
    REQUIRE(test::run_lmstress(run, {"LMSTRESS_NO_HISTORY=", "XDG_DATA_HOME=" + home}).exit_code ==
            0);
    CHECK(fs::exists(here.directory.path() / "lmstress" / "history.db"));
    const words again = run_of(here.sim, here.directory.path() / "b", {});
    REQUIRE(test::run_lmstress(again, {"LMSTRESS_NO_HISTORY=", "XDG_DATA_HOME=" + home,
                                       "LMSTRESS_HISTORY=" + here.file.string()})
                .exit_code == 0);
    CHECK(here.rows().at("total") == 1);
    const words third = run_of(here.sim, here.directory.path() / "c", {"--no-history"});
    REQUIRE(test::run_lmstress(third,
                               {"LMSTRESS_NO_HISTORY=", "LMSTRESS_HISTORY=" + here.file.string()})
                .exit_code == 0);
    CHECK(here.rows().at("total") == 1);
}
