#include "workload/prompts.hpp"

#include "workload/random.hpp"
#include "workload/values.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace lmstress;
using workload::draw_length;
using workload::parse_lengths;
using workload::prompts;
using law = token_lengths::law;

namespace {

workload_settings settings(salt_mode salt, std::uint64_t seed = 1) {
    workload_settings s;
    s.prompt = "Say hi.";
    s.salt = salt;
    s.seed = seed;
    return s;
}

const workload_settings unsalted = settings(salt_mode::none);

/// The prompts of a file, in the order of the alphabet.
std::vector<std::string> read(std::string_view content) {
    const auto p = prompts::from_text(content, "file", unsalted);
    REQUIRE(p.has_value());
    std::vector<std::string> all;
    for (std::size_t k = 0; k < p->size(); ++k) all.push_back(p->at("run", 0, k));
    std::sort(all.begin(), all.end());
    return all;
}

error error_in(std::string_view content) {
    const auto p = prompts::from_text(content, "my.jsonl", unsalted);
    REQUIRE(p.has_error());
    CHECK(p.error().code == errc::bad_file);
    return p.error();
}

prompts synthetic(const token_lengths& lengths, std::uint64_t seed = 1) {
    workload_settings s = settings(salt_mode::none, seed);
    s.synthetic = lengths;
    return prompts::synthetic(s);
}

/// Mean and standard deviation of 20,000 draws.
struct moments_of_draws {
    explicit moments_of_draws(const token_lengths& lengths) {
        constexpr int n = 20'000;
        double sum = 0;
        double squares = 0;
        for (std::uint64_t seed = 0; seed < n; ++seed) {
            const auto x = static_cast<double>(draw_length(lengths, workload::hash("draw", seed)));
            sum += x;
            squares += x * x;
        }
        mean = sum / n;
        deviation = std::sqrt(squares / n - mean * mean);
    }
    double mean = 0;
    double deviation = 0;
};

token_lengths lengths_of(const char* text) {
    const auto lengths = parse_lengths(text);
    REQUIRE(lengths.has_value());
    return *lengths;
}

}  // namespace

TEST_CASE("prompts: a text file holds a prompt a line, blank ones passed over") {
    CHECK(read("one\ntwo words\r\n\n   \n  three  \nlast") ==
          std::vector<std::string>{"last", "one", "three", "two words"});
}

TEST_CASE("prompts: a JSONL file holds a prompt in each object, and may mix with text") {
    CHECK(read("{\"prompt\":\"b\\n\\\"c\\\"\",\"id\":7}\r\n {\"id\":1,\"prompt\":\"a\"} \nz") ==
          std::vector<std::string>{"a", "b\n\"c\"", "z"});
}

TEST_CASE("prompts: a line that is no prompt is an error with its number") {
    CHECK(error_in("fine\n\n{\"text\":\"a\"}\n").message == "my.jsonl line 3 is no prompt");
    CHECK(error_in("{\"prompt\":\"a\"\n").message == "my.jsonl line 1 is no prompt");
    CHECK(error_in("a\n{\"prompt\":7}").message == "my.jsonl line 2 is no prompt");
    CHECK(error_in("{\"prompt\":\"\"}").message == "my.jsonl line 1 is no prompt");
    CHECK(error_in("{} trailing").message == "my.jsonl line 1 is no prompt");
    CHECK_FALSE(error_in("{}").advice.empty());
}

TEST_CASE("prompts: a file without a prompt is an error") {
    CHECK(error_in("").message == "my.jsonl holds no prompt");
    CHECK(error_in("\n \r\n").message == "my.jsonl holds no prompt");
}

TEST_CASE("prompts: the built-in ones are at least forty and none is over 200 words") {
    const auto p = prompts::built_in(unsalted);
    CHECK(p.size() >= 40);
    std::set<std::string> all;
    for (std::size_t k = 0; k < p.size(); ++k) {
        const std::string text = p.at("run", 0, k);
        CAPTURE(text);
        std::istringstream words{text};
        std::size_t count = 0;
        for (std::string word; words >> word;) ++count;
        CHECK(count >= 3);
        CHECK(count <= 200);
        all.insert(text);
    }
    CHECK(all.size() == p.size());
}

TEST_CASE("prompts: request k of every level and every run gets the same text, and all in turn") {
    const auto p = prompts::built_in(unsalted);
    for (std::uint64_t k = 0; k < 100; ++k) {
        CHECK(p.at("run", 0, k) == p.at("other", 3, k));
        CHECK(p.at("run", 0, k) == p.at("run", 0, k + p.size()));
    }
}

