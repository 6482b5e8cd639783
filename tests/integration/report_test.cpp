// `lmstress report` and `lmstress merge` over results that the program itself wrote.

#include "support/child_process.hpp"
#include "support/json_schema.hpp"
#include "support/promtool.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> quick_server() {
    return {"--parallel", "4", "--step-base", "1ms", "--step-per-stream", "0"};
}

/// A run of short answers, kept in `directory`.
void measure(const test::simulator& sim, const fs::path& directory,
             const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"run",
                                       "--url",
                                       sim.url(),
                                       "--concurrency",
                                       "2,4",
                                       "--duration",
                                       "1s",
                                       "--max-tokens",
                                       "8",
                                       "--events",
                                       "--max-read-lag",
                                       "0",
                                       "--max-event-loop-lag",
                                       "0",
                                       "--max-client-cpu",
                                       "0",
                                       "--out",
                                       directory,
                                       "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = test::run_lmstress(arguments);
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
}

bool holds(const std::string& text, const std::string& part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: every format of a run, and the table without one") {
    const test::temporary_directory here;
    const test::simulator sim{quick_server()};
    const fs::path run = here.path() / "run1";
    measure(sim, run);
    const auto file = [&](const char* name) { return (here.path() / name).string(); };
    const auto all = test::run_lmstress({"report", run, "--markdown", file("a.md"), "--csv",
                                         file("a.csv"), "--hlog", file("a.hlog"), "--trace",
                                         file("a.json"), "--prometheus", file("a.prom")});
    CAPTURE(all.output);
    REQUIRE(all.exit_code == 0);
    CHECK(holds(test::content_of(file("a.md")), "## What was tested"));
    CHECK(test::lines_of(file("a.csv")).size() == 3);
    CHECK(holds(test::content_of(file("a.hlog")), "Tag=run1.level1.ttft,"));
    CHECK(json::parse(test::content_of(file("a.json"))).at("traceEvents").as_array().size() > 20);
    CHECK(holds(test::content_of(file("a.prom")), "# TYPE lmstress_ttft_seconds summary"));
    CHECK(test::promtool_objections(test::content_of(file("a.prom"))) == "");
    const auto csv = test::run_lmstress({"report", run, "--csv", "-"});
    CHECK(csv.output == test::content_of(file("a.csv")));
    const std::string summary = test::content_of(run / "summary.json");
    const auto table = test::run_lmstress({"report", run});
    CHECK(table.exit_code == 0);
    CHECK(holds(table.output, "summary: "));
    CHECK(test::content_of(run / "summary.json") == summary);
}

TEST_CASE("report: the command in it makes the same scenario again") {
    const test::temporary_directory here;
    const test::simulator sim{quick_server()};
    const fs::path run = here.path() / "run1";
    measure(sim, run, {"--label", "host=a b"});
    const auto text = test::run_lmstress({"report", run, "--markdown", "-"});
    const std::size_t at = text.output.find("lmstress run ");
    REQUIRE(at != std::string::npos);
    std::string command = text.output.substr(at, text.output.find('\n', at) - at);
    CHECK(holds(command, "--label 'host=a b'"));
    const fs::path again = here.path() / "again";
    command = std::string{LMSTRESS_BINARY} + command.substr(8) + " --quiet --out " +
              again.string() + " > /dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
    const auto scenario_of = [](const fs::path& directory) {
        return json::parse(test::content_of(directory / "summary.json")).at("scenario");
    };
    CHECK(scenario_of(again) == scenario_of(run));
}

TEST_CASE("report: a sweep and a capacity search are found by what they left") {
    const test::temporary_directory here;
    const test::simulator sim{quick_server()};
    const fs::path sweep = here.path() / "sweep1";
    test::run_lmstress({"sweep", "--url", sim.url(), "--parallel", "2,4", "--concurrency", "1x",
                        "--duration", "500ms", "--max-tokens", "8", "--out", sweep, "--quiet"});
    const fs::path capacity = here.path() / "capacity1";
    test::run_lmstress({"capacity", "--url", sim.url(), "--slo", "ttft<5s", "--attainment", "0.5",
                        "--duration", "500ms", "--most", "2", "--max-tokens", "4", "--out",
                        capacity, "--quiet"});
    const auto both = test::run_lmstress({"report", sweep, capacity});
    CAPTURE(both.output);
    CHECK(both.exit_code == 0);
    CHECK(holds(both.output, "### sweep1, parallel 2"));
    CHECK(holds(both.output, "### capacity1"));
    CHECK(holds(both.output, "lmstress sweep --url "));
    CHECK(holds(both.output, "lmstress capacity --url "));
    const auto answer = json::parse(test::content_of(capacity / "capacity.json")).at("answer");
    CHECK(holds(both.output, "Capacity: at least 2 users"));
    CHECK(holds(std::string{answer.as_string()}, "Capacity: at least 2 users"));
    // Without a cell whose result is gone the others are what they are.
    fs::remove_all(sweep / "cells" / "001");
    const auto rest = test::run_lmstress({"report", sweep});
    CAPTURE(rest.output);
    CHECK(rest.exit_code == 0);
    CHECK(holds(rest.output, "1 of its 2 cells"));
    CHECK(holds(rest.output, "** (cut short)"));
}

