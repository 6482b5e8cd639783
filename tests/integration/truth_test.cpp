// The client's figures against the server's truth log, over sockets.

#include "support/truth.hpp"

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>

namespace json = boost::json;

namespace {

/// The bound of the test is wide, for it runs on machines that do other things too; what was really
/// measured is printed, and stands in the README.
void check_close(double measured_ms, double true_ms) {
    CHECK(std::abs(measured_ms - true_ms) <= 20.0 + 0.1 * true_ms);
}

}  // namespace

TEST_CASE("truth: TTFT and gaps over sockets with 1, 16 and 256 streams") {
    for (const std::string streams : {"1", "16", "256"}) {
        for (const std::string api : {"lmstudio", "openai-chat"}) {
            CAPTURE(streams);
            CAPTURE(api);
            const test::temporary_directory directory;
            const std::string log = directory.path() / "truth.jsonl";
            const std::string out = directory.path() / "result";
            // 50 ms a step whatever the batch, so that two cores hold 256 streams easily.
            test::simulator sim{{"--parallel", streams, "--context-length", "1000000",
                                 "--step-base", "50ms", "--step-per-stream", "0",
                                 "--prefill-per-token", "20us", "--prefill-chunk", "100000",
                                 "--truth-log", log}};
            const auto run = test::run_lmstress(
                {"run", "--url", sim.url(), "--api", api, "--concurrency", streams, "--warmup",
                 "1s", "--duration", "3s", "--max-tokens", "20", "--events", "--out", out});
            sim.stop();
            CAPTURE(run.output);
            REQUIRE(run.exit_code == 0);
            const auto records = test::read_records(out);
            const auto e = test::compare(records, log);
            REQUIRE(e.requests > 2);
            check_close(e.ttft_ms->p50, e.true_ttft_ms->p50);
            check_close(e.ttft_ms->p95, e.true_ttft_ms->p95);
            check_close(e.gap_ms->p50, e.true_gap_ms->p50);
            check_close(e.gap_ms->p95, e.true_gap_ms->p95);
            // What the user reads is what was compared.
            const auto metrics = json::parse(test::content_of(out + "/summary.json"))
                                     .at("levels")
                                     .at(0)
                                     .at("metrics");
            const auto shown = [&](const char* metric, const char* quantile) {
                return metrics.at(metric).at(quantile).to_number<double>();
            };
            CHECK(shown("ttft_ms", "p50") == doctest::Approx(e.ttft_ms->p50));
            CHECK(shown("ttft_ms", "p95") == doctest::Approx(e.ttft_ms->p95));
            CHECK(shown("itl_ms", "p50") == doctest::Approx(e.gap_ms->p50).epsilon(0.002));
            CHECK(shown("itl_ms", "p95") == doctest::Approx(e.gap_ms->p95).epsilon(0.002));
            MESSAGE(streams, " streams, ", api, ": TTFT p50 ", e.ttft_ms->p50, " (true ",
                    e.true_ttft_ms->p50, "), p95 ", e.ttft_ms->p95, " (true ", e.true_ttft_ms->p95,
                    ") ms; gap p50 ", e.gap_ms->p50, " (true ", e.true_gap_ms->p50, "), p95 ",
                    e.gap_ms->p95, " (true ", e.true_gap_ms->p95, ") ms; p99 of the errors: TTFT ",
                    1000 * e.ttft_error_ms->p99, " us, gaps ", 1000 * e.gap_error_ms->p99, " us");
            std::size_t ids = 0;
            for (const auto& r : records)
                ids += r.request_id.starts_with(std::to_string(r.index) + "-");
            CHECK(ids == records.size());
        }
    }
}
