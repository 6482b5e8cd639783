// lmstress run and report as a user meets them: processes, sockets, signals, files.

#include "support/child_process.hpp"
#include "support/fetch.hpp"
#include "support/sanitized.hpp"
#include "support/truth.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <set>
#include <string>

namespace json = boost::json;

namespace {

// A server that answers fast, for tests of anything but timing.
const std::vector<std::string> fast = {"--step-base",         "2ms", "--step-per-stream", "0",
                                       "--prefill-per-token", "5us"};

json::object summary_of(const std::filesystem::path& directory) {
    return json::parse(test::content_of(directory / "summary.json")).as_object();
}

std::uint64_t count(const json::object& level, const char* outcome) {
    return level.at("requests").as_object().at(outcome).to_number<std::uint64_t>();
}

}  // namespace

TEST_CASE(
    "run: levels, every request accounted for, and a summary that report rebuilds to the byte") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--concurrency", "1,4,16", "--requests",
                            "40", "--max-tokens", "8", "--label", "host=ci", "--out", out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    CHECK(run.output.find("results: " + out.string()) != std::string::npos);
    const std::string written = test::content_of(out / "summary.json");
    const json::object summary = summary_of(out);
    CHECK(summary.at("schema").as_string() == "lmstress.summary/1");
    CHECK(summary.at("labels").as_object().at("host").as_string() == "ci");
    REQUIRE(summary.at("levels").as_array().size() == 3);
    for (const json::value& level : summary.at("levels").as_array()) {
        CHECK(count(level.as_object(), "offered") == 40);
        CHECK(count(level.as_object(), "completed") == 40);
        CHECK(level.at("tokens").at("output").to_number<int>() == 320);
    }
    const auto records = test::read_records(out);
    REQUIRE(records.size() == 120);
    std::set<std::uint64_t> indices;
    for (const auto& r : records) indices.insert(r.index);
    CHECK(*indices.begin() == 0);
    CHECK(*indices.rbegin() == 119);

    std::filesystem::remove(out / "summary.json");
    const auto report = test::run_lmstress({"report", out});
    CHECK(report.exit_code == 0);
    CHECK(test::content_of(out / "summary.json") == written);
    // And it shows the same table.
    const auto table_of = [](const std::string& s) {
        const std::size_t from = s.find("lmstress 0");
        return s.substr(from, s.find("\n\n", s.find("streams")) - from);
    };
    CHECK(table_of(report.output) == table_of(run.output));
}

TEST_CASE(
    "run: kill -9 in the middle loses no request that had ended, and report makes the best of it") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    test::child_process run{{LMSTRESS_BINARY, "run", "--url", sim.url(), "--concurrency", "2",
                             "--duration", "60s", "--warmup", "0", "--max-tokens", "4", "--out",
                             out}};
    run.wait_for_output("level 1");
    test::wait_for_lines(out, "requests.jsonl", 20);
    run.signal(SIGKILL);
    CHECK(run.wait() == 128 + SIGKILL);
    CHECK_FALSE(std::filesystem::exists(out / "summary.json"));
    // As if the last write had been cut as well.
    const std::string whole = test::content_of(out / "requests.jsonl");
    std::filesystem::resize_file(out / "requests.jsonl", whole.size() - 10);
    const auto lines = test::lines_of(out / "requests.jsonl");

    const auto report = test::run_lmstress({"report", out});
    CAPTURE(report.output);
    CHECK(report.exit_code == 0);
    CHECK(report.output.find("did not come to its end") != std::string::npos);
    const json::object summary = summary_of(out);
    const json::object& level = summary.at("levels").as_array().at(0).as_object();
    CHECK(count(level, "offered") == lines.size() - 1);
    CHECK(summary.at("run").at("exit_code").is_null());
    CHECK(level.at("throughput").at("output_tokens_per_second").to_number<double>() > 0);
    const std::string first = test::content_of(out / "summary.json");
    CHECK(test::run_lmstress({"report", out}).exit_code == 0);
    CHECK(test::content_of(out / "summary.json") == first);
}

