#include "report/advice.hpp"

#include "lmstress/outcome.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;

TEST_CASE("advice: there is some on every failure and every timeout") {
    for (std::size_t i = 0; i < failure_kind_count; ++i) {
        const auto kind = to_string(static_cast<failure_kind>(i));
        CAPTURE(kind);
        CHECK_FALSE(report::advice_on(kind).empty());
    }
    for (std::size_t i = 0; i < phase_count; ++i) {
        const std::string kind = "timeout_" + std::string{to_string(static_cast<phase>(i))};
        CAPTURE(kind);
        CHECK_FALSE(report::advice_on(kind).empty());
    }
    CHECK(report::advice_on("something else").empty());
}