TEST_CASE("report: what cannot be is refused, and nothing is written") {
    const test::temporary_directory here;
    const auto none = test::run_lmstress({"report", here.path(), "--csv", "-"});
    CHECK(none.exit_code == 2);
    CHECK(holds(none.output, "holds no result"));
    std::ofstream{here.path() / "comparison.json"} << "{}";
    const auto compared = test::run_lmstress({"report", here.path()});
    CHECK(compared.exit_code == 2);
    CHECK(holds(compared.output, "holds a comparison"));
    fs::remove(here.path() / "comparison.json");
    const auto twice = test::run_lmstress({"report", here.path(), "--csv", "-", "--hlog", "-"});
    CHECK(twice.exit_code == 2);
    CHECK(holds(twice.output, "--csv and --hlog both go to stdout"));
    // A result that somebody else wrote cannot make the program read what is not below it.
    std::ofstream{here.path() / "capacity.json"}
        << R"({"schema":"lmstress.capacity/1","scenario":{},"exit_code":0,"of":"users",)"
        << R"("objective":"","attainment":0.9,"low":null,"high":null,"out_of_time":false,)"
        << R"("steps":[{"load":1,"verdict":"holds","pieces":1,"window_seconds":1}],)"
        << R"("directories":["../../etc"]})";
    const auto outside = test::run_lmstress({"report", here.path(), "--csv", "-"});
    CHECK(outside.exit_code == 2);
    CHECK(holds(outside.output, "names a directory that is not below its own"));
}

TEST_CASE("report: a file of a result is never written over, nor a result taken twice") {
    const test::temporary_directory here;
    const test::simulator sim{quick_server()};
    const fs::path run = here.path() / "run1";
    measure(sim, run);
    for (const char* name : {"requests.jsonl", "run.jsonl", "summary.json"}) {
        CAPTURE(name);
        const std::string before = test::content_of(run / name);
        const auto refused = test::run_lmstress({"report", run, "--csv", run / name});
        CHECK(refused.exit_code == 2);
        CHECK(holds(refused.output, "would be over a file of a result"));
        CHECK(test::content_of(run / name) == before);
    }
    CHECK(test::run_lmstress({"report", run, "--csv", run / "mine.csv"}).exit_code == 0);
    const auto twice = test::run_lmstress({"report", run, run, "--csv", "-"});
    CHECK(twice.exit_code == 2);
    CHECK(holds(twice.output, "stands there twice"));
    const fs::path other = here.path() / "other" / "run1";
    fs::create_directories(other.parent_path());
    fs::copy(run, other, fs::copy_options::recursive);
    const auto both = test::run_lmstress({"report", run, other, "--prometheus", "-"});
    CHECK(test::promtool_objections(both.output) == "");
    CHECK(holds(both.output, "run=\"other/run1\""));
}

TEST_CASE("merge: what it cannot join it says") {
    const test::temporary_directory here;
    const auto one = test::run_lmstress({"merge", here.path(), "--out", here.path() / "out"});
    CHECK(one.exit_code == 2);
    CHECK(holds(one.output, "merge joins two results at least, and one was named"));
    std::ofstream{here.path() / "sweep.jsonl"} << "{}";
    const auto sweeps =
        test::run_lmstress({"merge", here.path(), here.path(), "--out", here.path() / "out"});
    CHECK(sweeps.exit_code == 2);
    CHECK(holds(sweeps.output, "holds many runs (sweep.jsonl), and merge joins single ones"));
}

