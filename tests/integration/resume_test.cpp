// --resume of lmstress sweep and capacity: on what it goes on, and what it refuses.

#include "support/child_process.hpp"
#include "support/flowing.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

using words = std::vector<std::string>;

bool says(const std::string& output, const std::string& text) {
    return test::flowing(output).find(test::flowing(text)) != std::string::npos;
}

words joined(words a, const words& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// A capacity search or a sweep that may be interrupted, and go on.
class resumable {
  public:
    explicit resumable(words arguments) : arguments_(std::move(arguments)) {}

    /// Interrupts it as soon as it says that, and returns what it said.
    std::string interrupt_at(const std::function<bool(const std::string&)>& seen) {
        test::child_process first{
            joined({LMSTRESS_BINARY}, joined(arguments_, {"--out", out().string()}))};
        first.wait_for_output(seen);
        first.signal(SIGINT);
        CHECK(first.wait() == 130);
        return first.output();
    }
    std::string interrupt_at(const std::string& text) {
        return interrupt_at(
            [&](const std::string& said) { return said.find(text) != std::string::npos; });
    }
    test::finished resume() const {
        return test::run_lmstress(joined(arguments_, {"--resume", out().string()}));
    }
    [[nodiscard]] fs::path out() const { return directory_.path() / "out"; }
    [[nodiscard]] fs::path beside(const char* name) const { return directory_.path() / name; }
    void add(const words& further) { arguments_ = joined(arguments_, further); }

  private:
    test::temporary_directory directory_;
    words arguments_;
};

words sweep_of(const std::string& url, const words& further) {
    return joined({"sweep", "--url", url, "--concurrency", "2", "--duration", "400ms", "--warmup",
                   "50ms", "--max-tokens", "8"},
                  further);
}

words search_of(const words& further) {
    return joined({"capacity", "--slo", "ttft<60s", "--attainment", "0.5", "--duration", "1s",
                   "--warmup", "50ms", "--max-tokens", "8", "--most", "8"},
                  further);
}

void load(const test::simulator& sim, const words& settings) {
    REQUIRE(test::run_lmstress({"models", "unload", "--all", "--url", sim.url()}).exit_code == 0);
    REQUIRE(test::run_lmstress(
                joined({"models", "load", "qwen/qwen3-4b", "--url", sim.url()}, settings))
                .exit_code == 0);
}

std::function<bool(const std::string&)> second(const std::string& text) {
    return [=](const std::string& said) {
        const std::size_t first = said.find(text);
        return first != std::string::npos && said.find(text, first + 1) != std::string::npos;
    };
}

}  // namespace

TEST_CASE("resume: a sweep that was ended while it loaded keeps what it does not set") {
    test::simulator sim{{"--step-base", "2ms", "--load-seconds", "1"}};
    load(sim, {"--context-length", "3000", "--parallel", "3"});
    resumable sweep{sweep_of(sim.url(), {"--context-lengths", "4000,6000"})};
    SUBCASE("in its second load") {
        sweep.interrupt_at(second("loading the model"));
    }
    SUBCASE("in its first load") {
        sweep.interrupt_at("loading the model");
    }
    const auto again = sweep.resume();
    CAPTURE(again.output);
    CHECK(again.exit_code == 0);
    for (const char* cell : {"001", "002"}) {
        const json::value summary =
            json::parse(test::content_of(sweep.out() / "cells" / cell / "summary.json"));
        const json::value& in_force = summary.at("levels").at(0).at("server");
        CHECK(in_force.at("parallel").at("confirmed").to_number<int>() == 3);
    }
}

TEST_CASE("resume: a sweep that loses unified KV, which it does not set, says so") {
    test::simulator sim{{"--step-base", "2ms"}};
    load(sim, {"--unified-kv", "off"});
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const auto lost = test::run_lmstress(sweep_of(
        sim.url(), {"--parallel", "1,2", "--out", out, "--order", "palindromic", "--runs", "2"}));
    CAPTURE(lost.output);
    CHECK(lost.exit_code == 0);
    CHECK(says(lost.output, "unified KV was off before the sweep, and is on now"));
}

TEST_CASE("resume: a sweep does not go on where its server has another setting") {
    test::simulator sim{{"--step-base", "2ms"}};
    load(sim, {"--context-length", "3000"});
    resumable sweep{sweep_of(sim.url(), {"--runs", "3"})};
    sweep.interrupt_at("[2/3]");
    load(sim, {"--context-length", "4000"});
    const auto again = sweep.resume();
    CAPTURE(again.output);
    CHECK(again.exit_code == 2);
    CHECK(says(again.output,
               "the server is not the one that cells/001 was measured on: it had a context length "
               "of 3000, and now has 4000"));
    CHECK_FALSE(fs::exists(sweep.out() / "cells" / "003"));
}

