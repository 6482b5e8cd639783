// Every fault of the built-in server, in virtual time, through the workers that meet them: what the
// request ends as, when, and that the next one is not disturbed by what the fault left behind.

#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <numeric>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using sim::fault;

namespace {

constexpr std::array apis = {"lmstudio",           "openai-chat", "openai-completions",
                             "openai-responses",   "lmstudio-v0", "lmstudio-v0-completions",
                             "anthropic-messages", "ollama"};
/// And the one that has no HTTP.
constexpr auto with_socket = [] {
    std::array<const char*, apis.size() + 1> all{};
    std::copy(apis.begin(), apis.end(), all.begin());
    all.back() = "lmstudio-sdk";
    return all;
}();
constexpr std::uint64_t answer_tokens = 32;
constexpr nanoseconds step = 13ms;  // of the engine, with one stream
/// A request that was cut leaves the engine when the step under way is done.
constexpr nanoseconds longest_aftermath = 150ms;

/// What a fault must come to.
struct row {
    const char* fault;  ///< as in --fault
    outcome ended;
    std::optional<failure_kind> kind = {};
    std::optional<phase> timed_out_in = {};
    int http_status = 200;     ///< where it failed
    std::uint64_t events = 0;  ///< tokens that the client has
    /// The request ends when this token is due, or else when it is sent; and `later` after that.
    std::uint64_t until_token = 0;
    nanoseconds later{0};
    nanoseconds give_or_take{0};
    bool keeps_connection = false;
    bool before_any_byte = false;  ///< the connection is lost
};

using enum outcome;
using kinds = failure_kind;

/// An answer as if nothing were wrong.
row fine(const char* name, nanoseconds give_or_take = 0s) {
    return {.fault = name,
            .ended = completed,
            .events = answer_tokens,
            .until_token = answer_tokens,
            .give_or_take = give_or_take,
            .keeps_connection = true};
}

/// An answer that says in good order what is wrong.
row refused(const char* name, int http_status, failure_kind kind, nanoseconds later = 0s) {
    return {.fault = name,
            .ended = failed,
            .kind = kind,
            .http_status = http_status,
            .later = later,
            .keeps_connection = true};
}

/// Half of an answer, and what is wrong as late as `until_token` is due.
row spoiled(const char* name, failure_kind kind, std::uint64_t until_token) {
    return {.fault = name,
            .ended = failed,
            .kind = kind,
            .events = answer_tokens / 2,
            .until_token = until_token};
}

row with_events(row r, std::uint64_t events) {
    r.events = events;
    return r;
}

row with_connection_kept(row r) {
    r.keeps_connection = true;
    return r;
}

const std::vector<row> table = {
    {.fault = "reset-before",
     .ended = failed,
     .kind = kinds::reset,
     .http_status = 0,
     .before_any_byte = true},
    spoiled("reset-mid", kinds::truncated, 17),
    {.fault = "stall",
     .ended = timed_out,
     .timed_out_in = phase::gap,
     .events = 16,
     .until_token = 16,
     .later = 5s},
    {.fault = "truncate",
     .ended = failed,
     .kind = kinds::truncated,
     .events = 32,
     .until_token = 32,
     .keeps_connection = true},
    spoiled("malformed-frame", kinds::bad_frame, 17),
    spoiled("spliced-frame", kinds::bad_frame, 18),
    with_events(fine("drop-event"), 31),
    with_events(fine("double-event"), 33),
    fine("swap-events"),
    fine("byte-by-byte"),
    fine("coalesce", 3 * step),  // the last of four tokens goes at once
    fine("slow-headers"),
    {.fault = "no-headers",
     .ended = timed_out,
     .timed_out_in = phase::headers,
     .http_status = 0,
     .later = 10s},
    refused("401", 401, kinds::unauthorized),
    refused("404", 404, kinds::model_not_found),
    refused("429", 429, kinds::overloaded),
    refused("500", 500, kinds::engine_failed),
    refused("html-500", 500, kinds::server_error),
    refused("ok-with-error", 200, kinds::model_unloaded),
    refused("error-first", 200, kinds::prompt_too_long),
    with_connection_kept(spoiled("error-mid", kinds::model_unloaded, 17)),
    with_connection_kept(spoiled("crash", kinds::engine_failed, 17)),
    fine("wrong-model"),
    spoiled("oversized-event", kinds::event_too_large, 17),
    refused("slot-timeout", 400, kinds::slot_timeout, 120s),
    {.fault = "prefill-goes-on",
     .ended = failed,
     .kind = kinds::truncated,
     .give_or_take = longest_aftermath},
    refused("empty-400", 400, kinds::bad_request),
    fine("double-prefill"),
    fine("bare-events"),
};

const row spared = fine("none");

/// The SDK's socket has neither heads nor statuses: what could only be such an answer is none, and
/// a prediction that is reset in prefill has brought no byte.
row on_socket(row r) {
    const std::string_view name = r.fault;
    for (const char* none : {"401", "429", "html-500", "empty-400"}) {
        if (name == none) return fine(none);
    }
    r.http_status = 0;
    if (name == "no-headers") r.timed_out_in = phase::first_token;
    if (name == "prefill-goes-on") {
        r.kind = kinds::reset;
        r.before_any_byte = true;
    }
    return r;
}

/// Ollama's head waits for the first token: what goes wrong before has a status of its own.
row on_api(std::string_view api, row r) {
    if (api == "lmstudio-sdk") return on_socket(r);
    if (api != "ollama") return r;
    const std::string_view name = r.fault;
    if (name == "error-first") r.http_status = 500;
    if (name == "prefill-goes-on") {
        r.kind = kinds::reset;
        r.http_status = 0;
        r.before_any_byte = true;
    }
    return r;
}

nanoseconds of(const request_record& r, moment m) {
    const auto at = r.moments.get(m);
    REQUIRE(at);
    return *at;
}

nanoseconds ttft_of(const request_record& r) {
    return of(r, moment::first_token) - of(r, moment::send_start);
}

/// Alone on an idle engine.
nanoseconds ideal_ttft(const sim::engine_settings& engine, std::uint64_t prompt_tokens) {
    return engine.step_base + engine.prefill_per_token * static_cast<std::int64_t>(prompt_tokens);
}

/// A seed whose first request is spared, if any is: some faults in the first answer end the run.
/// With that of 3 and half of the requests struck, good and bad ones take turns.
std::uint64_t sparing_seed(const std::vector<sim::fault_share>& shares) {
    std::uint64_t seed = 3;
    while (seed < 100 && sim::fault_plan{shares, seed}.next()) ++seed;
    return seed;
}

test::virtual_setup setup_of(const std::string& api, std::vector<sim::fault_share> shares,
                             std::uint64_t requests) {
    test::virtual_setup s;
    s.server.fault_seed = sparing_seed(shares);
    s.server.faults = std::move(shares);
    s.scenario.target.api = api;
    s.scenario.load.requests = requests;
    s.scenario.load.grace = 200s;
    s.scenario.workload.max_tokens = answer_tokens;
    s.scenario.workload.salt = salt_mode::seed;
    s.scenario.deadlines = {.headers = 10s, .first_token = 10s, .gap = 5s};
    s.scenario.output.events = true;
    return s;
}

/// Where the request that is struck ends, counted from its send.
nanoseconds end_of(const request_record& r, const row& expected) {
    if (expected.until_token == 0) return expected.later;
    return ttft_of(r) + step * static_cast<std::int64_t>(expected.until_token - 1) + expected.later;
}

void check_struck(const request_record& r, const row& expected) {
    CHECK(r.ended == expected.ended);
    CHECK(r.events == expected.events);
    CHECK(r.model_mismatch == (std::string_view{expected.fault} == "wrong-model"));
    CHECK(r.unknown_events == 0);
    if (expected.ended == completed) {
        CHECK_FALSE(r.error);
        CHECK(r.output_tokens == answer_tokens);
        return;
    }
    REQUIRE(r.error);
    CHECK(r.error->kind == expected.kind);
    CHECK(r.error->timed_out_in == expected.timed_out_in);
    CHECK(r.error->http_status == expected.http_status);
    CHECK(r.moments.has(moment::headers) == (expected.http_status != 0));
}

/// Over the SDK's socket a request is known by its channel, which is its number.
const std::vector<test::sent_event>& sent_for(const test::virtual_result& run,
                                              const request_record& r) {
    const auto over_http = run.sent.find(r.request_id);
    if (over_http != run.sent.end()) return over_http->second;
    return run.sent.at(std::to_string(r.index + 1) + "@sdk");
}

/// As if there were no faults: all tokens, at the times at which the engine made them.
void check_spared(const request_record& r, const test::virtual_result& result) {
    CHECK(r.ended == completed);
    CHECK_FALSE(r.error);
    CHECK(r.output_tokens == answer_tokens);
    CHECK(r.answered_by == "qwen/qwen3-4b");
    CHECK_FALSE(r.model_mismatch);
    CHECK(r.coalesced_events == 0);
    const std::vector<nanoseconds> made = test::token_times(sent_for(result, r));
    CHECK(made.size() == answer_tokens);
    CHECK(r.event_times == made);
}

/// The engine knows nothing of the fault, but what was cut before may still be in its step.
void check_ttft(const request_record& r, const sim::engine_settings& engine, nanoseconds delay) {
    if (!r.moments.has(moment::first_token) || !r.input_tokens) return;
    const nanoseconds least = ideal_ttft(engine, *r.input_tokens) + delay;
    CHECK(ttft_of(r) >= least);
    CHECK(ttft_of(r) <= least + longest_aftermath);
}

struct walked {
    std::uint64_t struck = 0;
    std::uint64_t retried = 0;
};

/// Goes through the requests of one user, who sends the next when the last one has ended.
walked check_each(const row& expected, const test::virtual_setup& setup,
                  const test::virtual_result& result) {
    const fault kind = setup.server.faults.front().kind;
    sim::fault_plan plan{setup.server.faults, setup.server.fault_seed};
    walked so_far;
    bool kept = false;         // the connection, after the last request
    nanoseconds ended{0};      // the last request
    nanoseconds uncertain{0};  // at most that much sooner or later
    int resets_in_a_row = 0;
    for (const request_record& r : result.records) {
        CAPTURE(r.index);
        CHECK(of(r, moment::intended) >= ended - uncertain);
        CHECK(of(r, moment::intended) <= ended + uncertain);
        bool struck = plan.next().has_value();
        // One that is lost before any byte on a kept connection is sent again, once, on a new one.
        const bool again = struck && kept && expected.before_any_byte;
        if (again) struck = plan.next().has_value();
        CHECK(r.retries == (again ? 1 : 0));
        CHECK(r.connection_reused == (kept && !again));
        struck ? check_struck(r, expected) : check_spared(r, result);
        check_ttft(r, setup.server.engine, struck && kind == fault::slow_headers ? 3s : 0s);
        so_far.struck += struck ? 1 : 0;
        so_far.retried += again ? 1 : 0;
        kept = !struck || expected.keeps_connection;
        ended = of(r, moment::send_start) + end_of(r, struck ? expected : spared);
        uncertain = struck ? expected.give_or_take : 0s;
        // A user whose server does not answer waits before the next try.
        resets_in_a_row = struck && expected.before_any_byte ? resets_in_a_row + 1 : 0;
        const bool refused = r.ended == outcome::failed && !r.moments.has(moment::first_token);
        if (resets_in_a_row > 0) {
            ended += 100ms * (1 << (resets_in_a_row - 1));
        } else if (refused) {
            ended += 100ms;
        }
    }
    return so_far;
}

void check_summary(const row& expected, const walked& requests, const level_summary& level) {
    const std::uint64_t bad = expected.ended == completed ? 0 : requests.struck;
    CHECK(level.requests.add_up());
    CHECK(level.requests.completed + bad == level.requests.offered);
    CHECK((expected.ended == timed_out ? level.requests.timed_out : level.requests.failed) == bad);
    CHECK(level.requests.retried == requests.retried);
    CHECK(level.requests.model_mismatch ==
          (std::string_view{expected.fault} == "wrong-model" ? requests.struck : 0));
    CHECK(level.errors.size() == (bad > 0 ? 1 : 0));
    for (const auto& [name, errors] : level.errors) {
        CHECK(errors.count == bad);
        CHECK(name == (expected.kind
                           ? std::string{to_string(*expected.kind)}
                           : "timeout_" + std::string{to_string(*expected.timed_out_in)}));
    }
}

}  // namespace

