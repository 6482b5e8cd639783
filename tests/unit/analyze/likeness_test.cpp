#include "analyze/likeness.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace lmstress;

namespace {

analyze::unlikeness between(const char* a, const char* b) {
    run_setup one;
    one.scenario_json = a;
    run_setup other;
    other.scenario_json = b;
    return analyze::unlikeness_of(one, other);
}

/// A run of that scenario whose prompts' file held bytes of that hash; empty: nobody knows.
run_setup with_prompts(const char* scenario, const char* hash) {
    run_setup out;
    out.scenario_json = scenario;
    if (*hash != '\0') out.file_hashes = {{"/workload/prompts", hash}};
    return out;
}

const char* here = R"({"workload":{"prompts":"/a/q.jsonl"}})";
const char* there = R"({"workload":{"prompts":"/b/q.jsonl"}})";

}  // namespace

TEST_CASE("likeness: of files the bytes decide, wherever they lay") {
    const auto overwritten =
        analyze::unlikeness_of(with_prompts(here, "01"), with_prompts(here, "02"));
    CHECK(overwritten.other_work ==
          std::vector<std::string>{"/workload/prompts is \"/a/q.jsonl\" in both, which held other "
                                   "bytes in B than in A"});
    CHECK(analyze::unlikeness_of(with_prompts(here, "01"), with_prompts(there, "01"))
              .other_work.empty());
    const std::vector<std::string> others{
        "/workload/prompts is \"/a/q.jsonl\" in A and \"/b/q.jsonl\" in B, which held other bytes"};
    CHECK(analyze::unlikeness_of(with_prompts(here, "01"), with_prompts(there, "02")).other_work ==
          others);
    CHECK(analyze::unlikeness_of_plans(with_prompts(here, "01"), with_prompts(there, "02"))
              .other_work == others);
}

TEST_CASE("likeness: where a side does not know what its files held, their paths decide") {
    CHECK(analyze::unlikeness_of(with_prompts(here, ""), with_prompts(here, "02"))
              .other_work.empty());
    CHECK(analyze::unlikeness_of(with_prompts(here, "01"), with_prompts(there, "")).other_work ==
          std::vector<std::string>{
              "/workload/prompts is \"/a/q.jsonl\" in A and \"/b/q.jsonl\" in B"});
}

TEST_CASE("likeness: images are alike where all of them are, in their order") {
    const auto images = [](std::vector<std::pair<std::string, std::string>> hashes) {
        run_setup out;
        out.scenario_json = R"({"workload":{"images":["1.png","2.png"]}})";
        out.file_hashes = std::move(hashes);
        return out;
    };
    const auto one = images({{"/workload/images/0", "aa"}, {"/workload/images/1", "bb"}});
    const auto other = images({{"/workload/images/0", "bb"}, {"/workload/images/1", "aa"}});
    CHECK(analyze::unlikeness_of(one, one).other_work.empty());
    CHECK(analyze::unlikeness_of(one, other).other_work.size() == 1);
}

TEST_CASE("likeness: the port of a server that the run started says nothing") {
    const auto own = [](const char* url) {
        return R"({"server":{"command":"serve {port}"},"target":{"url":")" + std::string{url} +
               R"("}})";
    };
    const auto says = [](const std::string& a, const std::string& b) {
        return between(a.c_str(), b.c_str()).other_server;
    };
    CHECK(says(own("http://127.0.0.1:40133"), own("http://127.0.0.1:42175")).empty());
    CHECK(says(own("http://127.0.0.1:40133"), own("http://gpu:8080")) ==
          std::vector<std::string>{
              "/target/url is \"http://127.0.0.1\" in A and \"http://gpu:8080\" in B"});
    CHECK(says(R"({"target":{"url":"http://127.0.0.1:1"}})",
               R"({"target":{"url":"http://127.0.0.1:2"}})")
              .size() == 1);
}

TEST_CASE("likeness: a setting that differs is said once, as it was in force") {
    auto u = between(R"({"server":{"parallel":2,"unified_kv":true}})",
                     R"({"server":{"parallel":8,"unified_kv":false}})");
    REQUIRE(u.other_server.size() == 2);
    level_summary a;
    a.setup.server.parallel.confirmed = 2;
    level_summary b;
    b.setup.server.parallel.confirmed = 8;
    // Two levels tell the same.
    analyze::add_unlikeness(a, b, u);
    analyze::add_unlikeness(a, b, u);
    CHECK(u.other_server ==
          std::vector<std::string>{"/server/unified_kv is true in A and false in B",
                                   "the server's parallel is 2 in A and 8 in B"});
}

