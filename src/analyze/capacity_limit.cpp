#include "analyze/batch.hpp"
#include "analyze/capacity.hpp"
#include "analyze/context_use.hpp"
#include "analyze/request_phases.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace lmstress::analyze {
namespace {

limit_found of_slots(const batch_figures& b, const mean_phases& p) {
    const std::uint32_t slots = b.parallel.value_or(b.in_slots.value_or(b.decoding_most));
    return {
        .is = limit::slots,
        .evidence = fmt::format("{} ran at once, {:.1f} requests were there, and {:.0f} % of the "
                                "time to the first token was waiting for a slot.",
                                wire::plural(slots, "stream"), b.in_flight_mean,
                                100 * p.queue_ms / (p.queue_ms + p.prefill_ms)),
        .next_step = fmt::format("More slots would let more run at once, each of them slower: "
                                 "lmstress sweep --parallel {},{} shows what that costs.",
                                 slots, 2 * slots)};
}

limit_found of_prefill(const mean_phases& p) {
    return {.is = limit::prefill,
            .evidence = fmt::format("Of a request's first {:.0f} ms, {:.0f} were the processing of "
                                    "its prompt.",
                                    p.queue_ms + p.prefill_ms, p.prefill_ms),
            .next_step =
                "Shorter prompts, a prefix that the server can keep, or more compute (a "
                "faster GPU) would shorten it; more slots would not."};
}

constexpr double noise = 1.05;

/// More requests were there than had a slot: fewer slots would let even more of them wait.
bool more_than_slots(const batch_figures& b, std::optional<std::uint32_t> slots) {
    if (!slots) slots = b.in_slots;
    return slots && b.in_flight_mean > noise * *slots;
}

/// `so` ends the sentence on how many decoded at once.
limit_found of_decode(const batch_figures& b, bool others_wait, std::string_view so) {
    return {.is = limit::decode,
            .evidence = fmt::format("{:.1f} streams decoded at once on average, and {}.",
                                    b.decoding_mean, so),
            .next_step =
                others_wait
                    ? "A smaller or more quantized model, or faster memory, would make all of them "
                      "faster."
                    : "Fewer slots would make each stream faster and let others wait; a smaller "
                      "or more quantized model, or faster memory, would make all of them faster."};
}

limit_found of_pool(const measured_level& level, const measured_level& piece) {
    auto full = pool_exhaustion_of(piece);
    if (!full) full = pool_exhaustion_of(level);
    const std::string demand =
        full ? fmt::format(", when {} wanted about {} tokens of context together",
                           wire::plural(full->streams, "stream"), full->demand)
             : std::string{};
    const level_summary& l = level.summary;
    return {.is = limit::kv_pool,
            .evidence = fmt::format("{} of {} failed because the pool of the KV cache was full{}.",
                                    l.errors.at("context_exhausted").count,
                                    wire::plural(l.requests.offered, "request"), demand),
            .next_step =
                "A longer context, fewer slots, or shorter prompts and answers would "
                "leave room in it."};
}

/// By what ran and what was there alone.
limit_found of_slots_untold(const batch_figures& b, std::uint32_t slots) {
    limit_found found = of_slots(b, {.queue_ms = 1});
    found.evidence = fmt::format("{} ran at once and {:.1f} requests were there.",
                                 wire::plural(slots, "stream"), b.in_flight_mean);
    return found;
}

/// As the load shows it, else as the server says.
std::optional<std::uint32_t> slots_of(const measured_level& level, const batch_figures& b) {
    if (b.parallel) return b.parallel;
    const auto& told = level.summary.setup.server.parallel.confirmed;
    return told ? std::optional{static_cast<std::uint32_t>(*told)} : std::nullopt;
}

/// It ended more than a few requests, and no fewer than anything else did.
bool exhausts_the_pool(const level_summary& level) {
    const auto at = level.errors.find("context_exhausted");
    if (at == level.errors.end() || 20 * at->second.count <= level.requests.offered) return false;
    return std::none_of(level.errors.begin(), level.errors.end(),
                        [&](const auto& other) { return other.second.count > at->second.count; });
}

/// What of a request was too slow; `output`: nothing of a single one, but all together.
enum class slow_part : std::uint8_t { unknown, first_token, tokens, whole, output };

/// By the name of an SLO's clause, or of a figure that bounds are on.
slow_part part_named(std::string_view name) {
    struct row {
        std::string_view begins;
        slow_part is;
    };
    constexpr row rows[] = {
        {"ttft", slow_part::first_token},  {"ttfa", slow_part::first_token},
        {"queue", slow_part::first_token}, {"prefill", slow_part::first_token},
        {"tpot", slow_part::tokens},       {"itl", slow_part::tokens},
        {"event_gap", slow_part::tokens},  {"stream_tokens_per_second", slow_part::tokens},
        {"e2e", slow_part::whole},         {"throughput", slow_part::output},
        {"requests", slow_part::output},
    };
    for (const row& r : rows) {
        if (name.starts_with(r.begins)) return r.is;
    }
    return slow_part::unknown;
}

/// Of the clause that the fewest requests met.
slow_part worst_part(const level_summary& level) {
    if (!level.slo || level.slo->clauses.empty()) return slow_part::unknown;
    const auto& all = level.slo->clauses;
    const auto worst = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.attainment < b.attainment;
    });
    return worst->attainment < 1 ? part_named(worst->name) : slow_part::unknown;
}