TEST_CASE("report: a page, where the program has pages") {
    const test::temporary_directory here;
    const test::simulator sim{quick_server()};
    const fs::path run = here.path() / "run1";
    measure(sim, run);
    const fs::path page = here.path() / "report.html";
    const auto made = test::run_lmstress({"report", run, "--html", page});
    CAPTURE(made.output);
    if (made.exit_code == 2) {
        CHECK(holds(made.output, "was built without its pages"));
        CHECK_FALSE(fs::exists(page));
        return;
    }
    CHECK(made.exit_code == 0);
    const std::string html = test::content_of(page);
    const std::string open = "<script type=\"application/json\" id=\"lmstress-data\">";
    const std::size_t begin = html.find(open);
    REQUIRE(begin != std::string::npos);
    const std::size_t end = html.find("</script>", begin);
    const auto data = json::parse(html.substr(begin + open.size(), end - begin - open.size()));
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/report.schema.json")};
    CHECK(schema.error_in(data) == "");
}

TEST_CASE("merge: two processes beside each other become one result like any other") {
    const test::temporary_directory here;
    const test::simulator sim{quick_server()};
    const auto process = [&](const char* name, const char* seed) {
        return std::vector<std::string>{LMSTRESS_BINARY,
                                        "run",
                                        "--url",
                                        sim.url(),
                                        "--concurrency",
                                        "2",
                                        "--duration",
                                        "3s",
                                        "--warmup",
                                        "500ms",
                                        "--max-tokens",
                                        "8",
                                        "--seed",
                                        seed,
                                        "--max-read-lag",
                                        "0",
                                        "--max-event-loop-lag",
                                        "0",
                                        "--max-client-cpu",
                                        "0",
                                        "--out",
                                        (here.path() / name).string(),
                                        "--quiet"};
    };
    {
        test::child_process a{process("a", "1")};
        test::child_process b{process("b", "2")};
        CHECK(a.wait() == 0);
        CHECK(b.wait() == 0);
    }
    const fs::path both = here.path() / "both";
    const auto merged =
        test::run_lmstress({"merge", here.path() / "a", here.path() / "b", "--out", both});
    CAPTURE(merged.output);
    REQUIRE(merged.exit_code == 0);
    CHECK(holds(merged.output, "2 windows of 3.000 s are laid over one another"));
    const auto summary_of = [&](const char* name) {
        return json::parse(test::content_of(here.path() / name / "summary.json"));
    };
    const json::value sum = summary_of("both");
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/summary.schema.json")};
    CHECK(schema.error_in(sum) == "");
    CHECK(sum.at("run").at("exit_code") == json::value(0));
    CHECK(sum.at("run").at("id") != summary_of("a").at("run").at("id"));
    CHECK(sum.at("levels").at(0).at("concurrency") == json::value(4));
    CHECK(sum.at("scenario").at("load").at("concurrency") == json::array{4});
    std::int64_t offered = 0;
    double tokens = 0;
    for (const char* name : {"a", "b"}) {
        const json::value level = summary_of(name).at("levels").at(0);
        offered += level.at("requests").at("offered").to_number<std::int64_t>();
        tokens += level.at("throughput").at("output_tokens_per_second").to_number<double>();
    }
    const json::value& level = sum.at("levels").at(0);
    CHECK(level.at("requests").at("offered").to_number<std::int64_t>() == offered);
    CHECK(level.at("throughput").at("output_tokens_per_second").to_number<double>() ==
          doctest::Approx(tokens));
    // report makes of it what merge wrote, to the byte; and a result is never written over.
    const std::string before = test::content_of(both / "summary.json");
    CHECK(test::run_lmstress({"report", both}).exit_code == 0);
    CHECK(test::content_of(both / "summary.json") == before);
    CHECK(test::run_lmstress({"merge", here.path() / "a", here.path() / "b", "--out", both})
              .exit_code != 0);
    CHECK(test::content_of(both / "summary.json") == before);

    // One that was killed once its levels were over says nothing of its end.
    const fs::path journal = here.path() / "b" / "run.jsonl";
    const std::string whole = test::content_of(journal);
    const std::size_t end = whole.find("{\"event\":\"run_end\"");
    REQUIRE(end != std::string::npos);
    std::ofstream{journal} << whole.substr(0, end);
    const fs::path rest = here.path() / "rest";
    const auto killed =
        test::run_lmstress({"merge", here.path() / "a", here.path() / "b", "--out", rest});
    CAPTURE(killed.output);
    CHECK(killed.exit_code == 4);
    CHECK(holds(killed.output, (here.path() / "b").string() + ": It was killed"));
    CHECK(summary_of("rest").at("run").at("exit_code") == json::value(4));
    const std::string kept = test::content_of(rest / "summary.json");
    const auto page = test::run_lmstress({"report", rest, "--markdown", "-"});
    CHECK(page.exit_code == 0);
    CHECK(holds(page.output, "As far as it came every bound"));
    CHECK(holds(page.output, (here.path() / "b").string() + ": It was killed"));
    CHECK(test::content_of(rest / "summary.json") == kept);
}
