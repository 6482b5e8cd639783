#include "workload/scenario_json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
using texts = std::vector<std::string>;

namespace {

struct found {
    scenario values;
    workload::reading about;
};

found read(const std::string& text) {
    found f;
    const auto done = workload::read_scenario(text, "bench.json", f.values, f.about);
    CAPTURE(text);
    if (done.has_error()) FAIL(done.error().message);
    return f;
}

std::string refused(const std::string& text) {
    scenario s;
    const auto done = workload::read_scenario(text, "bench.json", s);
    REQUIRE(done.has_error());
    CHECK(done.error().code == errc::bad_file);
    return done.error().message;
}

texts urls_of(const std::string& block) {
    const auto f = read(R"({"lmstudio": )" + block + '}');
    texts all = f.values.target.further_urls;
    all.insert(all.begin(), f.values.target.url);
    return all;
}

}  // namespace

TEST_CASE("lmstudio_block: host and ports are addresses in their order") {
    CHECK(urls_of(R"({"host": "box", "ports": [1234, 1235, 8080]})") ==
          texts{"http://box:1234", "http://box:1235", "http://box:8080"});
    CHECK(urls_of(R"({"host": "https://box"})") == texts{"https://box:1234"});
    CHECK(urls_of(R"({"ports": 4321})") == texts{"http://127.0.0.1:4321"});
    CHECK(urls_of(R"({"host": "::1", "ports": [1]})") == texts{"http://[::1]:1"});
    CHECK(urls_of(R"({"host": "[::1]", "ports": [1]})") == texts{"http://[::1]:1"});
    CHECK(urls_of(R"({"host": null, "ports": null})") == texts{"http://127.0.0.1:1234"});
}

TEST_CASE("lmstudio_block: an address that is set elsewhere takes the place of them all") {
    const auto f = read(R"({"target": {"url": "http://x"}, "lmstudio": {"ports": [1, 2]}})");
    CHECK(f.values.target.url == "http://x");
    CHECK(f.values.target.further_urls.empty());
}

TEST_CASE("lmstudio_block: token and way of the load") {
    auto f = read(R"({"lmstudio": {"api_token": "sk-1", "use_rest_api": false}})");
    CHECK(f.values.target.api_token == "sk-1");
    CHECK(f.values.target.api == "lmstudio-sdk");
    CHECK(f.about.origins.at("/target/api_token") == "bench.json");
    f = read(R"({"lmstudio": {"api_token": "", "use_rest_api": true}})");
    CHECK(f.values.target.api_token.empty());
    CHECK(f.values.target.api == "auto");
    CHECK(f.about.origins.empty());
}

TEST_CASE("lmstudio_block: what else such a file holds is ignored and named; ours is read") {
    const auto f = read(R"({"lmstudio": {"host": "h", "timeout": 5}, "benchmark": {"runs": 3},
                            "prompts": [], "load": {"concurrency": 7}})");
    CHECK(f.values.load.concurrency == std::vector<stream_count>{7});
    CHECK(f.about.ignored == texts{"bench.json: lmstudio.timeout, benchmark, prompts"});
    // Without the block the same would be a mistake.
    CHECK(refused(R"({"benchmark": {}})") == "bench.json: /benchmark is no field of a scenario");
}

TEST_CASE("lmstudio_block: wrong values are told by their pointer, and no token") {
    CHECK(refused(R"({"lmstudio": []})") == "bench.json: /lmstudio is not an object");
    CHECK(refused(R"({"lmstudio": {"host": 5}})") == "bench.json: /lmstudio/host is not a text");
    for (const char* ports : {"[]", "[0]", "[65536]", "[\"a\"]", "[1.5]", "{}"}) {
        CHECK(refused(std::string{R"({"lmstudio": {"ports": )"} + ports + "}}") ==
              "bench.json: /lmstudio/ports is not a list of ports from 1 to 65535");
    }
    CHECK(refused(R"({"lmstudio": {"api_token": 123456789}})") ==
          "bench.json: /lmstudio/api_token is not a text");
    CHECK(refused(R"({"lmstudio": {"use_rest_api": "no"}})") ==
          "bench.json: /lmstudio/use_rest_api is not true or false");
}