TEST_CASE("faults: every kind, what it comes to and when, and an undisturbed request after it") {
    REQUIRE(table.size() == sim::fault_table().size());
    for (const row& anywhere : table) {
        for (const std::string api : with_socket) {
            const row expected = on_api(api, anywhere);
            const std::string name = expected.fault;
            CAPTURE(name);
            CAPTURE(api);
            auto setup = setup_of(api, {{sim::parse_fault(name)->kind, 0.5}}, 16);
            if (name == "slot-timeout") setup.scenario.deadlines.headers = 130s;
            if (name == "slot-timeout" && api == "lmstudio-sdk") {
                setup.scenario.deadlines.first_token = 130s;
            }
            const auto result = test::run_virtually(setup);
            REQUIRE(result.records.size() == 16);
            const walked requests = check_each(expected, setup, result);
            CHECK(requests.struck >= 3);
            CHECK(requests.struck <= 13);
            check_summary(expected, requests, result.summary.levels[0]);
        }
    }
}

TEST_CASE("faults: an answer in one piece is struck before it, in its head, or not at all") {
    // Embeddings have no events that could be struck, and no half of their tokens.
    const row whole = {.fault = "", .ended = completed};
    const row lost = {.fault = "", .ended = failed, .kind = kinds::reset, .http_status = 0};
    const std::map<std::string_view, row> otherwise = {
        {"reset-mid", lost},
        {"stall", whole},
        {"truncate", whole},
        {"malformed-frame", whole},
        {"spliced-frame", whole},
        {"error-first", refused("", 400, kinds::prompt_too_long)},
        {"error-mid", refused("", 400, kinds::model_unloaded)},
        {"crash", refused("", 400, kinds::engine_failed)},
        {"oversized-event", whole},
        {"prefill-goes-on", lost},
    };
    for (const row& of_streams : table) {
        const auto other = otherwise.find(of_streams.fault);
        const row& expected = other == otherwise.end() ? of_streams : other->second;
        const std::string name = of_streams.fault;
        CAPTURE(name);
        auto setup = setup_of("openai-embeddings", {{sim::parse_fault(name)->kind, 0.5}}, 24);
        if (name == "slot-timeout") setup.scenario.deadlines.headers = 130s;
        const auto result = test::run_virtually(setup);
        REQUIRE(result.records.size() == 24);
        sim::fault_plan plan{setup.server.faults, setup.server.fault_seed};
        std::uint64_t struck = 0;
        for (const request_record& r : result.records) {
            CAPTURE(r.index);
            bool hit = plan.next().has_value();
            if (r.retries > 0) {  // lost before any byte on a kept connection
                CHECK(hit);
                hit = plan.next().has_value();
            }
            struck += hit ? 1 : 0;
            CHECK(r.ended == (hit ? expected.ended : completed));
            CHECK(r.model_mismatch == (hit && name == "wrong-model"));
            CHECK(r.error.has_value() == (hit && expected.ended != completed));
            if (const auto end = r.moments.get(moment::end)) {
                const nanoseconds took = *end - of(r, moment::send_start);
                const bool late = hit && name == "slow-headers";
                const nanoseconds least = late ? 3s : hit ? expected.later : 0s;
                CHECK(took >= least);
                CHECK(took <= least + 1s);
            }
            if (!r.error) continue;
            CHECK(r.error->kind == expected.kind);
            CHECK(r.error->timed_out_in == expected.timed_out_in);
            CHECK(r.error->http_status == expected.http_status);
        }
        CHECK(struck >= 3);
        CHECK(result.summary.levels[0].requests.add_up());
    }
}