/// Of a figure that a bound is on; those of an objective as the objective has it.
slow_part part_bound(std::string_view figure, const level_summary& level) {
    constexpr std::string_view clause = "slo.clauses.";
    if (figure.starts_with(clause)) return part_named(figure.substr(clause.size()));
    return figure.starts_with("slo.") ? worst_part(level) : part_named(figure);
}

/// The slots, where more requests were there than those and waited longer than for their prompt;
/// else what most of their time went to.
limit_found of_output(const measured_level& level, const measured_level& piece,
                      std::string_view where_decoding_is) {
    auto batch = batch_of(piece);
    const auto phases = mean_of(phases_of(level));
    if (!batch || !phases) return {};
    const auto slots = slots_of(level, *batch);
    batch->parallel = slots;
    const bool more = slots && more_than_slots(*batch, slots);
    if (phases->unknown_ms > 0) {
        if (more) return of_slots_untold(*batch, *slots);
    } else if ((more || !slots) && phases->queue_ms > phases->prefill_ms) {
        return of_slots(*batch, *phases);
    }
    if (phases->decode_ms > phases->queue_ms + phases->prefill_ms + phases->unknown_ms) {
        return of_decode(*batch, more_than_slots(*batch, slots), where_decoding_is);
    }
    return phases->prefill_ms > phases->unknown_ms ? of_prefill(*phases) : limit_found{};
}

/// Of requests that took too long as a whole: the slots, where more were there than those, for who
/// waits outside decodes as long as anybody; else what most of their time went to.
limit_found of_whole(const measured_level& level, const batch_figures& seen,
                     const mean_phases& phases) {
    batch_figures batch = seen;
    const auto slots = slots_of(level, batch);
    if (more_than_slots(batch, slots)) {
        batch.parallel = slots ? slots : batch.in_slots;
        return phases.unknown_ms > 0 ? of_slots_untold(batch, *batch.parallel)
                                     : of_slots(batch, phases);
    }
    if (phases.decode_ms > phases.queue_ms + phases.prefill_ms + phases.unknown_ms) {
        return of_decode(batch, false, "each was too slow");
    }
    if (phases.unknown_ms > 0) return {};
    return phases.queue_ms > phases.prefill_ms ? of_slots(batch, phases) : of_prefill(phases);
}

/// Of a throughput that was wanted: what made it too little is not that there were more streams.
limit_found of_wanted_output(const measured_level& level, const measured_level& piece) {
    limit_found found = of_output(level, piece, "most of a request's time was decoding");
    if (found.is == limit::decode) {
        found.next_step =
            "A smaller or more quantized model, or faster memory, would make all of them faster.";
    }
    return found;
}

}  // namespace

std::string_view to_string(limit l) noexcept {
    switch (l) {
        case limit::slots:
            return "slots";
        case limit::prefill:
            return "prefill";
        case limit::decode:
            return "decode";
        case limit::kv_pool:
            return "KV pool";
        case limit::errors:
            return "errors";
        case limit::unknown:
            break;
    }
    return "unknown";
}

limit_found what_limits(const measured_level& beyond, std::string_view bound) {
    return what_limits(beyond, beyond, bound);
}

limit_found what_limits(const measured_level& beyond, const measured_level& piece,
                        std::string_view bound) {
    const level_summary& level = beyond.summary;
    if (exhausts_the_pool(level)) return of_pool(beyond, piece);
    const auto batch = batch_of(piece);
    const auto phases = mean_of(phases_of(beyond));
    const slow_part slow = bound.empty() ? worst_part(level) : part_bound(bound, level);
    if (slow == slow_part::output) return of_wanted_output(beyond, piece);
    if (!batch || !phases || slow == slow_part::unknown) return {};
    if (slow == slow_part::whole) return of_whole(beyond, *batch, *phases);
    if (slow == slow_part::tokens) {
        const bool others_wait = more_than_slots(*batch, slots_of(beyond, *batch));
        return of_decode(*batch, others_wait, "each was too slow");
    }
    if (phases->unknown_ms > 0) {
        // The server does not tell when it took up a prompt.
        return batch->parallel ? of_slots_untold(*batch, *batch->parallel) : limit_found{};
    }
    return phases->queue_ms > phases->prefill_ms ? of_slots(*batch, *phases) : of_prefill(*phases);
}

limit_found what_limits_output(const measured_level& level) {
    if (exhausts_the_pool(level.summary)) return of_pool(level, level);
    return of_output(level, level, "more of them made each one slower");
}

}  // namespace lmstress::analyze
