#include "sim/engine.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

using namespace std::chrono_literals;
using lmstress::instant;
using lmstress::nanoseconds;
using lmstress::sim::emission;
using lmstress::sim::engine;
using lmstress::sim::engine_settings;
using lmstress::sim::job_id;
using kind = lmstress::sim::emission::kind;

namespace {

// Round numbers, so that every time below can be worked out by hand:
//   T(B, P) = 10 ms + 2 ms * B + 1 ms * P, at most 8 prompt tokens in a step.
engine_settings by_hand() {
    return {.context_length = 1000,
            .parallel = 4,
            .unified_kv = true,
            .divide_context = true,
            .step_base = 10ms,
            .step_per_stream = 2ms,
            .prefill_per_token = 1ms,
            .prefill_chunk = 8};
}

instant at(nanoseconds t) {
    return instant{} + t;
}

/// Runs until the engine is idle.
std::vector<emission> run(engine& e) {
    std::vector<emission> out;
    while (const auto due = e.next_due()) e.advance(*due, out);
    return out;
}

/// When the tokens of a request came, in milliseconds.
std::vector<double> tokens_ms(const std::vector<emission>& all, job_id id) {
    std::vector<double> out;
    for (const emission& e : all) {
        if (e.id != id || e.what != kind::token) continue;
        out.push_back(static_cast<double>((e.due - instant{}).count()) / 1e6);
    }
    return out;
}

/// When something happened to a request, in milliseconds; -1 where it did not.
double when_ms(const std::vector<emission>& all, job_id id, kind what) {
    for (const emission& e : all) {
        if (e.id == id && e.what == what)
            return static_cast<double>((e.due - instant{}).count()) / 1e6;
    }
    return -1;
}

using times = std::vector<double>;

}  // namespace

TEST_CASE("engine: one stream") {
    engine e{by_hand()};
    e.submit(at(5ms), 1, {.prompt_tokens = 20, .max_output_tokens = 4});
    const auto all = run(e);
    // Taken up at once. Chunks of 8, 8 and 4 tokens: 18 + 18 + 14 = 50 ms, with the first token at
    // their end. Then a token each T(1, 0) = 12 ms.
    CHECK(when_ms(all, 1, kind::prefill_start) == 5);
    CHECK(when_ms(all, 1, kind::prefill_end) == 55);
    CHECK(tokens_ms(all, 1) == times{55, 67, 79, 91});
    CHECK(when_ms(all, 1, kind::finished) == 91);
    CHECK(e.idle());
}

TEST_CASE("engine: parallel + 1 streams, the last of which waits for a slot") {
    auto settings = by_hand();
    settings.parallel = 2;
    engine e{settings};
    for (job_id id = 1; id <= 3; ++id)
        e.submit(at(0ms), id, {.prompt_tokens = 4, .max_output_tokens = 3});
    const auto all = run(e);
    // Both prompts fit one step: T(0, 8) = 18 ms. Then two decode: T(2, 0) = 14 ms.
    CHECK(tokens_ms(all, 1) == times{18, 32, 46});
    CHECK(tokens_ms(all, 2) == times{18, 32, 46});
    // The third gets its slot when they end: T(0, 4) = 14 ms, then alone: T(1, 0) = 12 ms.
    CHECK(when_ms(all, 3, kind::prefill_start) == 46);
    CHECK(tokens_ms(all, 3) == times{60, 72, 84});
}

TEST_CASE("engine: a prefill beside three decodes delays them") {
    engine e{by_hand()};
    for (job_id id = 1; id <= 3; ++id)
        e.submit(at(0ms), id, {.prompt_tokens = 2, .max_output_tokens = 5});
    e.submit(at(20ms), 4, {.prompt_tokens = 12, .max_output_tokens = 2});
    const auto all = run(e);
    // Step 1: three prompts of 2: T(0, 6) = 16 ms. Step 2 is under way when the fourth comes at 20:
    // T(3, 0) = 16, until 32. Then its chunk of 8 beside three decodes: T(3, 8) = 24, until 56; its
    // last 4: T(3, 4) = 20, until 76; then all four: T(4, 0) = 18, until 94.
    CHECK(tokens_ms(all, 1) == times{16, 32, 56, 76, 94});
    CHECK(when_ms(all, 4, kind::prefill_start) == 32);
    CHECK(tokens_ms(all, 4) == times{76, 94});
}

