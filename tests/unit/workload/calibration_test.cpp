#include "workload/calibration.hpp"

#include "workload/prompts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace lmstress;
using workload::calibrated;
using workload::counted_words;

namespace {

std::vector<counted_words> counts_by(double overhead, double each,
                                     const std::vector<std::uint64_t>& words) {
    std::vector<counted_words> counts;
    for (const std::uint64_t n : words) {
        const double tokens = std::round(overhead + each * static_cast<double>(n));
        counts.push_back({n, static_cast<std::uint64_t>(tokens)});
    }
    return counts;
}

workload_settings asking_for(double tokens) {
    workload_settings s;
    s.synthetic = token_lengths{.a = tokens};
    return s;
}

}  // namespace

TEST_CASE("calibration: the law of the counts is found, to their rounding") {
    const auto law = calibrated(counts_by(23, 1.37, {1, 321, 1, 321, 1, 321}));
    REQUIRE(law);
    CHECK(law->tokens_per_word == doctest::Approx(1.37).epsilon(0.002));
    CHECK(law->overhead == doctest::Approx(23).epsilon(0.03));
    CHECK(law->largest_residual <= 0.5);
    CHECK(law->requests == 6);
}

TEST_CASE("calibration: one count in six that is odd changes little, and is in the residual") {
    auto counts = counts_by(20, 1.5, {1, 321, 1, 321, 1, 321});
    counts[3].tokens += 400;
    const auto law = calibrated(counts);
    REQUIRE(law);
    CHECK(law->tokens_per_word == doctest::Approx(1.5).epsilon(0.01));
    CHECK(law->largest_residual == doctest::Approx(400).epsilon(0.02));
}

TEST_CASE("calibration: nothing follows from one length, or where words cost nothing") {
    CHECK_FALSE(calibrated({}));
    CHECK_FALSE(calibrated(counts_by(20, 1.5, {107, 107, 107})));
    CHECK_FALSE(calibrated(counts_by(20, 0, {1, 107, 1, 107})));
}

TEST_CASE("calibration: its requests are short and long in turn, and no longer than need be") {
    const std::uint64_t list = workload::synthetic_words();
    using words = std::vector<std::uint64_t>;
    workload_settings s = asking_for(20);
    CHECK(workload::words_to_count(s) == words{0, list, 0, list, 0, list});
    s = asking_for(30'000);
    CHECK(workload::words_to_count(s) == words{0, 3 * list, 0, 3 * list, 0, 3 * list});
    s.salt = salt_mode::none;  // of which no prompt may be empty
    CHECK(workload::words_to_count(s) == words{list, 4 * list, list, 4 * list, list, 4 * list});
}

TEST_CASE("calibration: a request has one turn, an answer of one token, and a text of the seed") {
    workload_settings s = asking_for(500);
    s.salt = salt_mode::none;
    s.conversation.turns = 3;
    const workload::script one = workload::script_to_count(s, "run", 2, 107);
    REQUIRE(one.turns.size() == 1);
    CHECK(one.max_tokens == 1);
    const std::string& text = one.turns.front().prompt;
    CHECK(std::count(text.begin(), text.end(), ' ') == 106);
    CHECK(workload::script_to_count(s, "other", 2, 107).turns.front().prompt == text);
    CHECK(workload::script_to_count(s, "run", 3, 107).turns.front().prompt != text);
    s.salt = salt_mode::run;
    CHECK(workload::script_to_count(s, "other", 2, 107).turns.front().prompt != text);
}

TEST_CASE("calibration: a request of several texts holds as many words in each") {
    workload_settings s = asking_for(500);
    s.inputs_each = 3;
    const workload::script one = workload::script_to_count(s, "run", 0, 107);
    CHECK(one.turns.front().further_inputs.size() == 2);
    CHECK(one.turns.front().further_inputs[0] != one.turns.front().prompt);
}