TEST_CASE("faults: one that only delays the header runs into its deadline") {
    for (const char* api : apis) {
        auto setup = setup_of(api, {{fault::slow_headers, 0.5}}, 16);
        setup.scenario.deadlines.headers = 2s;
        const auto result = test::run_virtually(setup);
        const auto& level = result.summary.levels[0];
        CHECK(level.requests.timed_out == level.errors.at("timeout_headers").count);
        CHECK(level.requests.timed_out >= 3);
        CHECK(level.requests.completed + level.requests.timed_out == 16);
        for (const auto& r : result.records) {
            if (r.ended == completed) check_spared(r, result);
        }
    }
}

TEST_CASE("faults: over the SDK's socket a late beginning runs into the first token's deadline") {
    auto setup = setup_of("lmstudio-sdk", {{fault::slow_headers, 0.5}}, 16);
    setup.scenario.deadlines.first_token = 2s;
    const auto result = test::run_virtually(setup);
    const auto& level = result.summary.levels[0];
    CHECK(level.requests.timed_out == level.errors.at("timeout_first_token").count);
    CHECK(level.requests.timed_out >= 3);
    CHECK(level.requests.completed + level.requests.timed_out == 16);
}

TEST_CASE("faults: events that share a write, and bytes that do not, are read as what they are") {
    for (const char* api : with_socket) {
        const auto together = test::run_virtually(setup_of(api, {{fault::coalesce, 1.0}}, 2));
        for (const auto& r : together.records) CHECK(r.coalesced_events >= 20);
        const auto apart = test::run_virtually(setup_of(api, {{fault::byte_by_byte, 1.0}}, 2));
        for (const auto& r : apart.records) {
            check_spared(r, apart);
            CHECK(r.kernel_stamps > 1000);  // a read each byte
        }
    }
}