TEST_CASE("resume: a search does not go on where its server has other settings") {
    test::simulator sim{{"--step-base", "2ms", "--parallel", "4"}};
    resumable search{search_of({"--url", sim.url()})};
    search.interrupt_at("[run 2,");
    load(sim, {"--parallel", "1", "--context-length", "4096"});
    const auto again = search.resume();
    CAPTURE(again.output);
    CHECK(again.exit_code == 2);
    CHECK(says(again.output,
               "steps/001 was measured on: it had parallel 4, and now has 1; it had a context "
               "length of 8192, and now has 4096"));
    CHECK(says(again.output, "begin anew in another directory"));
}

TEST_CASE("resume: it is refused where a file of the requests holds something else") {
    test::simulator sim{{"--step-base", "2ms"}};
    bool sweeps = false;
    SUBCASE("a sweep") {
        sweeps = true;
    }
    SUBCASE("a search") {}
    resumable any{sweeps ? sweep_of(sim.url(), {"--runs", "3"}) : search_of({"--url", sim.url()})};
    const fs::path prompts = any.beside("prompts.jsonl");
    std::ofstream{prompts} << R"({"prompt":"One"})" << '\n';
    any.add({"--prompts", prompts.string()});
    any.interrupt_at(sweeps ? "[2/3]" : "[run 2,");
    std::ofstream{prompts} << R"({"prompt":"Another"})" << '\n';
    const auto refused = any.resume();
    CAPTURE(refused.output);
    CHECK(refused.exit_code == 2);
    CHECK(says(refused.output, "the file of /workload/prompts held something else when "));
    std::ofstream{prompts} << R"({"prompt":"One"})" << '\n';
    CHECK(any.resume().exit_code == 0);
}

TEST_CASE("resume: nobody goes on where the first process still measures") {
    test::simulator sim{{"--step-base", "2ms"}};
    resumable sweep{sweep_of(sim.url(), {"--runs", "3"})};
    sweep.interrupt_at([&](const std::string& said) {
        if (said.find("[2/3]") == std::string::npos) return false;
        const auto beside = sweep.resume();
        CHECK(beside.exit_code == 2);
        CHECK(says(beside.output, "another process goes on with"));
        return true;
    });
    CHECK(sweep.resume().exit_code == 0);
}

TEST_CASE("resume: a search whose own server does not come says what it knows") {
    const test::temporary_directory here;
    const fs::path slow = here.path() / "slow";
    // While the file is there the server takes its time to come.
    const std::string command = "sh -c 'if [ -e " + slow.string() +
                                " ]; then sleep 60; fi; exec " LMSTRESS_BINARY
                                " sim --port $0 --step-base 2ms' {port}";
    resumable search{search_of({"--server-command", command})};
    search.interrupt_at("[run 2,");
    std::ofstream{slow} << "";
    test::child_process second{joined(
        {LMSTRESS_BINARY},
        joined(search_of({"--server-command", command}), {"--resume", search.out().string()}))};
    second.wait_for_output("starting");
    second.signal(SIGINT);
    CHECK(second.wait() == 130);
    CAPTURE(second.output());
    CHECK(says(second.output(), "1 of 1 run are there already."));
    CHECK(says(second.output(), "Capacity: "));
    CHECK(says(second.output(), "--resume " + search.out().string() + " goes on"));
    CHECK_FALSE(says(second.output(), "interrupted before the run"));
}

TEST_CASE("resume: a search whose server is down says what it knows") {
    test::simulator sim{{"--step-base", "2ms"}};
    resumable search{search_of({"--url", sim.url()})};
    search.interrupt_at("[run 2,");
    sim.stop();
    const auto again = search.resume();
    CAPTURE(again.output);
    CHECK(again.exit_code == 3);
    CHECK(says(again.output, "Capacity: "));
    CHECK(says(again.output, "It ended in run 2, step "));
}

TEST_CASE("resume: a place that nothing fills, and a field that is named twice, are found first") {
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const std::string command =
        LMSTRESS_BINARY " sim --port {port} --parallel {parallel} --x {foo}";
    const auto place = test::run_lmstress({"sweep", "--server-command", command, "--parallel",
                                           "1,2", "--concurrency", "2", "--out", out});
    CAPTURE(place.output);
    CHECK(place.exit_code == 2);
    CHECK(says(place.output, "{foo}"));
    CHECK_FALSE(fs::exists(out));
    const auto twice = test::run_lmstress({"sweep", "--load-field", "x=1,2", "--load-field",
                                           "x=3,4", "--concurrency", "2", "--out", out});
    CAPTURE(twice.output);
    CHECK(twice.exit_code == 2);
    CHECK(says(twice.output, "--load-field names x twice"));
    CHECK_FALSE(fs::exists(out));
}
