#include "report/law_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;

namespace {

analyze::scaling_law fitted(std::vector<interval> ci95) {
    return {.better = analyze::law::universal,
            .universal = {70, 0.05, 0.001},
            .hinge = {60, 8, 1},
            .r2 = 0.99,
            .largest_n = 16,
            .ci95 = std::move(ci95)};
}

}  // namespace

TEST_CASE("law text: what the loads determine is said, and what they do not has no number") {
    const auto known = fitted({{68, 72}, {0.03, 0.07}, {0.0008, 0.0012}});
    const auto sentences = report::law_sentences(known, "users");
    REQUIRE(sentences.size() == 3);
    CHECK(sentences[0] ==
          "Scaling law (USL, r2 0.990): 70 tokens/s (68..72) alone, contention 0.05 (0.03..0.07), "
          "crosstalk 0.001 (0.0008..0.0012).");
    CHECK(sentences[1].starts_with("By it the throughput is greatest at 31 users"));
    CHECK(sentences[2].starts_with("At 32 users, twice the most that was measured"));

    const auto open = fitted({{68, 72}, {1e-9, 0.4}, {0.0008, 0.0012}});
    CHECK(report::law_sentences(open, "users") ==
          std::vector<std::string>{
              "Scaling law (USL, r2 0.990): 70 tokens/s (68..72) alone, contention not determined "
              "(1e-09..0.4), crosstalk 0.001 (0.0008..0.0012).",
              "The loads that were measured do not determine it: ends of an interval are more than "
              "a factor of 10 apart. Of more than was measured it says nothing."});
}

TEST_CASE("law text: a hard knee that may lie anywhere") {
    auto law = fitted({{30, 60}, {1.2, 16}, {0, 0.2}});
    law.better = analyze::law::hinge;
    const auto sentences = report::law_sentences(law, "users");
    REQUIRE(sentences.size() == 2);
    CHECK(sentences[0] ==
          "Scaling law (a hard knee, r2 0.990): 60 tokens/s (30..60) each up to not determined "
          "(1.2..16) users, and 1 (0..0.2) for each beyond.");
}