TEST_CASE("prompts: their order comes from the seed") {
    const auto order = [](std::uint64_t seed) {
        const auto p = prompts::built_in(settings(salt_mode::none, seed));
        std::string all;
        for (std::size_t k = 0; k < p.size(); ++k) all += p.at("run", 0, k);
        return all;
    };
    CHECK(order(1) == order(1));
    CHECK(order(1) != order(2));
}

TEST_CASE("prompts: a single prompt is sent with every request") {
    const auto p = prompts::single(unsalted);
    CHECK(p.at("run", 0, 0) == "Say hi.");
    CHECK(p.at("run", 2, 77) == "Say hi.");
}

TEST_CASE("prompts: without salt nothing stands before the text, with it ten characters do") {
    const std::string salted = prompts::single(settings(salt_mode::run)).at("run", 0, 0);
    CHECK(salted == workload::salt("run", 0, 0) + " Say hi.");
    CHECK(salted.size() == 10 + 1 + 7);
}

TEST_CASE("prompts: no two salts of a run are alike, nor do two begin with the same five") {
    const auto p = prompts::single(settings(salt_mode::run));
    std::set<std::string> whole;
    std::set<std::string> beginnings;
    for (std::uint32_t level = 0; level < 3; ++level) {
        for (std::uint64_t k = 0; k < 2000; ++k) {
            const std::string text = p.at("20260101-abcd", level, k);
            whole.insert(text.substr(0, 10));
            beginnings.insert(text.substr(0, 5));
        }
    }
    CHECK(whole.size() == 6000);
    CHECK(beginnings.size() >= 5990);  // 62^5 of them: a chance pair is no fault
}

TEST_CASE("prompts: a salt of the run differs from run to run, one of the seed does not") {
    const auto of_run = prompts::single(settings(salt_mode::run, 7));
    CHECK(of_run.at("one", 0, 0) != of_run.at("two", 0, 0));
    const auto of_seed = prompts::single(settings(salt_mode::seed, 7));
    CHECK(of_seed.at("one", 0, 0) == of_seed.at("two", 0, 0));
    CHECK(of_seed.at("one", 0, 0) != of_seed.at("one", 1, 0));
    CHECK(of_seed.at("one", 0, 0) != of_seed.at("one", 0, 1));
    const auto of_another = prompts::single(settings(salt_mode::seed, 8));
    CHECK(of_seed.at("one", 0, 0) != of_another.at("one", 0, 0));
}

TEST_CASE("prompts: the salt of a seed is the same on every machine and in every version") {
    CHECK(workload::salt("seed 1", 0, 0) == "n65UqOzsme");
    CHECK(workload::salt("seed 1", 2, 1999) == "wFhYRVrqjv");
}

TEST_CASE(
    "prompts: synthetic text has so many words, repeats by its seed, and each word as often") {
    for (const double words : {1.0, 2.0, 17.0, 512.0, 4096.0}) {
        const std::string text = workload::synthetic_text(1, words);
        CHECK(text == workload::synthetic_text(1, words));
        CHECK(std::count(text.begin(), text.end(), ' ') + 1 == static_cast<std::int64_t>(words));
    }
    // A part of the last word is a part of its letters.
    const std::string whole = workload::synthetic_text(1, 3);
    const std::string less = workload::synthetic_text(1, 2.01);
    CHECK(whole.starts_with(less));
    CHECK(less.size() == workload::synthetic_text(1, 2).size() + 2);
    CHECK(workload::synthetic_text(1, 64) != workload::synthetic_text(2, 64));
    std::map<std::string, int> times;
    std::istringstream text{
        workload::synthetic_text(3, 2.0 * static_cast<double>(workload::synthetic_words()))};
    for (std::string word; text >> word;) ++times[word];
    CHECK(times.size() == workload::synthetic_words());
    for (const auto& [word, n] : times) CHECK_MESSAGE(n == 2, word);
}

TEST_CASE("prompts: before the server has counted, a token is taken for four characters") {
    const std::string text = workload::synthetic_text(1, workload::words_for(5000, nullptr));
    CHECK(static_cast<double>(text.size()) == doctest::Approx(5000 * 4).epsilon(0.01));
    CHECK(workload::words_for(0, nullptr) == 1);
}