TEST_CASE("faults: a prompt whose client was cut off is processed, and the next one waits for it") {
    for (const std::string_view api : apis) {
        if (api == "ollama") continue;  // a request that is lost before any byte is sent again
        auto setup = setup_of(std::string{api}, {}, 16);
        setup.server.engine.parallel = 1;
        setup.server.engine.prefill_chunk = 8;
        const auto& engine = setup.server.engine;
        // Every prompt is cut into steps, T(0, chunk) each.
        std::vector<nanoseconds> prefill;
        for (const auto& r : test::run_virtually(setup).records) {
            const auto tokens = static_cast<std::int64_t>(*r.input_tokens);
            const auto chunk = static_cast<std::int64_t>(engine.prefill_chunk);
            prefill.push_back(engine.step_base * ((tokens + chunk - 1) / chunk) +
                              engine.prefill_per_token * tokens);
            REQUIRE(ttft_of(r) == prefill.back());
        }
        setup.server.faults = {{fault::prefill_goes_on, 0.5}};
        setup.server.fault_seed = sparing_seed(setup.server.faults);
        const auto records = test::run_virtually(setup).records;
        int waited = 0;
        for (std::size_t i = 1; i < records.size(); ++i) {
            if (records[i].ended != completed) continue;
            const bool after_a_cut = records[i - 1].ended == failed;
            // The user was refused, and has waited 100 ms of it before asking again.
            const nanoseconds rest = std::max<nanoseconds>(prefill[i - 1] - 100ms, 0s);
            CHECK(ttft_of(records[i]) == prefill[i] + (after_a_cut ? rest : 0s));
            waited += after_a_cut ? 1 : 0;
        }
        CHECK(waited >= 3);
    }
}

