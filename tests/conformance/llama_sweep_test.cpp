// lmstress sweep over a real llama.cpp server that it starts itself, setting after setting.

#include "conformance/llama_server.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace json = boost::json;

namespace {

const std::string command =
    "\"" LLAMA_SERVER "\" run {port} --parallel {parallel} {kv_flag} -c {context_length}";

/// With an exit code of those.
json::value sweep(const std::vector<std::string>& more, const std::filesystem::path& out,
                  const std::set<int>& codes) {
    std::vector<std::string> arguments = {"sweep", "--server-command", command, "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = test::run_lmstress(arguments);
    CAPTURE(run.output);
    REQUIRE(codes.contains(run.exit_code));
    return json::parse(test::content_of(out / "sweep.json"));
}

}  // namespace

TEST_CASE("llama-server: a sweep over slots and KV cache sees the slots that were set") {
    const test::temporary_directory directory;
    const json::value all = sweep(
        {"--parallel", "1,2,4", "--unified-kv", "on,off", "--context-length", "8192",
         "--concurrency", "2x", "--duration", "1500ms", "--warmup", "300ms", "--max-tokens", "64"},
        directory.path() / "out", {0});
    const json::array& seen = all.at("parallelism").as_array();
    REQUIRE(seen.size() == 6);
    for (const json::value& v : seen) {
        CAPTURE(json::serialize(v));
        CHECK(v.at("shown") == v.at("set"));
    }
    REQUIRE(all.at("cells").as_array().size() == 6);
    for (const json::value& c : all.at("cells").as_array()) {
        CHECK(c.at("not_in_force").as_array().empty());
        CHECK(c.at("server").at("parallel").at("confirmed") ==
              c.at("server").at("parallel").at("requested"));
        CHECK(c.at("figures").at("output_tokens_per_second").at("value").to_number<double>() > 0);
    }
}

TEST_CASE("llama-server: a small context is full as one pool, or in each stream's share of it") {
    const test::temporary_directory directory;
    const json::value all =
        sweep({"--parallel", "4", "--unified-kv", "on,off", "--context-length", "1024",
               "--concurrency", "4", "--duration", "2s", "--warmup", "200ms", "--synthetic",
               "fixed:100", "--no-calibration", "--max-tokens", "900", "--max-error-rate", "1"},
              directory.path() / "out", {0, 3});  // 3: none of a setting's requests completed
    for (const json::value& c : all.at("cells").as_array()) {
        const bool unified = all.at("variants")
                                 .at(c.at("variant").to_number<std::size_t>())
                                 .at("unified_kv")
                                 .as_bool();
        CAPTURE(unified);
        CAPTURE(json::serialize(c.at("pool_exhaustion")));
        CAPTURE(json::serialize(c.at("context_limit")));
        if (unified) {
            REQUIRE(c.at("pool_exhaustion").is_object());
            const json::value& e = c.at("pool_exhaustion");
            CHECK(e.at("demand_tokens").to_number<int>() > 700);
            // A prompt that does not fit any more is part of the demand.
            CHECK(e.at("demand_tokens").to_number<int>() <= 1024 + 150);
            CHECK(e.at("failed").to_number<int>() > 0);
        } else {
            CHECK(c.at("pool_exhaustion").is_null());
            REQUIRE(c.at("context_limit").is_object());
            CHECK(c.at("context_limit").at("tokens").to_number<int>() <= 256);
            CHECK(c.at("context_limit").at("tokens").to_number<int>() > 200);
        }
    }
}