TEST_CASE("likeness: other prompts, models and lengths are other work") {
    struct row {
        const char* a;
        const char* b;
        const char* says;
    };
    for (const row& r : {
             row{R"({"target":{"model":"x"}})", R"({"target":{"model":"y"}})",
                 "/target/model is \"x\" in A and \"y\" in B"},
             row{R"({"workload":{"max_tokens":128}})", R"({"workload":{"max_tokens":64}})",
                 "/workload/max_tokens is 128 in A and 64 in B"},
             row{R"({"request":{"temperature":0.7}})", R"({"request":{}})",
                 "/request/temperature is 0.7 in A and not set in B"},
             row{R"({"workload":{}})", R"({"workload":{"synthetic":{"tokens":512}}})",
                 "/workload/synthetic/tokens is not set in A and 512 in B"},
             row{R"({"load":{"think_time":"1s"}})", R"({"load":{"think_time":"2s"}})",
                 "/load/think_time is \"1s\" in A and \"2s\" in B"},
         }) {
        CAPTURE(r.says);
        const auto u = between(r.a, r.b);
        REQUIRE(u.other_work.size() == 1);
        CHECK(u.other_work.front() == r.says);
        CHECK(u.other_server.empty());
    }
}

TEST_CASE("likeness: another server may be the question, and the amount of work is none") {
    const auto u = between(R"({"target":{"url":"http://a"},"server":{"parallel":4}})",
                           R"({"target":{"url":"http://b"},"server":{"parallel":8}})");
    CHECK(u.other_work.empty());
    CHECK(u.other_server.size() == 2);
    const auto same = between(
        R"({"workload":{"seed":1},"load":{"duration":"30s","concurrency":[1]},"output":{"events":true}})",
        R"({"workload":{"seed":2},"load":{"duration":"60s","concurrency":[1,4]},"limits":{}})");
    CHECK(same.other_work.empty());
    CHECK(same.other_server.empty());
}

TEST_CASE("likeness: what the levels turned out to be") {
    level_summary a;
    a.answered_by = "x";
    a.setup.server.parallel.confirmed = 4;
    a.setup.server.unified_kv.confirmed = true;
    level_summary b = a;
    analyze::unlikeness same;
    analyze::add_unlikeness(a, b, same);
    CHECK(same.other_work.empty());
    CHECK(same.other_server.empty());
    b.answered_by = "y";
    b.setup.server.parallel.confirmed = 8;
    b.setup.server.unified_kv.confirmed = false;
    analyze::unlikeness all;
    analyze::add_unlikeness(a, b, all);
    CHECK(all.other_work.size() == 1);
    REQUIRE(all.other_server.size() == 2);
    CHECK(all.other_server[0] == "the server's parallel is 4 in A and 8 in B");
    CHECK(all.other_server[1] == "unified KV is on in A and off in B");
}

TEST_CASE(
    "likeness: lengths of prompts and answers, so far as requests of the same ones do not differ") {
    const auto level_of = [](std::uint64_t least, std::uint64_t most, std::uint64_t output) {
        analyze::measured_level level;
        for (std::uint64_t i = 0; i < 40; ++i) {
            request_record r;
            r.ended = i % 8 == 7 ? outcome::failed : outcome::completed;
            r.input_tokens = i % 8 == 7 ? 0 : least + (most - least) * (i % 2);
            r.output_tokens = output;
            level.requests.push_back(r);
        }
        return level;
    };
    const auto between = [](const auto& a, const auto& b) {
        analyze::unlikeness u;
        analyze::add_unlike_lengths(a, b, u);
        return u.other_work;
    };
    CHECK(between(level_of(100, 100, 128), level_of(101, 101, 129)).empty());
    // Long and short ones: another draw of the same has another mean.
    CHECK(between(level_of(50, 150, 128), level_of(50, 190, 128)).empty());
    const auto other = between(level_of(100, 100, 128), level_of(150, 150, 64));
    REQUIRE(other.size() == 2);
    CHECK(other[0] == "prompts have 100 tokens on average in A and 150 in B");
    CHECK(other[1] == "answers have 128 tokens on average in A and 64 in B");
}
