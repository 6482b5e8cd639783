#include "measure/goodput.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

using ends = std::vector<nanoseconds>;

nanoseconds seconds(double s) {
    return nanoseconds{static_cast<nanoseconds::rep>(s * 1e9)};
}

/// How many of a thousand windows of that length have the true rate in their interval. `next` makes
/// the time from one end to the next.
template <class Next>
int covered(double window, double true_rate, std::uint64_t seed, Next next) {
    std::mt19937_64 random{seed};
    int out = 0;
    for (int i = 0; i < 1000; ++i) {
        ends at;
        // The window begins anywhere in the process.
        for (double t = -20 * next(random); t < window; t += next(random)) {
            if (t >= 0) at.push_back(seconds(t));
        }
        const auto g = measure::goodput_of(at, 0ns, seconds(window)).value();
        out += g.ci95.low <= true_rate && true_rate <= g.ci95.high;
    }
    return out;
}

}  // namespace

TEST_CASE("goodput: what ends in the window counts, by its length") {
    const ends at{-1s, 0s, 500ms, 1s, 2s};
    const auto g = measure::goodput_of(at, 0s, 2s).value();
    CHECK(g.per_second == 1.5);
    // Of three, Poisson: 0.62 to 8.77 (Garwood).
    CHECK(g.ci95.low == doctest::Approx(0.6187 / 2).epsilon(0.001));
    CHECK(g.ci95.high == doctest::Approx(8.7673 / 2).epsilon(0.001));
    CHECK_FALSE(measure::goodput_of(at, 1s, 1s));
    const auto none = measure::goodput_of({}, 0s, 10s).value();
    CHECK(none.per_second == 0);
    CHECK(none.ci95.low == 0);
    CHECK(none.ci95.high == doctest::Approx(0.3689).epsilon(0.001));
}

TEST_CASE("goodput: a window that is shorter than a request says little") {
    // Eight at once that end together, once in half a second: 16 a second in truth.
    const ends none;
    CHECK(measure::goodput_of(none, 0s, 4ms)->ci95.high > 900);
    const ends wave(8, 490ms);
    const auto one = measure::goodput_of(wave, 0s, 500ms).value();
    CHECK(one.ci95.low < 8);
    CHECK(one.ci95.high > 24);
}

TEST_CASE("goodput: its interval covers the true rate in 95 of 100 windows") {
    std::exponential_distribution<double> poisson{2.0};
    CHECK(covered(5, 2, 1, poisson) >= 950);
    CHECK(covered(60, 2, 2, poisson) >= 935);
    CHECK(covered(300, 2, 3, poisson) >= 935);
    // Requests in turn are more regular, and its interval is as narrow as they are.
    std::normal_distribution<double> regular{0.5, 0.05};
    CHECK(covered(60, 2, 4, regular) >= 935);
    // In waves of ten.
    int in_wave = 0;
    std::exponential_distribution<double> between{0.2};
    CHECK(covered(300, 2, 5, [&](auto& random) {
              return ++in_wave % 10 == 0 ? between(random) : 1e-6;
          }) >= 920);
}
