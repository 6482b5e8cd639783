#include "analyze/likeness.hpp"

#include <doctest/doctest.h>

using namespace lmstress;

namespace {

analyze::unlikeness between(const char* a, const char* b) {
    run_setup one;
    one.scenario_json = a;
    run_setup other;
    other.scenario_json = b;
    return analyze::unlikeness_of(one, other);
}

}  // namespace

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