TEST_CASE("engine: a prompt that is processed alone stops all streams, and other prompts wait") {
    auto settings = by_hand();
    settings.prefill_alone = true;
    engine e{settings};
    for (job_id id = 1; id <= 2; ++id)
        e.submit(at(0ms), id, {.prompt_tokens = 2, .max_output_tokens = 3});
    e.submit(at(30ms), 3, {.prompt_tokens = 12, .max_output_tokens = 2});
    const auto all = run(e);
    // One prompt after the other, T(0, 2) = 12 ms each, the first without a further token
    // meanwhile. Both decode, T(2, 0) = 14, until 38. Then nothing but the third one's prompt: T(0,
    // 8) = 18 and T(0, 4) = 14, until 70. Then all three, T(3, 0) = 16.
    CHECK(tokens_ms(all, 1) == times{12, 38, 86});
    CHECK(tokens_ms(all, 2) == times{24, 38, 86});
    CHECK(tokens_ms(all, 3) == times{70, 86});
    CHECK(when_ms(all, 3, kind::prefill_start) == 38);
}

TEST_CASE("engine: a full pool kills every running request, and the next one runs") {
    auto settings = by_hand();
    settings.context_length = 24;
    settings.parallel = 2;
    engine e{settings};
    e.submit(at(0ms), 1, {.prompt_tokens = 8, .max_output_tokens = 100});
    e.submit(at(0ms), 2, {.prompt_tokens = 8, .max_output_tokens = 100});
    e.submit(at(0ms), 3, {.prompt_tokens = 8, .max_output_tokens = 2});
    const auto all = run(e);
    // Step 1: the first prompt and its first token, T(0, 8) = 18. Step 2: it decodes beside the
    // second prompt, T(1, 8) = 20, until 38: 8 + 2 and 8 + 1 live tokens. Two more steps of T(2, 0)
    // = 14 bring them to 12 and 11, and a further one would need 25 of 24 cells.
    CHECK(tokens_ms(all, 1) == times{18, 38, 52, 66});
    CHECK(tokens_ms(all, 2) == times{38, 52, 66});
    CHECK(when_ms(all, 1, kind::context_exhausted) == 66);
    CHECK(when_ms(all, 2, kind::context_exhausted) == 66);
    CHECK(tokens_ms(all, 3) == times{84, 96});
    CHECK(when_ms(all, 3, kind::finished) == 96);
}

TEST_CASE("engine: a request that fills the pool alone ends for length") {
    auto settings = by_hand();
    settings.context_length = 10;
    engine e{settings};
    e.submit(at(0ms), 1, {.prompt_tokens = 8, .max_output_tokens = 100});
    const auto all = run(e);
    CHECK(tokens_ms(all, 1) == times{18, 30});
    CHECK(when_ms(all, 1, kind::context_full) == 30);
}

TEST_CASE("engine: without unified KV a slot has its share, or the whole context each") {
    auto settings = by_hand();
    settings.context_length = 40;
    settings.parallel = 4;
    settings.unified_kv = false;
    engine divided{settings};
    divided.submit(at(0ms), 1, {.prompt_tokens = 8, .max_output_tokens = 100});
    divided.submit(at(0ms), 2, {.prompt_tokens = 10, .max_output_tokens = 1});
    const auto shares = run(divided);
    CHECK(tokens_ms(shares, 1).size() == 2);  // 8 + 2 of 10
    CHECK(when_ms(shares, 1, kind::context_full) > 0);
    CHECK(when_ms(shares, 2, kind::prompt_too_long) == 0);  // 10 tokens leave no room for an answer

    settings.divide_context = false;
    engine whole{settings};
    whole.submit(at(0ms), 1, {.prompt_tokens = 8, .max_output_tokens = 100});
    whole.submit(at(0ms), 2, {.prompt_tokens = 8, .max_output_tokens = 100});
    const auto full = run(whole);
    CHECK(tokens_ms(full, 1).size() == 32);
    CHECK(tokens_ms(full, 2).size() == 32);
}

