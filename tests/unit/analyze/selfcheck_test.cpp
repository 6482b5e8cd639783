#include "analyze/selfcheck.hpp"

#include "report/selfcheck_text.hpp"
#include "store/selfcheck_file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;

namespace {

distribution spread(double p99, double p50 = 0) {
    return {.count = 100, .p50 = p50, .p99 = p99, .max = p99};
}

/// A load of that many streams at 20 events a second each, with these errors.
analyze::selfcheck_level level_of(std::uint32_t streams, double ttft_ms, double gap_ms,
                                  double true_gap_ms = 50) {
    analyze::selfcheck_level level{
        .api = "lmstudio", .streams = streams, .wanted_events_per_second = 20};
    level.error.ttft_error_ms = spread(ttft_ms);
    level.error.gap_error_ms = spread(gap_ms);
    level.error.true_gap_ms = spread(true_gap_ms, true_gap_ms);
    return level;
}

std::string reason_of(analyze::selfcheck_level level, const measure::validity& run = {}) {
    analyze::judge(level, run);
    std::string all;
    for (const std::string& reason : level.reasons) all += reason + '\n';
    return all;
}

analyze::selfcheck check_of(std::vector<analyze::selfcheck_level> levels) {
    for (auto& level : levels) analyze::judge(level, {});
    return {.started_unix_ns = 1'796'083'200'000'000'000,
            .host = "box",
            .cpu = "CPU",
            .cores = 2,
            .scenario = {},
            .levels = std::move(levels)};
}

}  // namespace

TEST_CASE("selfcheck: a load holds where errors are small and the run is valid") {
    CHECK(reason_of(level_of(16, 0.03, 0.05)).empty());
    CHECK(reason_of(level_of(16, 2.4, 0.05)).empty());  // 5 % of a gap of 50 ms
    CHECK(reason_of(level_of(16, 2.6, 0.05)).find("the error of TTFT is 2.60 ms (p99)") == 0);
    CHECK(reason_of(level_of(16, -2.6, 0.05)).find("the error of TTFT is -2.60 ms (p99)") == 0);
    CHECK(reason_of(level_of(16, 0.03, 2.6)).find("the error of gaps is 2.60 ms") == 0);
    measure::validity broken;
    broken.bounds = {{.name = "client_cpu_share", .value = 0.9, .limit = 0.85},
                     {.name = "read_lag_p99_ms",
                      .value = 7,
                      .limit = 1,
                      .holds = false,
                      .sentence = "its own CPU was short"}};
    CHECK(reason_of(level_of(16, 0.03, 0.05), broken) == "its own CPU was short\n");
}

TEST_CASE("selfcheck: a server too slow for the load is no measure of it") {
    CHECK(reason_of(level_of(4000, 0.03, 0.05, 55)).empty());
    CHECK(
        reason_of(level_of(4000, 0.03, 0.05, 60)).find("sent 16.7 events/s a stream and not 20") !=
        std::string::npos);
}

TEST_CASE("selfcheck: an answer of one token shows nothing, lost events much") {
    auto one = level_of(1, 0.03, 0.05);
    one.error.gap_error_ms.reset();
    CHECK(reason_of(one).find("no answer had two tokens") == 0);
    auto lost = level_of(1, 0.03, 0.05);
    lost.error.strange = 2;
    CHECK(reason_of(lost).find("2 requests had other events than were sent") == 0);
}

TEST_CASE("selfcheck: the sentence has the figures of the greatest load up to which all held") {
    const auto all = check_of({level_of(16, 0.02, 0.03), level_of(256, 0.031, 0.052),
                               level_of(1000, 9, 9), level_of(4000, 0.01, 0.01)});
    CHECK(all.note().held.value().streams == 256);
    CHECK(report::selfcheck_sentence(all.note()) ==
          "TTFT +0.03 ms p99 (n too small: 100 requests), gaps ±0.05 ms p99, up to 256 streams × "
          "20 events/s on this host");
    selfcheck_note many = all.note();
    many.held.value().requests = 368;
    CHECK(report::selfcheck_sentence(many) ==
          "TTFT +0.03 ms p99, gaps ±0.05 ms p99, up to 256 streams × 20 events/s on this host");
    const auto great = check_of({level_of(16, 0.02, 0.03), level_of(4000, 0.031, 0.052)});
    CHECK(report::selfcheck_sentence(great.note()).find("up to 4,000 streams") !=
          std::string::npos);
    CHECK(report::selfcheck_line(all.note(), 1).find("the self-check of 2026-12-01") !=
          std::string::npos);
    // In whichever order they were written.
    const auto mixed = check_of({level_of(64, 0.02, 0.03), level_of(4, 9, 9)});
    CHECK_FALSE(mixed.note().held.has_value());
    const auto none = check_of({level_of(16, 9, 9)});
    CHECK_FALSE(none.note().held.has_value());
    CHECK(report::selfcheck_sentence(none.note()).find("at none") != std::string::npos);
}

TEST_CASE("selfcheck: what is kept is read back, on the same host alone") {
    const auto all = check_of({level_of(16, 0.0213, 0.0307)});
    const std::string kept = report::selfcheck_json(all);
    CHECK(store::selfcheck_of(kept, "box", "CPU") == all.note());
    CHECK_FALSE(store::selfcheck_of(kept, "box", "another CPU"));
    CHECK_FALSE(store::selfcheck_of(kept, "other", "CPU"));
    std::string older = kept;
    older.replace(older.find("\"version\": \"") + 12, 1, "x");
    CHECK_FALSE(store::selfcheck_of(older, "box", "CPU"));
    CHECK_FALSE(store::selfcheck_of(kept.substr(0, kept.size() / 2), "box", "CPU"));
    CHECK_FALSE(store::selfcheck_of("{}", "box", "CPU"));
    CHECK(boost::json::parse(kept).at("levels").at(0).at("holds").as_bool());
}

TEST_CASE("selfcheck: the table has a row a load and why one does not hold") {
    const std::string table =
        report::selfcheck_table(check_of({level_of(16, 0.02, 0.03), level_of(256, 0.03, 9)}));
    CHECK(table.find("holds\n") != std::string::npos);
    CHECK(table.find("does not hold\n        the error of gaps is 9.00 ms") != std::string::npos);
}
