#include "cli/threshold_check.hpp"

#include <doctest/doctest.h>

using namespace lmstress;

namespace {

scenario with(std::vector<std::string> thresholds) {
    scenario s;
    s.limits.slo.below[0] = std::chrono::seconds{2};
    s.limits.thresholds = std::move(thresholds);
    return s;
}

std::string refusal(const scenario& s) {
    const auto checked = cli::check_thresholds(s);
    if (checked) return {};
    CHECK(checked.error().code == errc::usage);
    return checked.error().message;
}

}  // namespace

TEST_CASE("threshold check: of a figure that the run can have") {
    CHECK(refusal(with({"ttft_ms.p95 < 2000", "slo.clauses.ttft.attainment > 0.9",
                        "throughput.output_tokens_per_second > 5", "requests.failed < 1",
                        "slo.attainment >= 0.99", "tpot_ms.p50 < 5"})) == "");
}

TEST_CASE("threshold check: a figure that the scenario rules out is refused, and why is said") {
    CHECK(refusal(with({"load.achieved_rate > 1"})) ==
          "\"load.achieved_rate > 1\" is about a figure that this run cannot have: only an open "
          "loop has it (--rate, --trace ...)");
    for (const char* absent : {"levels.*.load.shed_late < 1", "conversations.begun < 3",
                               "vector_size > 1", "prompt_lengths.ratio_p50 < 1.1",
                               "calibration.requests > 1", "throughput.inputs_per_second > 1"}) {
        CAPTURE(std::string{absent});
        CHECK(refusal(with({absent})).find("cannot have") != std::string::npos);
        scenario ending = with({});
        ending.limits.abort_on = {absent};
        CHECK(refusal(ending).find("cannot have") != std::string::npos);
    }
    scenario open = with({"load.achieved_rate > 1"});
    open.load.arrivals.rates = {5};
    CHECK(refusal(open) == "");
    scenario turns = with({"conversations.begun < 3"});
    turns.workload.conversation.turns = 2;
    CHECK(refusal(turns) == "");
}

TEST_CASE("threshold check: embeddings have no tokens, and one moment") {
    scenario s = with({});
    s.target.api = "openai-embeddings";
    CHECK(refusal(s).starts_with("--slo holds embeddings to ttft"));
    s.limits.slo = {};
    s.limits.slo.below[slo_metric_count - 1] = std::chrono::seconds{1};
    CHECK(refusal(s) == "");
    s.limits.thresholds = {"vector_size > 100", "e2e_ms.p95 < 100"};
    CHECK(refusal(s) == "");
    s.limits.thresholds = {"metrics.ttft_ms.p95 < 100"};
    CHECK(refusal(s).find("embeddings come in one piece") != std::string::npos);
}

TEST_CASE("threshold check: objectives that are not there, and one that cannot pass") {
    scenario none = with({"slo.attainment > 0.9"});
    none.limits.slo = {};
    CHECK(refusal(none).find("about an objective, and the run has none") != std::string::npos);
    CHECK(refusal(with({"slo.clauses.tpot.attainment > 0.9"})).find("does not have") !=
          std::string::npos);
    CHECK(refusal(with({"slo.attainment >= 1"})).find("cannot pass") != std::string::npos);
    CHECK(refusal(with({"slo.attainment < 1"})) == "");
}

TEST_CASE("threshold check: a limit that no figure can pass, and one that none can break") {
    CHECK(refusal(with({"requests.failed < 0"})) ==
          "\"requests.failed < 0\" cannot pass: the figure is never below 0");
    CHECK(refusal(with({"ttft_ms.p95 <= -1"})).find("cannot pass") != std::string::npos);
    CHECK(refusal(with({"requests.failed >= 0"})).find("cannot fail") != std::string::npos);
    CHECK(refusal(with({"slo.attainment >= 0"})).find("cannot fail") != std::string::npos);
    CHECK(refusal(with({"requests.failed <= 0", "steady_state.ttft_change < -0.1",
                        "load.in_flight.growth < 0"})) == "");
}