TEST_CASE("engine: the queue is first come, first served") {
    auto settings = by_hand();
    settings.parallel = 1;
    engine e{settings};
    for (job_id id = 1; id <= 5; ++id) {
        e.submit(at(std::chrono::milliseconds{id}), id,
                 {.prompt_tokens = 1, .max_output_tokens = 2});
    }
    const auto all = run(e);
    for (job_id id = 2; id <= 5; ++id) {
        CHECK(when_ms(all, id, kind::prefill_start) == when_ms(all, id - 1, kind::finished));
    }
}

TEST_CASE(
    "engine: a client that goes away frees its slot, but not before its prompt is processed") {
    auto settings = by_hand();
    settings.parallel = 1;
    engine e{settings};
    std::vector<emission> all;
    e.submit(at(0ms), 1, {.prompt_tokens = 24, .max_output_tokens = 100});
    e.submit(at(0ms), 2, {.prompt_tokens = 4, .max_output_tokens = 1});
    e.advance(at(10ms), all);
    e.cancel(1);  // in prefill: three chunks of 18 ms
    for (const auto& rest : run(e)) all.push_back(rest);
    CHECK(tokens_ms(all, 1).empty());
    CHECK(when_ms(all, 2, kind::prefill_start) == 54);

    engine f{settings};
    f.submit(at(0ms), 1, {.prompt_tokens = 4, .max_output_tokens = 100});
    f.submit(at(0ms), 2, {.prompt_tokens = 4, .max_output_tokens = 1});
    f.submit(at(0ms), 3, {.prompt_tokens = 4, .max_output_tokens = 1});
    std::vector<emission> begun;
    f.advance(at(30ms), begun);  // first token at 14, second at 26, the next one due at 38
    f.cancel(1);
    f.cancel(2);  // still queued: gone at once
    const auto rest = run(f);
    CHECK(when_ms(rest, 3, kind::prefill_start) == 38);
    CHECK(when_ms(rest, 2, kind::prefill_start) == -1);
}

TEST_CASE("engine: where prefill does not go on, who goes in it is gone at the next step") {
    engine_settings settings = by_hand();
    settings.parallel = 1;
    settings.prefill_goes_on = false;
    engine e{settings};
    e.submit(at(0ms), 1, {.prompt_tokens = 24, .max_output_tokens = 100});
    e.submit(at(0ms), 2, {.prompt_tokens = 4, .max_output_tokens = 1});
    std::vector<emission> begun;
    e.advance(at(1ms), begun);
    e.cancel(1);  // in the first of three chunks of 18 ms
    const auto rest = run(e);
    CHECK(tokens_ms(rest, 1).empty());
    CHECK(when_ms(rest, 2, kind::prefill_start) == 18);
}

TEST_CASE("engine: how often it is asked does not change what it says") {
    const auto emissions = [](nanoseconds step) {
        engine e{by_hand()};
        std::vector<emission> out;
        for (int i = 0; i < 40; ++i) {
            const auto n = static_cast<std::uint64_t>(i);
            e.submit(at(7ms * i), n, {.prompt_tokens = 3 + n % 17, .max_output_tokens = 1 + n % 9});
            if (step == 0ns) {
                while (e.next_due() && *e.next_due() <= at(7ms * i)) e.advance(*e.next_due(), out);
            }
            for (instant t = at(7ms * i); step > 0ns && t < at(7ms * (i + 1)); t += step)
                e.advance(t, out);
        }
        for (const auto& rest : run(e)) out.push_back(rest);
        std::map<std::tuple<job_id, int, std::uint64_t>, instant> all;
        for (const auto& em : out) all[{em.id, static_cast<int>(em.what), em.done}] = em.due;
        return all;
    };
    const auto exact = emissions(0ns);
    CHECK(exact.size() > 200);
    CHECK(emissions(1ms) == exact);
    CHECK(emissions(3500us) == exact);
}
