#include "measure/share_difference.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace lmstress;
using measure::counted_share;

namespace {

/// As many digits as the table has.
double rounded(double v) {
    return std::round(v * 1e4) / 1e4;
}

}  // namespace

TEST_CASE("share difference: Newcombe's intervals, as published (1998, table II, method 10)") {
    struct row {
        counted_share more;
        counted_share less;
        double low;
        double high;
    };
    for (const row& r :
         {row{{56, 70}, {48, 80}, 0.0524, 0.3339}, row{{9, 10}, {3, 10}, 0.1705, 0.8090},
          row{{6, 7}, {2, 7}, 0.0582, 0.8062}, row{{5, 56}, {0, 29}, -0.0381, 0.1926},
          row{{0, 10}, {0, 20}, -0.1611, 0.2775}, row{{0, 10}, {0, 10}, -0.2775, 0.2775},
          row{{10, 10}, {0, 20}, 0.6791, 1.0}, row{{10, 10}, {0, 10}, 0.6075, 1.0}}) {
        CAPTURE(r.more.hits);
        CAPTURE(r.less.n);
        const interval i = measure::share_difference(r.less, r.more);
        CHECK(rounded(i.low) == r.low);
        CHECK(rounded(i.high) == r.high);
        const interval back = measure::share_difference(r.more, r.less);
        CHECK(back.low == doctest::Approx(-i.high));
        CHECK(back.high == doctest::Approx(-i.low));
    }
}

TEST_CASE("share difference: more confidence takes more room") {
    const interval usual = measure::share_difference({1, 80}, {40, 80});
    const interval strict = measure::share_difference({1, 80}, {40, 80}, 0.99);
    CHECK(strict.low < usual.low);
    CHECK(strict.high > usual.high);
}