TEST_CASE("prompts: words follow from tokens by the law of the server's counts") {
    const prompt_calibration counts{.overhead = 20, .tokens_per_word = 1.5};
    CHECK(workload::words_for(320, &counts) == 200);
    CHECK(workload::words_for(321, &counts) == 201);  // 200.67
    CHECK(workload::words_for(12, &counts) == 1);
    const prompt_calibration coarse{.overhead = 2, .tokens_per_word = 4};
    CHECK(workload::words_for(20, &coarse) == 4.5);
}

TEST_CASE("prompts: fixed synthetic prompts are all of that length, and differ by request") {
    const auto p = synthetic(lengths_of("fixed:100"));
    std::set<std::string> all;
    for (std::uint64_t k = 0; k < 200; ++k) {
        const std::string text = p.at("run", 0, k);
        REQUIRE(p.asked_tokens(k) == 100);
        REQUIRE(static_cast<double>(text.size()) == doctest::Approx(400).epsilon(0.15));
        REQUIRE(p.at("other", 1, k) == text);
        all.insert(text);
    }
    CHECK(all.size() == 200);
    CHECK(synthetic(lengths_of("fixed:100"), 2).at("run", 0, 0) != p.at("run", 0, 0));
}

TEST_CASE("prompts: uniform lengths have the mean and the bounds that were asked for") {
    const auto lengths = lengths_of("uniform:100..500");
    const moments_of_draws drawn{lengths};
    CHECK(drawn.mean == doctest::Approx(300).epsilon(0.02));
    CHECK(drawn.deviation == doctest::Approx(401 / std::sqrt(12.0)).epsilon(0.03));
    std::set<std::uint64_t> few;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        few.insert(draw_length(lengths_of("uniform:3..5"), seed));
    }
    CHECK(few == std::set<std::uint64_t>{3, 4, 5});
}

TEST_CASE("prompts: normal lengths have the mean and the deviation that were asked for") {
    const moments_of_draws drawn{lengths_of("normal:512,64")};
    CHECK(drawn.mean == doctest::Approx(512).epsilon(0.01));
    CHECK(drawn.deviation == doctest::Approx(64).epsilon(0.03));
}

TEST_CASE("prompts: lognormal lengths have the mean that follows from median and sigma") {
    const moments_of_draws drawn{lengths_of("lognormal:512,0.6")};
    CHECK(drawn.mean == doctest::Approx(512 * std::exp(0.6 * 0.6 / 2)).epsilon(0.03));
}

TEST_CASE("prompts: no length is below one token") {
    const token_lengths wide{.follows = law::normal, .a = 2, .b = 50};
    std::uint64_t least = 1000;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        least = std::min(least, draw_length(wide, seed));
    }
    CHECK(least == 1);
}

TEST_CASE("prompts: the laws of length are read as they are written") {
    CHECK(lengths_of("fixed:512").follows == law::fixed);
    CHECK(lengths_of("fixed:512").a == 512);
    CHECK(lengths_of("uniform:100..500").follows == law::uniform);
    CHECK(lengths_of("uniform:100..500").a == 100);
    CHECK(lengths_of("uniform:100..500").b == 500);
    CHECK(lengths_of("uniform:7..7").b == 7);
    CHECK(lengths_of("normal:512,64").follows == law::normal);
    CHECK(lengths_of("normal:512,64").b == 64);
    CHECK(lengths_of("lognormal:512,0.6").follows == law::lognormal);
    CHECK(lengths_of("lognormal:512,0.6").b == 0.6);
}

TEST_CASE("prompts: what is no law of lengths is a usage error with advice") {
    for (const std::string text : {"",
                                   "512",
                                   "fixed",
                                   "fixed:",
                                   "fixed:0",
                                   "fixed:-1",
                                   "fixed:x",
                                   "fixed:5 ",
                                   "fixed:5x",
                                   "fixed:1,2",
                                   "fixed:inf",
                                   "fixed:nan",
                                   "uniform:5",
                                   "uniform:5..",
                                   "uniform:..5",
                                   "uniform:9..5",
                                   "uniform:0..5",
                                   "uniform:1..inf",
                                   "uniform:1,5",
                                   "normal:512",
                                   "normal:512,",
                                   "normal:512,-1",
                                   "normal:512..64",
                                   "normal:512,inf",
                                   "lognormal:0,1",
                                   "lognormal:5,x",
                                   "lognormal:5,1,1",
                                   "Fixed:512",
                                   "poisson:4"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_lengths(text));
    }
}
