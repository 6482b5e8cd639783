// Results of processes that ran beside each other, joined: what one process would have measured.

#include "analyze/merged_run.hpp"

#include "cli/exit_code.hpp"
#include "measure/level_fold.hpp"
#include "measure/validity.hpp"
#include "report/summary_json.hpp"
#include "store/journal.hpp"
#include "store/record_json.hpp"
#include "store/run_json.hpp"
#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;
using analyze::run_part;

namespace {

/// A run in virtual time, of two levels, with all that the journal of a real one has.
run_part whole_run() {
    test::virtual_setup setup;
    setup.server.faults = sim::parse_faults(std::vector<std::string>{"error-mid:0.05"}).value();
    setup.scenario.load.concurrency = {2, 6};
    setup.scenario.load.duration = 20s;
    setup.scenario.workload.max_tokens = 30;
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 400ms;
    auto run = test::run_virtually(setup);
    run_part out{"whole", std::move(run.summary), {}};
    out.summary.setup.id = "aaaaaaaaaa";
    out.summary.setup.started_unix_ns = 1'790'000'000'000'000'000;
    out.summary.setup.scenario_json =
        R"({"target":{"url":"http://a:1"},"workload":{"seed":1},"load":{"concurrency":[2,6]}})";
    out.requests.resize(out.summary.levels.size());
    for (request_record& r : run.records) out.requests.at(r.level).push_back(std::move(r));
    for (level_summary& level : out.summary.levels) {
        level.course.client = client_figures{};
        level.course.client->cpu = 1s;
        level.course.client->wall = 20s;
        level.course.client->max_rss_bytes = 1000;
        level.course.client->read_lag.record(10us, 500);
    }
    return out;
}

/// Measured anew from what it holds.
void fold(run_part& part) {
    for (std::size_t i = 0; i < part.summary.levels.size(); ++i) {
        const level_summary& before = part.summary.levels[i];
        measure::level_fold f{before.setup};
        for (const request_record& r : part.requests[i]) f.add(r);
        part.summary.levels[i] = f.result(before.course);
    }
}

/// Two processes that did half of it each: every second stream. Their clocks and numbers are their
/// own; `later` is by how much the second one began after the first.
std::pair<run_part, run_part> halves_of(const run_part& whole, nanoseconds later = 0ms) {
    std::pair<run_part, run_part> out{whole, whole};
    const auto keep = [&](run_part& part, std::uint32_t half) {
        part.name = half == 0 ? "a" : "b";
        for (std::size_t i = 0; i < part.requests.size(); ++i) {
            auto& all = part.requests[i];
            std::erase_if(all, [&](const request_record& r) { return r.worker % 2 != half; });
            for (request_record& r : all) r.worker /= 2;
            level_summary& level = part.summary.levels[i];
            level.setup.concurrency /= 2;
            level.course.client->read_lag = {};
            level.course.client->read_lag.record(10us, 250);
            level.course.in_flight_time.reset();
        }
        std::uint64_t index = 0;
        for (auto& all : part.requests) {
            std::sort(all.begin(), all.end(),
                      [](const auto& a, const auto& b) { return a.index < b.index; });
            for (request_record& r : all) r.index = index++;
        }
    };
    keep(out.first, 0);
    keep(out.second, 1);
    out.second.summary.setup.id = "bbbbbbbbbb";
    out.second.summary.setup.seed = 2;
    out.second.summary.setup.started_unix_ns += later.count();
    for (run_part* half : {&out.first, &out.second}) fold(*half);
    return out;
}

/// What summary.json says of the levels of a merged run, rebuilt from the journal that it makes.
std::string levels_of(const analyze::merged_run& run) {
    std::string notes = store::run_line(run.setup);
    std::string requests;
    for (const auto& level : run.levels) {
        notes += store::level_begin_line(level.setup, level.course);
        for (const request_record& r : level.requests) requests += store::to_line(r);
        notes += store::level_end_line(level.setup, level.course);
    }
    const auto rebuilt = store::rebuild_from(notes, requests);
    REQUIRE(rebuilt.has_value());
    CHECK(rebuilt->skipped_lines == 0);
    std::string out;
    wire::json_writer w{out};
    w.begin_array();
    for (const level_summary& level : rebuilt->summary.levels) report::write_level(w, level);
    w.end_array();
    return out;
}

std::string refusal_of(const std::vector<run_part>& parts) {
    const auto merged = analyze::merged(parts);
    REQUIRE_FALSE(merged.has_value());
    return merged.error().message;
}

bool holds(const std::string& text, const std::string& part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("merge: two halves of a run are the run, figure by figure") {
    run_part whole = whole_run();
    for (level_summary& level : whole.summary.levels) level.course.in_flight_time.reset();
    fold(whole);
    const auto [a, b] = halves_of(whole);
    const auto merged = analyze::merged(std::vector{a, b});
    REQUIRE_MESSAGE(merged.has_value(), merged.error().message);
    std::string expected;
    wire::json_writer w{expected};
    w.begin_array();
    for (const level_summary& level : whole.summary.levels) report::write_level(w, level);
    w.end_array();
    CHECK(levels_of(*merged) == expected);
    CHECK(merged->setup.scenario_json ==
          R"({"target":{"url":"http://a:1"},"workload":{"seed":1},"load":{"concurrency":[2,6]}})");
}

TEST_CASE("merge: nothing is lost, and what repeats is told apart") {
    const run_part whole = whole_run();
    auto [a, b] = halves_of(whole);
    // As two processes with --salt seed and one seed have them.
    for (auto& all : b.requests) {
        for (request_record& r : all) {
            r.request_id = std::to_string(r.index) + "-aaaaaaaaaa";
            r.turn = conversation_turn{.conversation = r.index, .turns = 1};
        }
    }
    for (auto& all : a.requests) {
        for (request_record& r : all) {
            r.request_id = std::to_string(r.index) + "-aaaaaaaaaa";
            r.turn = conversation_turn{.conversation = r.index, .turns = 1};
        }
    }
    const auto merged = analyze::merged(std::vector{a, b});
    REQUIRE(merged.has_value());
    std::set<std::uint64_t> indices;
    std::set<std::string> ids;
    std::set<std::uint64_t> conversations;
    std::size_t requests = 0;
    std::uint64_t gaps = 0;
    for (std::size_t i = 0; i < merged->levels.size(); ++i) {
        std::set<std::uint32_t> workers;
        for (const request_record& r : merged->levels[i].requests) {
            ++requests;
            gaps += r.gaps.exact().total();
            indices.insert(r.index);
            ids.insert(r.request_id);
            conversations.insert(r.turn->conversation);
            workers.insert(r.worker);
        }
        CHECK(workers.size() == whole.summary.levels[i].setup.concurrency);
        CHECK(merged->levels[i].course.client->read_lag.exact().total() == 500);
    }
    std::size_t wanted = 0;
    std::uint64_t wanted_gaps = 0;
    for (const auto& all : whole.requests) {
        wanted += all.size();
        for (const request_record& r : all) wanted_gaps += r.gaps.exact().total();
    }
    CHECK(requests == wanted);
    CHECK(gaps == wanted_gaps);
    CHECK(indices.size() == wanted);
    CHECK(ids.size() == wanted);
    CHECK(conversations.size() == wanted);
}

TEST_CASE("merge: windows are laid over one another, and how far they were apart is kept") {
    const run_part whole = whole_run();
    auto [a, b] = halves_of(whole, 300ms);
    // Another process has another beginning of its own time.
    const nanoseconds zero = 5s;
    b.summary.setup.started_unix_ns -= zero.count();
    for (std::size_t i = 0; i < b.requests.size(); ++i) {
        level_course& c = b.summary.levels[i].course;
        *c.window_begin += zero;
        *c.window_end += zero;
        for (request_record& r : b.requests[i]) {
            for (std::size_t k = 0; k < moment_count; ++k) {
                const auto m = static_cast<moment>(k);
                if (const auto at = r.moments.get(m)) r.moments.set(m, *at + zero);
            }
        }
    }
    const auto merged = analyze::merged(std::vector{a, b});
    REQUIRE_MESSAGE(merged.has_value(), merged.error().message);
    REQUIRE(merged->setup.parts.size() == 2);
    CHECK(merged->setup.parts[0].moved == 0ms);
    CHECK(merged->setup.parts[1].moved == 300ms);
    CHECK(holds(merged->remarks.back(), "began at most 0.300 s apart"));
    // The throughput is the sum of both, to the last digit that an addition keeps.
    for (std::size_t i = 0; i < merged->levels.size(); ++i) {
        measure::level_fold f{merged->levels[i].setup};
        for (const request_record& r : merged->levels[i].requests) f.add(r);
        CHECK(f.result(merged->levels[i].course).output_tokens_per_second ==
              doctest::Approx(a.summary.levels[i].output_tokens_per_second +
                              b.summary.levels[i].output_tokens_per_second)
                  .epsilon(1e-12));
    }
}

TEST_CASE("merge: rates of open loops add up, and those in their words are of each part") {
    auto [a, b] = halves_of(whole_run());
    for (run_part* part : {&a, &b}) {
        part->summary.levels[0].setup.open = open_load{.arrivals = "poisson", .requested_rate = 2};
        part->summary.levels[1].setup.open = open_load{
            .arrivals = "poisson (1/s for 2s, 3/s for 2s)", .requested_rate = 2, .steady = false};
    }
    const auto merged = analyze::merged(std::vector{a, b});
    REQUIRE_MESSAGE(merged.has_value(), merged.error().message);
    CHECK(merged->levels[0].setup.open == open_load{.arrivals = "poisson", .requested_rate = 4});
    CHECK(merged->levels[1].setup.open->arrivals == "2 times poisson (1/s for 2s, 3/s for 2s)");
    CHECK(merged->levels[1].setup.open->requested_rate == 4);
}

TEST_CASE("merge: what is not alike is refused, with what it is") {
    const run_part whole = whole_run();
    const auto [a, b] = halves_of(whole);
    CHECK(holds(refusal_of({a, a}), "a and a are the same run"));
    run_part other = b;
    other.summary.setup.scenario_json =
        R"({"target":{"url":"http://a:1"},"workload":{"max_tokens":9},"load":{"concurrency":[2,6]}})";
    CHECK(
        holds(refusal_of({a, other}), "b did other work than a (/workload/max_tokens is not set"));
    other = b;
    other.summary.levels.pop_back();
    other.requests.pop_back();
    CHECK(holds(refusal_of({a, other}), "a has 2 levels and b has 1"));
    other = b;
    other.summary.levels[1].course.client.reset();
    CHECK(holds(refusal_of({a, other}), "level 1 of b did not come to its end"));
    other = b;
    *other.summary.levels[0].course.window_end += 1s;
    CHECK(holds(refusal_of({a, other}), "lasted 20.000 s in a and 21.000 s in b"));
    other = b;
    other.summary.setup.started_unix_ns += 3'000'000'000;
    CHECK(holds(refusal_of({a, other}), "began 3.0 s apart"));
    other = b;
    other.summary.levels[0].setup.target.model = "another";
    CHECK(holds(refusal_of({a, other}), "level 0: the model is "));
    other = b;
    other.summary.levels[0].setup.slo = {};
    CHECK(holds(refusal_of({a, other}), "different SLOs"));
    other = b;
    other.summary.levels[0].setup.open = open_load{.arrivals = "poisson", .requested_rate = 2};
    CHECK(
        holds(refusal_of({a, other}), "level 0: the load is a closed loop in a and an open loop"));
    other = b;
    other.summary.setup.parts.emplace_back();
    CHECK(holds(refusal_of({a, other}), "b is itself a merged one"));
}

TEST_CASE("merge: what the files held is kept where all parts know it, and must be the same") {
    const run_part whole = whole_run();
    auto [a, b] = halves_of(whole);
    a.summary.setup.file_hashes = {{"/workload/prompts", "01"}, {"/load/trace", "02"}};
    b.summary.setup.file_hashes = {{"/workload/prompts", "01"}};
    const auto merged = analyze::merged(std::vector{a, b});
    REQUIRE_MESSAGE(merged.has_value(), merged.error().message);
    CHECK(merged->setup.file_hashes ==
          std::vector<std::pair<std::string, std::string>>{{"/workload/prompts", "01"}});
    b.summary.setup.file_hashes = {{"/workload/prompts", "03"}};
    CHECK(holds(refusal_of({a, b}), "which held other bytes"));
}

TEST_CASE("merge: what differs and does not decide is named, and the worst part counts") {
    const run_part whole = whole_run();
    auto [a, b] = halves_of(whole);
    b.summary.setup.scenario_json =
        R"({"target":{"url":"http://b:2"},"workload":{"seed":2},"load":{"concurrency":[1,3]}})";
    b.summary.setup.labels = {{"host", "two"}};
    a.summary.setup.labels = {{"host", "one"}};
    b.summary.setup.seed = a.summary.setup.seed;
    for (level_summary& level : b.summary.levels) {
        level.course.client->cpu = 19s;
        level.course.client->max_rss_bytes = 5000;
    }
    const auto merged = analyze::merged(std::vector{a, b});
    REQUIRE(merged.has_value());
    CHECK(
        holds(merged->remarks.at(0), "/target/url is \"http://a:1\" in A and \"http://b:2\" in B"));
    CHECK(std::any_of(merged->remarks.begin(), merged->remarks.end(), [](const std::string& r) {
        return r.find("have the same seed") != std::string::npos;
    }));
    CHECK(merged->setup.labels ==
          std::vector<std::pair<std::string, std::string>>{{"host", "one, two"}});
    CHECK(merged->levels[0].course.client->cpu == 19s);
    CHECK(merged->levels[0].course.client->max_rss_bytes == 5000);
    CHECK_FALSE(merged->setup.parts[1].valid);  // its process used 95 % of a core
    run_summary summary;
    summary.setup = merged->setup;
    const auto v = measure::judge(summary);
    CHECK_FALSE(v.at("invalid_parts").holds);
    CHECK(holds(v.at("invalid_parts").sentence,
                "1 of the 2 results that were merged is not valid; of b: this process used 95 %"));
}

TEST_CASE("merge: what it is worth is asked of the whole, not of its parts") {
    const run_part whole = whole_run();
    auto [a, b] = halves_of(whole);
    const auto speed_of = [](const run_part& part) {
        return part.summary.levels.at(1).output_tokens_per_second;
    };
    const double most_of_a_part = std::max(speed_of(a), speed_of(b));
    const double of_all = speed_of(whole);
    REQUIRE(most_of_a_part * 1.2 < of_all);
    const std::string between = std::to_string((most_of_a_part + of_all) / 2);
    const auto code_of = [](const run_part& part, const std::string& threshold) {
        run_summary one = part.summary;
        one.levels = {one.levels.at(1)};
        one.setup.thresholds = {threshold};
        return cli::exit_code_of_run(one, {}, false);
    };
    const auto code_of_both = [&](const std::string& threshold) {
        const auto merged = analyze::merged(std::vector{a, b});
        REQUIRE(merged.has_value());
        run_part out{"both", {}, {}};
        out.summary.setup = merged->setup;
        for (const auto& level : merged->levels) {
            level_summary& s = out.summary.levels.emplace_back();
            s.setup = level.setup;
            s.course = level.course;
            out.requests.push_back(level.requests);
        }
        fold(out);
        return code_of(out, threshold);
    };
    const std::string less = "throughput.output_tokens_per_second < " + between;
    CHECK(code_of(a, less) == 0);
    CHECK(code_of(b, less) == 0);
    CHECK(code_of_both(less) == 4);
    const std::string more = "throughput.output_tokens_per_second > " + between;
    CHECK(code_of(a, more) == 4);
    CHECK(code_of(b, more) == 4);
    CHECK(code_of_both(more) == 0);
}

TEST_CASE(
    "merge: that a part was interrupted or killed is kept, and the whole has an id of its own") {
    auto [a, b] = halves_of(whole_run());
    a.summary.exit_code = 4;
    b.summary.exit_code = 0;
    auto merged = analyze::merged(std::vector{a, b});
    REQUIRE(merged.has_value());
    CHECK_FALSE(merged->interrupted);
    CHECK(merged->ended_early.empty());
    CHECK(merged->setup.id.size() == a.summary.setup.id.size());
    CHECK(merged->setup.id != a.summary.setup.id);
    CHECK(merged->setup.id != b.summary.setup.id);
    const std::string id = merged->setup.id;
    b.summary.exit_code = 130;
    merged = analyze::merged(std::vector{a, b});
    CHECK(merged->interrupted);
    CHECK(merged->setup.id == id);
    a.summary.exit_code.reset();
    CHECK(analyze::merged(std::vector{a, b})->ended_early ==
          "a: It was killed before it could say how it ended.");
}