TEST_CASE("faults: an answer that shows the run to be hopeless ends it, if it is the first") {
    for (const fault kind : {fault::status_401, fault::status_404}) {
        auto setup = setup_of("lmstudio", {}, 16);
        setup.server.faults = {{kind}};
        const auto result = test::run_virtually(setup);
        CHECK(result.hopeless);
        CHECK(result.records.size() == 1);
    }
}

TEST_CASE("faults: all kinds at once beside many good requests, and again to the byte") {
    std::vector<sim::fault_share> shares;
    for (const auto& known : sim::fault_table()) shares.push_back({known.kind, 0.02});
    for (const char* api : apis) {
        auto setup = setup_of(api, shares, 600);
        setup.scenario.load.concurrency = {8};
        const auto result = test::run_virtually(setup);
        REQUIRE(result.records.size() == 600);
        const auto& level = result.summary.levels[0];
        CHECK(level.requests.offered == 600);
        CHECK(level.requests.add_up());
        CHECK(level.requests.censored == 0);
        std::uint64_t with_a_kind = 0;
        for (const auto& [kind, errors] : level.errors) with_a_kind += errors.count;
        CHECK(with_a_kind == level.requests.failed + level.requests.timed_out);
        CHECK(with_a_kind > 150);
        CHECK(level.requests.completed > 300);
        for (const auto& r : result.records) {
            if (r.ended != completed) continue;
            CHECK(r.output_tokens == answer_tokens);
            CHECK(r.events + 1 >= answer_tokens);  // drop-event, double-event
            CHECK(r.events <= answer_tokens + 1);
        }
        CHECK(test::run_virtually(setup).records == result.records);
    }
}