TEST_CASE(
    "run: Ctrl-C once waits for the requests in flight, twice cuts them; both write results") {
    for (const int presses : {1, 2}) {
        CAPTURE(presses);
        test::simulator sim{{"--step-base", presses == 1 ? "5ms" : "200ms"}};
        const test::temporary_directory directory;
        const auto out = directory.path() / "result";
        test::child_process run{{LMSTRESS_BINARY, "run", "--url", sim.url(), "--concurrency", "2,4",
                                 "--duration", "60s", "--warmup", "0", "--max-tokens",
                                 presses == 1 ? "8" : "2000", "--out", out}};
        run.wait_for_output("level 1");
        if (presses == 1) test::wait_for_lines(out, "requests.jsonl", 4);
        run.signal(SIGINT);
        run.wait_for_output("waiting for the requests in flight");
        if (presses == 2) run.signal(SIGINT);
        CHECK(run.wait() == 130);
        const json::object summary = summary_of(out);
        REQUIRE(summary.at("levels").as_array().size() == 1);
        const json::object& level = summary.at("levels").as_array().at(0).as_object();
        CHECK(summary.at("run").at("exit_code").to_number<int>() == 130);
        CHECK(count(level, "offered") == test::lines_of(out / "requests.jsonl").size());
        CHECK(count(level, presses == 1 ? "completed" : "censored") == count(level, "offered"));
        const std::string written = test::content_of(out / "summary.json");
        CHECK(test::run_lmstress({"report", out}).exit_code == 0);
        CHECK(test::content_of(out / "summary.json") == written);
    }
}

TEST_CASE("run: the right token is let in, none and a wrong one are told which variable it is") {
    test::simulator sim{{"--api-token", "sk-lm-right", "--step-base", "1ms"}};
    const test::temporary_directory directory;
    const std::vector<std::string> arguments = {"run",        "--url", sim.url(),
                                                "--requests", "2",     "--max-tokens",
                                                "2",          "--out", directory.path() / "result"};
    for (const char* token : {"LM_API_TOKEN=", "LM_API_TOKEN=sk-lm-wrong"}) {
        const auto refused = test::run_lmstress(arguments, {token});
        CHECK(refused.exit_code == 3);
        CHECK(refused.output.find("LM_API_TOKEN") != std::string::npos);
        CHECK(refused.output.find("sk-lm") == std::string::npos);
    }
    const auto run = test::run_lmstress(arguments, {"LM_API_TOKEN=sk-lm-right"});
    CHECK(run.exit_code == 0);
    // A flag wins over the variable, whichever it is; a header is one way more.
    std::ofstream{directory.path() / "token"} << "sk-lm-right\n";
    for (const std::vector<std::string>& given :
         {std::vector<std::string>{"--api-token", "sk-lm-right"},
          {"--api-token-file", directory.path() / "token"}}) {
        auto more = arguments;
        more.back() = directory.path() / given.front();
        more.insert(more.end(), given.begin(), given.end());
        CHECK(test::run_lmstress(more, {"LM_API_TOKEN=sk-lm-wrong"}).exit_code == 0);
    }
    auto more = arguments;
    more.back() = directory.path() / "header";
    more.insert(more.end(), {"--header", "Authorization: Bearer sk-lm-right"});
    CHECK(test::run_lmstress(more, {"LM_API_TOKEN="}).exit_code == 0);
    CHECK(test::content_of(directory.path() / "header" / "summary.json").find("sk-lm") ==
          std::string::npos);
    const auto bad = test::run_lmstress({"run", "--header", "secret-without-colon"});
    CHECK(bad.exit_code == 2);
    CHECK(bad.output.find("secret") == bad.output.find("secret.\n"));  // the word, not the value
    for (const auto& entry : std::filesystem::directory_iterator(directory.path() / "result")) {
        CHECK(test::content_of(entry.path()).find("sk-lm-right") == std::string::npos);
    }
}

TEST_CASE("run: what cannot work is one sentence and an exit code") {
    const test::temporary_directory directory;
    const auto nothing = test::run_lmstress({"run", "--url", "http://127.0.0.1:1"});
    CHECK(nothing.exit_code == 3);
    CHECK(nothing.output.starts_with("lmstress: no server answers at http://127.0.0.1:1"));
    CHECK(test::run_lmstress({"run", "--concurrency", "0"}).exit_code == 2);
    CHECK(test::run_lmstress({"run", "--duration", "5parsecs"}).exit_code == 2);
    CHECK(test::run_lmstress({"run", "--prompts", "/nowhere"}).exit_code == 2);
    CHECK(test::run_lmstress({"run", "--url", "ftp://x"}).exit_code == 2);
    CHECK(test::run_lmstress({"report", directory.path()}).exit_code == 2);
    CHECK(test::run_lmstress({}).exit_code == 2);
    CHECK(test::run_lmstress({"--version"}).exit_code == 0);
}

