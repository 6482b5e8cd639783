// Settings from files, the environment and flags, as the program itself finds them.

#include "support/child_process.hpp"
#include "support/fetch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// A directory that the program is started in, and the user's configuration beside it.
class place {
  public:
    void write(const std::string& file, const std::string& text) const {
        const fs::path path = directory_.path() / file;
        fs::create_directories(path.parent_path());
        std::ofstream{path} << text;
    }
    test::finished run(const std::string& arguments,
                       std::vector<std::string> environment = {}) const {
        const std::string work = directory_.path() / "work";
        fs::create_directories(work);
        environment.push_back("XDG_CONFIG_HOME=" + (directory_.path() / "etc").string());
        test::child_process child{
            {"/bin/sh", "-c", "cd " + work + " && exec " LMSTRESS_BINARY " " + arguments},
            environment};
        const int code = child.wait();
        return {code, child.output()};
    }

  private:
    test::temporary_directory directory_;
};

bool holds(const test::finished& run, const std::string& text) {
    CAPTURE(run.output);
    return run.output.find(text) != std::string::npos;
}

/// "value from" of a setting, out of what `config --json` says.
std::string setting(const test::finished& run, const std::string& pointer) {
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    const auto all = boost::json::parse(run.output);
    for (const auto& row : all.at("settings").as_array()) {
        if (row.at("pointer").as_string() != pointer) continue;
        return boost::json::serialize(row.at("value")) + ' ' + row.at("from").as_string().c_str();
    }
    return "none";
}

std::string ports(const std::string& list) {
    return R"({"lmstudio": {"host": "127.0.0.1", "ports": [)" + list + R"(]}, "benchmark": {}})";
}

}  // namespace

TEST_CASE("settings: config shows what is in effect, and where each is from") {
    const place here;
    here.write("etc/lmstress/config.json", R"({"load": {"grace": "1s", "think_time": "1s"}})");
    here.write("work/lmstress.json", R"({"load": {"think_time": "2s", "concurrency": [2, 4]}})");
    here.write("work/my.jsonc", R"({"load": {"concurrency": 8}, "target": {"model": "m"}})");
    const auto all = here.run("config my.jsonc --warmup 5s --json",
                              {"LMSTRESS_MODEL=other", "LM_API_TOKEN=sk-SECRET"});
    CHECK(setting(all, "/load/grace").ends_with("/etc/lmstress/config.json"));
    CHECK(setting(all, "/load/think_time") == "\"2s\" lmstress.json");
    CHECK(setting(all, "/load/concurrency") == "[8] my.jsonc");
    CHECK(setting(all, "/target/model") == "\"other\" LMSTRESS_MODEL");
    CHECK(setting(all, "/target/api_token") == "\"***\" LM_API_TOKEN");
    CHECK(setting(all, "/load/warmup") == "\"5s\" --warmup");
    CHECK(setting(all, "/load/duration") == "\"30s\" default");
    CHECK_FALSE(holds(all, "SECRET"));
    const auto table = here.run("config my.jsonc --warmup 5s");
    CHECK(table.output.starts_with("setting "));
    CHECK(holds(table, "target/model                 m                      my.jsonc\n"));
}

TEST_CASE("settings: a dry run and the orders about models take them too") {
    const place here;
    here.write("work/lmstress.json",
               R"({"target": {"url": "http://127.0.0.1:1", "api": "lmstudio"}})");
    const auto dry = here.run("run --dry-run", {"LMSTRESS_CONCURRENCY=3,5"});
    CHECK(dry.exit_code == 0);
    CHECK(holds(dry, "Host: 127.0.0.1:1\n"));
    CHECK(holds(dry, "levels     2 of 3, 5 streams\n"));
    CHECK(holds(here.run("models list"), "no server answers at http://127.0.0.1:1 "));
    CHECK(holds(here.run("probe"), "http://127.0.0.1:1"));
    CHECK(holds(here.run("probe", {"LMSTRESS_URL=http://127.0.0.1:2"}), "http://127.0.0.1:2"));
}

TEST_CASE(
    "settings: a variable that sets nothing is told, a wrong file is refused by its pointer") {
    const place here;
    const auto odd = here.run("run --dry-run", {"LMSTRESS_CONCURENCY=3"});
    CHECK(odd.exit_code == 0);
    CHECK(holds(odd,
                "LMSTRESS_CONCURENCY sets nothing that lmstress knows; did you mean "
                "LMSTRESS_CONCURRENCY?"));
    CHECK_FALSE(holds(here.run("run --quiet --dry-run", {"LMSTRESS_CONCURENCY=3"}), "CONCURENCY"));
    here.write("work/lmstress.json", R"({"laod": {}})");
    const auto wrong = here.run("run --dry-run");
    CHECK(wrong.exit_code == 2);
    CHECK(wrong.output ==
          "lmstress: lmstress.json: /laod is no field of a scenario\n"
          "  Did you mean /load?\n");
}

TEST_CASE("settings: of the ports of an lmstudio block the first is taken where an LLM server is") {
    const test::simulator sim;
    const test::simulator locked{{"--api-token", "good"}};
    const auto port_of = [](const test::simulator& s) {
        return s.url().substr(s.url().rfind(':') + 1);
    };
    const std::string free = std::to_string(test::free_port());
    const place here;
    here.write("work/lmstress.json", ports(free + ", " + port_of(sim)));
    const auto list = here.run("models list");
    CHECK(list.exit_code == 0);
    CHECK(holds(list, "lmstress.json: benchmark: ignored, for it is nothing of lmstress."));
    CHECK(holds(list, "qwen/qwen3-4b"));
    const auto run = here.run("run --requests 1 --max-tokens 4");
    CHECK(run.exit_code == 0);
    CHECK(holds(run, "server   " + sim.url() + ' '));
    CHECK(holds(here.run("run --dry-run"), port_of(sim) + " where none answers there"));
    // One that wants a token is an LLM server all the same.
    here.write("work/lmstress.json", ports(port_of(locked) + ", " + port_of(sim)));
    CHECK(holds(here.run("models list"), locked.url() + " wants an API token"));
    here.write("work/lmstress.json", ports(free + ", " + std::to_string(test::free_port())));
    const auto none = here.run("run --requests 1");
    CHECK(none.exit_code == 3);
    CHECK(holds(none, "no LLM server answers at any of http://127.0.0.1:" + free + ", http://"));
}
