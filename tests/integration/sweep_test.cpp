// lmstress sweep as a user meets it: settings of a server, an interruption, and what is printed.

#include "support/child_process.hpp"
#include "support/flowing.hpp"
#include "support/json_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
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

const std::vector<std::string> quick = {"--duration", "400ms",        "--warmup",
                                        "50ms",       "--max-tokens", "8"};
const std::string own_sim = std::string{LMSTRESS_BINARY} +
                            " sim --port {port} --step-base 2ms --step-per-stream 100us "
                            "--prefill-per-token 0 --parallel {parallel}";

std::vector<std::string> with_quick(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), quick.begin(), quick.end());
    return arguments;
}

bool says(const test::finished& f, const std::string& text) {
    return test::flowing(f.output).find(test::flowing(text)) != std::string::npos;
}

json::value sweep_json(const fs::path& out) {
    return json::parse(test::content_of(out / "sweep.json"));
}

}  // namespace

TEST_CASE("sweep: LM Studio's settings, loaded one after another, read back, and in a table") {
    test::simulator sim{{"--step-base", "2ms", "--step-per-stream", "100us"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    const auto run = test::run_lmstress(
        with_quick({"sweep", "--url", sim.url(), "--parallel", "1,2", "--unified-kv", "on,off",
                    "--concurrency", "1x,2x", "--slo", "ttft<500ms", "--out", out}));
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    CHECK(says(run,
               "8 cells: 4 settings of the server, 2 loads, 1 run of each; about 3.6 s of "
               "measuring, and 4 times the server comes to a setting."));
    CHECK(says(run, "throughput, output tokens/s"));
    CHECK(says(run, "parallel 2, unified KV off"));
    CHECK(says(run, "Best: parallel 2"));
    const json::value all = sweep_json(out);
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/sweep.schema.json")};
    CHECK(schema.error_in(all) == "");
    for (const auto& m : schema.without_each_required(all)) {
        CAPTURE(m.missing);
        CHECK_FALSE(schema.error_in(m.value).empty());
    }
    for (const json::value& c : all.at("cells").as_array()) {
        CHECK(c.at("server").at("parallel").at("confirmed") ==
              c.at("server").at("parallel").at("requested"));
        CHECK(c.at("server").at("unified_kv").at("confirmed") ==
              c.at("server").at("unified_kv").at("requested"));
        CHECK(fs::exists(out / c.at("directory").as_string().c_str() / "summary.json"));
        CHECK(fs::exists(out / c.at("directory").as_string().c_str() / "waterfall.txt"));
    }
    for (const json::value& p : all.at("parallelism").as_array()) {
        CHECK(p.at("shown") == p.at("set"));
    }
    // A cell is an ordinary result.
    const auto report = test::run_lmstress({"report", out / "cells" / "001"});
    CHECK(report.exit_code == 0);
}

TEST_CASE("sweep: a server's command, and a setting that it has no place for") {
    const test::temporary_directory directory;
    const auto run = test::run_lmstress(with_quick(
        {"sweep", "--server-command", own_sim, "--parallel", "1,3", "--concurrency", "2x", "--runs",
         "2", "--order", "palindromic", "--out", directory.path() / "out"}));
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    CHECK(says(run, "±"));
    const json::value all = sweep_json(directory.path() / "out");
    CHECK(all.at("cells").as_array().size() == 4);
    CHECK(all.at("table").at(0).at("figures").at("ttft_p50_ms").at("runs").to_number<int>() == 2);
    const auto none = test::run_lmstress(with_quick(
        {"sweep", "--server-command", own_sim, "--unified-kv", "on,off", "--n-parallel", "2"}));
    CHECK(none.exit_code == 2);
    CHECK(says(none, "--server-command has no {kv_flag} to put it in"));
}

TEST_CASE("sweep: a setting that did not take effect is exit code 5, and said") {
    const test::temporary_directory directory;
    const std::string stubborn =
        std::string{LMSTRESS_BINARY} +
        " sim --port {port} --step-base 2ms --parallel 2 --ignore-load-config "
        "--model m{parallel}";
    const auto run = test::run_lmstress(
        with_quick({"sweep", "--server-command", stubborn, "--api", "openai-chat", "--parallel",
                    "2,4", "--concurrency", "8", "--out", directory.path() / "out"}));
    CAPTURE(run.output);
    CHECK(run.exit_code == 5);
    CHECK(says(run, "NOT IN FORCE"));
}

TEST_CASE("sweep: one that was interrupted goes on where it stopped") {
    test::simulator sim{{"--step-base", "2ms"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    const std::vector<std::string> arguments =
        with_quick({"sweep", "--url", sim.url(), "--parallel", "1,2,3", "--concurrency", "1x,2x"});
    std::vector<std::string> command{LMSTRESS_BINARY};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"--out", out});
    test::child_process first{command};
    first.wait_for_output("[4/6]");
    first.signal(SIGINT);
    CHECK(first.wait() == 130);
    CAPTURE(first.output());
    CHECK(first.output().find("goes on") != std::string::npos);
    const auto before = fs::last_write_time(fs::path{out} / "cells" / "001" / "summary.json");
    std::vector<std::string> again = arguments;
    again.insert(again.end(), {"--resume", out});
    const auto second = test::run_lmstress(again);
    CAPTURE(second.output);
    CHECK(second.exit_code == 0);
    CHECK(says(second, "of these are there already"));
    CHECK(sweep_json(out).at("cells").as_array().size() == 6);
    CHECK(fs::last_write_time(fs::path{out} / "cells" / "001" / "summary.json") == before);
    // Another sweep does not go on there.
    std::vector<std::string> other = arguments;
    other.insert(other.end(), {"--seed", "7", "--resume", out});
    const auto refused = test::run_lmstress(other);
    CHECK(refused.exit_code == 2);
    CHECK(says(refused, "holds a sweep of other settings, loads or requests"));
}

TEST_CASE(
    "sweep: one that was ended while its first model was loaded goes on with the same model") {
    test::simulator sim{{"--step-base", "2ms", "--load-seconds", "1"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    const std::vector<std::string> arguments =
        with_quick({"sweep", "--url", sim.url(), "--parallel", "1,2", "--concurrency", "2"});
    std::vector<std::string> command{LMSTRESS_BINARY};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"--out", out});
    test::child_process first{command};
    first.wait_for_output("loading the model");
    first.signal(SIGINT);
    CHECK(first.wait() == 130);
    CHECK(first.output().find("the model is qwen/qwen3-4b") != std::string::npos);
    // Meanwhile the user works with another one.
    REQUIRE(test::run_lmstress({"models", "unload", "--all", "--url", sim.url()}).exit_code == 0);
    REQUIRE(
        test::run_lmstress({"models", "load", "google/gemma-3-1b", "--url", sim.url()}).exit_code ==
        0);
    std::vector<std::string> again = arguments;
    again.insert(again.end(), {"--resume", out});
    const auto second = test::run_lmstress(again);
    CAPTURE(second.output);
    CHECK(second.exit_code == 0);
    for (const char* cell : {"001", "002"}) {
        const json::value summary =
            json::parse(test::content_of(fs::path{out} / "cells" / cell / "summary.json"));
        CHECK(summary.at("levels").at(0).at("target").at("model").as_string() == "qwen/qwen3-4b");
    }
}

TEST_CASE("sweep: a cell whose result is gone is measured again, and that is said") {
    test::simulator sim{{"--step-base", "2ms"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    std::vector<std::string> arguments =
        with_quick({"sweep", "--url", sim.url(), "--concurrency", "1,2"});
    std::vector<std::string> first = arguments;
    first.insert(first.end(), {"--out", out});
    REQUIRE(test::run_lmstress(first).exit_code == 0);
    const auto kept = fs::last_write_time(out / "cells" / "002" / "summary.json");
    fs::remove_all(out / "cells" / "001");
    arguments.insert(arguments.end(), {"--resume", out});
    const auto again = test::run_lmstress(arguments);
    CAPTURE(again.output);
    CHECK(again.exit_code == 0);
    CHECK(says(
        again,
        "its result in cells/001 is not there, or not whole, any longer, so it is measured again"));
    CHECK(fs::exists(out / "cells" / "001" / "summary.json"));
    CHECK(fs::last_write_time(out / "cells" / "002" / "summary.json") == kept);
    CHECK(sweep_json(out).at("cells").as_array().size() == 2);
}

TEST_CASE("sweep: a server that goes away in the middle ends it with 3, and its cell is not kept") {
    test::simulator sim{{"--step-base", "2ms"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    test::child_process sweep{{LMSTRESS_BINARY, "sweep", "--url", sim.url(), "--concurrency",
                               "1,2,3", "--duration", "2s", "--warmup", "50ms", "--max-tokens", "8",
                               "--out", out}};
    sweep.wait_for_output("[2/3]");
    sim.stop();
    CHECK(sweep.wait() == 3);
    CAPTURE(sweep.output());
    CHECK(sweep.output().find("is gone: it accepts no connection any longer") != std::string::npos);
    CHECK(sweep.output().find("[3/3]") == std::string::npos);
    CHECK(sweep_json(out).at("cells").as_array().size() == 1);
}

TEST_CASE("sweep: models one after another, and a cold one whose load is apart from TTFT") {
    test::simulator sim{{"--step-base", "2ms"}};
    const test::temporary_directory directory;
    const auto run =
        test::run_lmstress({"sweep", "--url", sim.url(), "--models", "all", "--type", "llm",
                            "--limit", "2", "--cold", "--concurrency", "1", "--requests", "4",
                            "--max-tokens", "4", "--out", directory.path() / "out"});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    const json::value all = sweep_json(directory.path() / "out");
    for (const json::value& c : all.at("cells").as_array()) {
        const json::value& v = all.at("variants").at(c.at("variant").to_number<std::size_t>());
        CAPTURE(json::serialize(v));
        const json::value& load = c.at("phases_mean_ms").at("load");
        CHECK((load.to_number<double>() > 0) == v.at("cold").as_bool());
        CHECK(c.at("figures").at("load_p50_ms").is_null() != v.at("cold").as_bool());
    }
}

TEST_CASE("sweep: each model is alone in memory, and what was there before is told") {
    test::simulator sim{{"--step-base", "2ms", "--load-seconds", "0.1"}};
    const test::temporary_directory directory;
    const auto run = test::run_lmstress(
        with_quick({"sweep", "--url", sim.url(), "--models", "google/gemma-3-1b,google/gemma-3-4b",
                    "--concurrency", "1", "--out", directory.path() / "out"}));
    CAPTURE(run.output);
    CHECK(run.exit_code == 0);
    CHECK(says(run, "unloading qwen/qwen3-4b, which was in memory: each model is measured alone"));
    const auto left =
        test::run_lmstress({"models", "list", "--only-loaded", "--json", "--url", sim.url()});
    CHECK_FALSE(says(left, "qwen/qwen3-4b"));
    CHECK_FALSE(says(left, "gemma"));
}

TEST_CASE("sweep: said before anything is sent, and refused where there is nothing to sweep over") {
    const auto plan = test::run_lmstress(
        with_quick({"sweep", "--parallel", "1,2", "--concurrency", "1x,2x", "--dry-run"}));
    CAPTURE(plan.output);
    CHECK(plan.exit_code == 0);
    CHECK(says(plan, "4 cells: 2 settings of the server, 2 loads"));
    const auto cold = test::run_lmstress(
        {"sweep", "--parallel", "1,2", "--cold", "--concurrency", "1", "--dry-run"});
    CHECK(cold.exit_code == 2);
    CHECK(says(cold, "so \"parallel 1, cold\" cannot be measured"));
    const auto beside = test::run_lmstress({"sweep", "--setting", "parallel=8", "--setting",
                                            "parallel=4", "--unified-kv", "on", "--dry-run"});
    CHECK(beside.exit_code == 2);
    CHECK(says(beside, "--unified-kv beside it would have no effect"));
    const auto nothing = test::run_lmstress({"sweep", "--concurrency", "4"});
    CHECK(nothing.exit_code == 2);
    CHECK(says(nothing, "nothing to sweep over"));
}

TEST_CASE("sweep: interrupted while a model is loaded it shows what there is, and how it goes on") {
    test::simulator sim{{"--step-base", "2ms", "--load-seconds", "2"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    std::vector<std::string> command{LMSTRESS_BINARY};
    for (const std::string& word : with_quick({"sweep", "--url", sim.url(), "--parallel", "1,2",
                                               "--concurrency", "2", "--out", out})) {
        command.push_back(word);
    }
    test::child_process sweep{command};
    const std::string loading = "loading the model";
    sweep.wait_for_output([&](const std::string& said) {
        const std::size_t first = said.find(loading);
        return first != std::string::npos && said.find(loading, first + 1) != std::string::npos;
    });
    sweep.signal(SIGINT);
    CHECK(sweep.wait() == 130);
    CAPTURE(sweep.output());
    CHECK(sweep.output().find("throughput, output tokens/s") != std::string::npos);
    CHECK(sweep.output().find("--resume " + out.string() + " goes on") != std::string::npos);
    const json::value all = sweep_json(out);
    CHECK(all.at("cells").as_array().size() == 1);
    CHECK(all.at("exit_code").to_number<int>() == 130);
}

TEST_CASE("sweep: several APIs, and a place beside the one that it goes on in, are refused") {
    const auto several = test::run_lmstress(
        {"sweep", "--parallel", "1,2", "--api", "openai-chat,lmstudio", "--concurrency", "2"});
    CHECK(several.exit_code == 2);
    CHECK(says(several, "a sweep is that of one API, and --api names several"));
    const auto place = test::run_lmstress(
        {"sweep", "--parallel", "1,2", "--concurrency", "2", "--resume", "a", "--out", "b"});
    CHECK(place.exit_code == 2);
    CHECK(says(place, "--out has no effect beside --resume"));
}

TEST_CASE("sweep: a threshold that fails is named, and a model's path may have a blank") {
    const test::temporary_directory directory;
    const fs::path own = directory.path() / "a server";
    fs::create_symlink(LMSTRESS_BINARY, own);
    const auto run = test::run_lmstress(
        with_quick({"sweep", "--server-command",
                    "{model} sim --port {port} --step-base 2ms --prefill-per-token 1us", "--models",
                    own.string(), "--concurrency", "1,2", "--threshold", "ttft_ms.p50 < 0.1",
                    "--out", directory.path() / "out"}));
    CAPTURE(run.output);
    CHECK(run.exit_code == 4);
    CHECK(says(run, "Threshold: ttft_ms.p50 < 0.1 fails in 2 of 2 cells"));
    CHECK(says(run, "--prefill-per-token 1us"));
}

TEST_CASE("sweep: a load setting that did not take effect is exit code 5, then and in its report") {
    test::simulator sim{{"--step-base", "2ms", "--ignore-load-config"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    std::vector<std::string> arguments =
        with_quick({"sweep", "--url", sim.url(), "--load-field", "flash_attention=true,false",
                    "--concurrency", "2"});
    std::vector<std::string> first = arguments;
    first.insert(first.end(), {"--out", out});
    const auto run = test::run_lmstress(first);
    CAPTURE(run.output);
    CHECK(run.exit_code == 5);
    CHECK(says(run,
               "NOT IN FORCE flash_attention false, 2 streams: the server says flash_attention is "
               "true, not false."));
    CHECK(says(run, "Best: flash_attention true has the most output"));
    const json::value all = sweep_json(out);
    for (const json::value& c : all.at("cells").as_array()) {
        const bool asked_false = c.at("variant").to_number<int>() == 1;
        CHECK(c.at("not_in_force").as_array().size() == (asked_false ? 1 : 0));
    }
    // Markdown, where an underscore is no text.
    CHECK(says(test::run_lmstress({"report", out}), "the server says flash\\_attention is true"));
    arguments.insert(arguments.end(), {"--resume", out});
    const auto again = test::run_lmstress(arguments);
    CAPTURE(again.output);
    CHECK(again.exit_code == 5);
    CHECK(says(again, "all of them are there already"));
    CHECK(says(again, "NOT IN FORCE"));
}

TEST_CASE(
    "sweep: a setting that the server does not know is left out, and no result has its name") {
    test::simulator sim{{"--step-base", "2ms"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    const auto run = test::run_lmstress(
        with_quick({"sweep", "--url", sim.url(), "--setting", "bogus_field=nonsense", "--setting",
                    "unified_kv=on,bogus_field=1", "--setting", "parallel=2", "--concurrency", "2",
                    "--out", out}));
    CAPTURE(run.output);
    CHECK(run.exit_code == 3);
    CHECK(says(run, "the setting 'bogus_field \"nonsense\"' was not measured: "));
    CHECK(says(run, "the setting \"unified KV on, bogus_field 1\" was not measured: "));
    const json::value all = sweep_json(out);
    REQUIRE(all.at("cells").as_array().size() == 1);
    CHECK(all.at("cells").at(0).at("variant").to_number<int>() == 2);
}

TEST_CASE("sweep: a damaged result is measured again, and a dry run says what is left") {
    test::simulator sim{{"--step-base", "2ms"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    std::vector<std::string> arguments =
        with_quick({"sweep", "--url", sim.url(), "--concurrency", "1,2,3"});
    std::vector<std::string> first = arguments;
    first.insert(first.end(), {"--out", out});
    REQUIRE(test::run_lmstress(first).exit_code == 0);
    const fs::path requests = out / "cells" / "001" / "requests.jsonl";
    fs::resize_file(requests, fs::file_size(requests) / 2);
    std::vector<std::string> dry = arguments;
    dry.insert(dry.end(), {"--resume", out, "--dry-run"});
    const auto plan = test::run_lmstress(dry);
    CAPTURE(plan.output);
    CHECK(plan.exit_code == 0);
    CHECK(says(plan, "1 left to do, about 0.45 s of measuring, and 1 time the server comes"));
    CHECK(says(plan, "its result in cells/001 is not there, or not whole, any longer"));
    const std::size_t listed = plan.output.find("\n  server as it is, ");
    REQUIRE(listed != std::string::npos);
    CHECK(plan.output.find("\n  server as it is, ", listed + 1) == std::string::npos);
    arguments.insert(arguments.end(), {"--resume", out});
    const auto again = test::run_lmstress(arguments);
    CAPTURE(again.output);
    CHECK(again.exit_code == 0);
    CHECK(says(again, "2 cells of these are there already"));
    CHECK(sweep_json(out).at("cells").as_array().size() == 3);
    const auto none = test::run_lmstress({"sweep", "--concurrency", "1,2", "--dry-run", "--resume",
                                          (directory.path() / "empty").string()});
    CHECK(none.exit_code == 2);
    CHECK(says(none, "holds no sweep: it has no sweep.jsonl"));
}

TEST_CASE("sweep: a server of one's own that ends in a cell takes that cell with it") {
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    const fs::path pid = directory.path() / "pid";
    const fs::path script = directory.path() / "server.sh";
    std::ofstream{script} << "if [ \"$1\" = 1 ]; then echo $$ > " << pid.string() << "; fi\nexec "
                          << LMSTRESS_BINARY << " sim --port $2 --step-base 2ms\n";
    // As many requests complete as it takes for a run that is fine, were its server still there.
    test::child_process sweep{{LMSTRESS_BINARY,
                               "sweep",
                               "--server-command",
                               "sh " + script.string() + " {parallel} {port}",
                               "--parallel",
                               "1,2",
                               "--order",
                               "palindromic",
                               "--runs",
                               "2",
                               "--concurrency",
                               "2",
                               "--duration",
                               "2s",
                               "--warmup",
                               "50ms",
                               "--max-tokens",
                               "4",
                               "--max-error-rate",
                               "1",
                               "--out",
                               out}};
    sweep.wait_for_output("level 1: 2 streams");
    test::wait_for_lines(out / "cells" / "001", "requests.jsonl", 20);
    ::kill(std::stoi(test::content_of(pid)), SIGTERM);
    CHECK(sweep.wait() == 3);
    const std::string said = test::flowing(sweep.output());
    CAPTURE(said);
    CHECK(said.find("parallel 1, 2, run 1 was not measured: the server at ") != std::string::npos);
    CHECK(said.find("The other settings are measured") != std::string::npos);
    const json::value all = sweep_json(out);
    REQUIRE(all.at("cells").as_array().size() == 3);
    CHECK(all.at("cells").at(0).at("variant").to_number<int>() == 1);
}
