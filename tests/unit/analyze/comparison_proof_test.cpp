// Comparisons of runs of the built-in engine, in virtual time: what they say of equal servers, and
// of one that is slower by a tenth.

#include "analyze/comparison.hpp"
#include "support/sanitized.hpp"
#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

// What sanitizers look for is in each of them.
constexpr int pairs = test::sanitized ? 8 : 200;

/// Lognormal ones, by their median.
struct prompts {
    double median = 40;
    double sigma = 0.2;
};
/// The users stay about in step.
constexpr prompts alike{};
/// A request's time depends on which others are processed beside it, and TTFT falls into several
/// humps: the harder world for whoever says that two servers are equal.
constexpr prompts of_many_lengths{200, 0.4};

/// Four users of a server of four slots. All that the engine does takes `slower` times as long.
analyze::measured_level run_of(std::uint64_t seed, std::uint64_t requests, const prompts& lengths,
                               double slower = 1) {
    test::virtual_setup setup;
    sim::engine_settings& engine = setup.server.engine;
    for (nanoseconds* time :
         {&engine.step_base, &engine.step_per_stream, &engine.prefill_per_token}) {
        *time = nanoseconds{static_cast<std::int64_t>(static_cast<double>(time->count()) * slower)};
    }
    engine.context_length = 100'000;
    setup.scenario.load.concurrency = {4};
    setup.scenario.load.warmup = 0s;
    setup.scenario.load.requests = requests;
    setup.scenario.workload.synthetic = token_lengths{
        .follows = token_lengths::law::lognormal, .a = lengths.median, .b = lengths.sigma};
    setup.scenario.workload.calibrate = false;
    setup.scenario.workload.max_tokens = 20;
    setup.scenario.workload.seed = seed;
    return test::virtual_level(setup);
}

std::optional<analyze::compared_figure> compared(const char* figure,
                                                 const analyze::measured_level& a,
                                                 const analyze::measured_level& b) {
    return analyze::compare_figure(analyze::figure_named(figure), {&a, 1}, {&b, 1},
                                   analyze::confidence_together(), 1);
}

}  // namespace

TEST_CASE("comparison: 200 pairs of runs of one engine raise at most 18 false alarms") {
    for (const prompts& lengths : {alike, of_many_lengths}) {
        int alarms = 0;
        for (std::uint64_t i = 0; i < pairs; ++i) {
            const auto a = run_of(1 + 2 * i, 100, lengths);
            const auto b = run_of(2 + 2 * i, 100, lengths);
            bool any = false;
            for (const char* name : analyze::deciding_figures()) {
                const auto f = compared(name, a, b);
                REQUIRE(f.has_value());
                any = any || f->found == analyze::finding::worse ||
                      f->found == analyze::finding::better;
            }
            alarms += any;
        }
        MESSAGE("prompts around " << lengths.median << ": " << alarms << " false alarms in "
                                  << pairs);
        CHECK(alarms <= 18);
    }
}

TEST_CASE("comparison: an engine slower by a tenth is found so in each figure, as was promised") {
    const auto a = run_of(1, 100, alike);
    const auto b = run_of(2, 100, alike);
    const auto first = analyze::compare({&a, 1}, {&b, 1}, 1);
    const std::uint64_t n = first.requests_for_10_percent.value();
    MESSAGE(n << " requests promised");
    REQUIRE(n > 72);
    REQUIRE(n < 600);
    std::array<int, 5> found{};
    for (std::uint64_t i = 0; i < pairs; ++i) {
        const auto before = run_of(1001 + 2 * i, n, alike);
        const auto after = run_of(1002 + 2 * i, n, alike, 1.1);
        for (std::size_t k = 0; k < found.size(); ++k) {
            const auto f = compared(analyze::deciding_figures()[k], before, after);
            found.at(k) += f && f->found == analyze::finding::worse;
        }
    }
    for (std::size_t k = 0; k < found.size(); ++k) {
        MESSAGE(std::string{analyze::deciding_figures()[k]} << ": " << found.at(k) << " of "
                                                            << pairs);
        CHECK(found.at(k) >= pairs * 8 / 10);
    }
}