TEST_CASE("run: a directory that holds a result is never written over") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const std::vector<std::string> arguments = {"run",        "--url", sim.url(),
                                                "--requests", "2",     "--max-tokens",
                                                "2",          "--out", directory.path()};
    CHECK(test::run_lmstress(arguments).exit_code == 0);  // empty: taken
    const std::string before = test::content_of(directory.path() / "summary.json");
    const auto again = test::run_lmstress(arguments);
    CHECK(again.exit_code == 2);
    CHECK(again.output.find("holds a result already") != std::string::npos);
    CHECK(test::content_of(directory.path() / "summary.json") == before);
}

TEST_CASE("run: too few files for the streams is said before the load") {
    test::simulator sim{fast};
    test::child_process run{{"sh", "-c",
                             "ulimit -n 100; exec " LMSTRESS_BINARY " run --url " + sim.url() +
                                 " --concurrency 200 --requests 200"}};
    CHECK(run.wait() == 2);
    CHECK(run.output().find("200 streams need 232 open files, and this process may have 100") !=
          std::string::npos);
}

TEST_CASE("run: one request, shown with its moments in the journal") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--requests", "1", "--prompt", "Say hello.",
                            "--max-tokens", "5", "--events", "--out", out});
    REQUIRE(run.exit_code == 0);
    const auto records = test::read_records(out);
    REQUIRE(records.size() == 1);
    using lmstress::moment;
    const auto& r = records.front();
    for (const moment m :
         {moment::intended, moment::connect_start, moment::connect_end, moment::send_start,
          moment::send_end, moment::headers, moment::first_event, moment::prefill_start,
          moment::prefill_end, moment::first_token, moment::first_answer, moment::last_token,
          moment::end}) {
        CAPTURE(std::string{to_string(m)});
        CHECK(r.moments.has(m));
    }
    CHECK_FALSE(r.moments.has(moment::load_start));
    CHECK(r.event_times.size() == 5);
    CHECK(r.output_tokens == 5);
    CHECK(run.output.find("  first_token ") != std::string::npos);  // and on the screen
    CHECK(r.kernel_stamps + r.user_stamps > 0);
}

TEST_CASE("run: every address of a name is tried") {
    // localhost is ::1 as well wherever IPv6 is there, and the simulator listens on 127.0.0.1
    // alone.
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const std::string port = sim.url().substr(sim.url().rfind(':'));
    const auto run = test::run_lmstress({"run", "--url", "http://localhost" + port, "--requests",
                                         "4", "--concurrency", "2", "--max-tokens", "2", "--out",
                                         directory.path() / "result"});
    CAPTURE(run.output);
    CHECK(run.exit_code == 0);
}

TEST_CASE("run: a server that dies is not asked a thousand times a second, and the run goes on") {
    auto sim = std::make_unique<test::simulator>(fast);
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    test::child_process run{{LMSTRESS_BINARY, "run", "--url", sim->url(), "--concurrency", "8",
                             "--duration", "3s", "--warmup", "0", "--max-tokens", "20", "--out",
                             out}};
    run.wait_for_output("level 1");
    test::wait_for_lines(out, "requests.jsonl", 8);
    sim.reset();  // by SIGKILL
    CHECK(run.wait() == 4);
    const json::object summary = summary_of(out);
    const json::object& level = summary.at("levels").as_array().at(0).as_object();
    CHECK(count(level, "failed") >= 8);
    // Pauses of 100, 200, 400 ... ms: at most some six tries a worker in three seconds.
    CHECK(level.at("errors").as_object().at("connect").at("count").to_number<int>() <= 8 * 6);
    CHECK(count(level, "offered") == test::lines_of(out / "requests.jsonl").size());
}

TEST_CASE("sim: stopped while it streams, it ends in order") {
    test::simulator sim{{"--step-base", "20ms"}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    test::child_process run{{LMSTRESS_BINARY, "run", "--url", sim.url(), "--concurrency", "4",
                             "--duration", "2s", "--warmup", "0", "--max-tokens", "1000", "--out",
                             out}};
    run.wait_for_output("level 1");
    test::wait_for_lines(out, "run.jsonl", 2);
    CHECK(sim.stop() == 0);
    run.wait();
    CHECK(summary_of(out).at("levels").as_array().size() == 1);
}

TEST_CASE("run: a closed standard output is an error, but the results are there") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    test::child_process run{{"sh", "-c",
                             LMSTRESS_BINARY " run --url " + sim.url() + " --requests 2 --out " +
                                 out.string() + " >/dev/full"}};
    CHECK(run.wait() == 1);
    CHECK(run.output().find("cannot write to standard output") != std::string::npos);
    CHECK(summary_of(out).at("levels").as_array().size() == 1);
}

