#include "report/limit_of_errors.hpp"

#include "report/verdict_limits.hpp"
#include "sim/fault.hpp"
#include "support/sources.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace lmstress;

namespace {

level_summary level_with(std::uint64_t offered, std::uint64_t failed, const char* kind) {
    level_summary level;
    level.requests = {.offered = offered, .completed = offered - failed, .failed = failed};
    if (failed > 0) level.errors[kind].count = failed;
    return level;
}

}  // namespace

TEST_CASE("limit of errors: how many, by what, and what would have been allowed") {
    const level_summary a = level_with(100, 30, "engine_failed");
    const level_summary b = level_with(100, 4, "reset");
    const std::vector levels{&a, &b};
    const auto found = report::limit_of_errors(levels, {0.05, "--max-error-rate allows"}).value();
    CHECK(found.is == analyze::limit::errors);
    CHECK(found.evidence ==
          "34 of 200 requests failed, most of them as engine_failed; --max-error-rate allows 5 %.");
    CHECK(found.next_step == "The engine failed; the server's log may say why.");
    CHECK(report::limit_of_errors(levels, report::allowed_by_slo(0.995))
              ->evidence.ends_with("the SLO would have allowed 0.5 %."));
    CHECK_FALSE(report::limit_of_errors(levels, {0.2, "--max-error-rate allows"}).has_value());
}

TEST_CASE("limit of errors: where more requests miss the SLO for being late it is not the errors") {
    level_summary a = level_with(100, 12, "engine_failed");
    a.slo = slo_summary{.met = 18, .attainment = 0.18, .ci95 = {}};
    const std::vector levels{&std::as_const(a)};
    CHECK_FALSE(report::limit_of_errors(levels, report::allowed_by_slo(0.95)).has_value());
    CHECK(report::limit_of_errors(levels, {0.05, "--max-error-rate allows"}).has_value());
    a.slo->met = 80;
    CHECK(report::limit_of_errors(levels, report::allowed_by_slo(0.95)).has_value());
}

TEST_CASE("limit of errors: a kind that there is no advice on leaves no blank at the end") {
    const level_summary a = level_with(100, 30, "whatever");
    const std::vector levels{&a};
    const auto found = report::limit_of_errors(levels, report::allowed_by_slo(0.95)).value();
    CHECK(report::limit_sentence(found) ==
          "What limits: errors. 30 of 100 requests failed, most of them as whatever; the SLO would "
          "have allowed 5 %.");
}

TEST_CASE("limit of errors: a load of a report that failed its SLO by failures") {
    test::virtual_setup setup = test::ordinary_setup({1, 4});
    setup.server.faults = {{sim::fault::status_500, 0.3}};
    std::vector<report::source> all;
    all.push_back(test::source_of_run(std::move(setup)));
    auto series = report::series_of(all).at(0);
    CHECK(report::limit_of(series).starts_with("What limits: errors. "));
    // Where there is no SLO it would have allowed nothing.
    for (auto& run : all.front().runs) {
        for (auto& level : run.levels) level.summary.slo.reset();
    }
    CHECK(report::limit_of(series).find("the SLO would have allowed") == std::string::npos);
}