TEST_CASE("run: a cold model is loaded, and its time kept apart") {
    test::simulator sim{{"--cold", "--load-seconds", "0.3", "--step-base", "2ms"}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--model", "qwen/qwen3-4b", "--concurrency",
                            "0.5x,2x", "--requests", "8", "--max-tokens", "4", "--out", out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    const json::object summary = summary_of(out);
    // What the server says of its slots is known once the model is there.
    const json::array& levels = summary.at("levels").as_array();
    CHECK(levels.at(0).at("server").at("parallel").at("confirmed").to_number<int>() == 4);
    CHECK(levels.at(0).at("concurrency").to_number<int>() == 2);
    CHECK(levels.at(1).at("concurrency").to_number<int>() == 8);
    const json::value& metrics = summary.at("levels").as_array().at(0).at("metrics");
    CHECK(metrics.at("load_ms").at("count").to_number<int>() == 1);
    CHECK(metrics.at("load_ms").at("p50").to_number<double>() >= 250);
}

TEST_CASE("run: multiples of slots that nobody knows are refused, and the context is doubted") {
    test::simulator sim{{"--context-length", "600", "--step-base", "1ms"}};
    const test::temporary_directory directory;
    const auto run = test::run_lmstress({"run", "--url", sim.url(), "--concurrency", "1x",
                                         "--requests", "4", "--synthetic", "fixed:100",
                                         "--max-tokens", "200", "--out", directory.path() / "a"});
    CAPTURE(run.output);
    CHECK(run.output.find("4 at once with up to about 300 tokens each need 1200 tokens of context, "
                          "and the server has 600") != std::string::npos);
    // Of a model that the list does not hold it says nothing.
    const auto unknown = test::run_lmstress(
        {"run", "--url", sim.url(), "--model", "someone-else", "--concurrency", "2x"});
    CHECK(unknown.exit_code == 2);
    CHECK(
        unknown.output.find("the server does not say how many slots it has, so --concurrency 2x") !=
        std::string::npos);
}

TEST_CASE("run: 1,000 concurrent streams at 20 events/s without an error in under 150 MB") {
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    test::simulator sim{{"--parallel", "1000", "--context-length", "10000000", "--step-base",
                         "50ms", "--step-per-stream", "0", "--prefill-per-token", "0",
                         "--prefill-chunk", "1000000"}};
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--concurrency", "1000", "--warmup", "1s",
                            "--duration", "4s", "--max-tokens", "40", "--out", out});
    CAPTURE(run.output);
    CHECK(run.exit_code == 0);
    const json::object summary = summary_of(out);
    const json::object& level = summary.at("levels").as_array().at(0).as_object();
    CHECK(count(level, "completed") == count(level, "offered"));
    CHECK(count(level, "offered") >= 1000);
    const auto rss = summary.at("validity").at("client_max_rss_bytes").to_number<double>();
    const auto cpu = summary.at("validity").at("client_cpu_share").to_number<double>();
    MESSAGE("resident: ", rss / 1e6, " MB, CPU: ", cpu, " of a core, ",
            level.at("throughput").at("output_tokens_per_second").to_number<double>(), " tokens/s");
    if (!test::sanitized) CHECK(rss < 150e6);
}

TEST_CASE("lmstress starts in under 30 ms") {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        REQUIRE(test::run_lmstress({"--version"}).exit_code == 0);
        best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
    }
    MESSAGE("starts and ends in ", static_cast<double>(best.count()) / 1e6, " ms");
    if (!test::sanitized) CHECK(best < std::chrono::milliseconds{30});
}

TEST_CASE("run: --n-parallel is brought into force by loading the model so, and read back") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const auto run_with = [&](const std::string& out, const std::string& parallel) {
        const auto run = test::run_lmstress({"run", "--url", sim.url(), "--n-parallel", parallel,
                                             "--concurrency", "8", "--requests", "16",
                                             "--max-tokens", "4", "--out", directory.path() / out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        return summary_of(directory.path() / out)
            .at("levels")
            .as_array()
            .at(0)
            .at("server")
            .as_object();
    };
    const json::object two = run_with("two", "2");
    CHECK(two.at("parallel").at("requested").to_number<int>() == 2);
    CHECK(two.at("parallel").at("confirmed").to_number<int>() == 2);
    CHECK(two.at("context_length").at("confirmed").to_number<int>() == 8192);
    CHECK(run_with("eight", "8").at("parallel").at("confirmed").to_number<int>() == 8);
    // One instance, not key:2: the old one was unloaded first.
    const auto port =
        static_cast<std::uint16_t>(std::stoi(sim.url().substr(sim.url().rfind(':') + 1)));
    CHECK(test::fetch(port, "/api/v1/models").find("qwen/qwen3-4b:2") == std::string::npos);
}
