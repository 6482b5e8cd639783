#include "measure/bounds.hpp"

#include "measure/client_quality.hpp"
#include "measure/context_in_force.hpp"
#include "wire/short_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

namespace lmstress::measure {
namespace {

using wire::short_number;

struct figure {
    double value = 0;
    std::string_view quantile = "p99";
};

/// A p99 of fewer values is the greatest of them, and the greatest of a few says nothing of the
/// rest. The event loop's timer has as many in a second.
constexpr std::uint64_t enough_values = 100;
/// Of fewer, lower quantiles are proof against, never for: five of fifty that were late, or half of
/// ten, were no chance.
constexpr std::uint64_t enough_for_p90 = 50;
constexpr std::uint64_t enough_for_p50 = 10;
/// As much time as a share of the CPU wants.
constexpr nanoseconds enough_time = std::chrono::seconds{1};

std::optional<figure> p99_of(const std::optional<distribution>& d, double limit) {
    if (!d) return std::nullopt;
    if (d->count >= enough_values) return figure{d->p99};
    if (d->count >= enough_for_p90 && d->p90 > limit) return figure{d->p90, "p90"};
    if (d->count >= enough_for_p50 && d->p50 > limit) return figure{d->p50, "p50"};
    return std::nullopt;
}

double in_ms(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e6;
}

double unless_off(double limit) {
    return limit > 0 ? limit : std::numeric_limits<double>::infinity();
}

/// A bound on a figure that each level has.
struct level_bound {
    std::string_view name;
    std::optional<figure> (*of)(const level_summary& level, const client_quality& client,
                                double limit);
    double (*limit)(const level_summary& level, const validity_limits& limits);
    std::string (*sentence)(const figure& seen, double limit);
};

std::optional<figure> read_lag(const level_summary&, const client_quality& c, double limit) {
    return p99_of(c.read_lag_ms, limit);
}
double read_lag_limit(const level_summary& level, const validity_limits& limits) {
    const distribution* gaps = level.metric("event_gap_ms");
    const double by_gap = gaps == nullptr ? 0 : validity_limits::read_lag_of_gap * gaps->p50;
    if (limits.read_lag == nanoseconds{0}) return unless_off(0);
    return std::max(in_ms(limits.read_lag), by_gap);
}

std::optional<figure> event_loop_lag(const level_summary&, const client_quality& c, double limit) {
    return p99_of(c.event_loop_lag_ms, limit);
}

/// In a closed loop nothing was to be sent at a time.
std::optional<figure> send_lag(const level_summary& level, const client_quality&, double limit) {
    if (!level.setup.open) return std::nullopt;
    const distribution* lag = level.metric("send_lag_ms");
    return lag == nullptr ? std::nullopt : p99_of(*lag, limit);
}

std::optional<figure> cpu_share(const level_summary& level, const client_quality& c, double) {
    const bool long_enough = level.course.client && level.course.client->wall >= enough_time;
    if (!long_enough || !c.cpu_share) return std::nullopt;
    return figure{*c.cpu_share};
}

std::optional<figure> little_residual(const level_summary& level, const client_quality&, double) {
    if (!level.load || !level.load->littles_residual) return std::nullopt;
    return figure{*level.load->littles_residual};
}

constexpr std::array level_bounds = {
    level_bound{"read_lag_p99_ms", read_lag, read_lag_limit,
                [](const figure& seen, double limit) {
                    return fmt::format(
                        "bytes lay {} ms in the kernel before they were read ({}; the limit "
                        "is {}), so this client was held up, and events that piled up "
                        "meanwhile share one time: take fewer streams, or a machine that does "
                        "nothing else",
                        short_number(seen.value), seen.quantile, short_number(limit));
                }},
    level_bound{"event_loop_lag_p99_ms", event_loop_lag,
                [](const level_summary&, const validity_limits& l) {
                    return unless_off(in_ms(l.event_loop_lag));
                },
                [](const figure& seen, double limit) {
                    return fmt::format(
                        "the event loop was {} ms late ({}; the limit is {}), so this "
                        "client sent late, and timed late what the kernel does not time for it: "
                        "take fewer streams, or a machine that does nothing else",
                        short_number(seen.value), seen.quantile, short_number(limit));
                }},
    level_bound{"send_lag_p99_ms", send_lag,
                [](const level_summary&, const validity_limits& l) {
                    return unless_off(in_ms(l.send_lag));
                },
                [](const figure& seen, double limit) {
                    return fmt::format(
                        "requests were sent {} ms after the schedule wanted them ({}; the "
                        "limit is {}), so the server did not get the load that was asked for: "
                        "lower the rate, or take a machine that does nothing else",
                        short_number(seen.value), seen.quantile, short_number(limit));
                }},
    level_bound{
        "client_cpu_share", cpu_share,
        [](const level_summary&, const validity_limits& l) {
            return unless_off(l.client_cpu_percent / 100.0);
        },
        [](const figure& seen, double limit) {
            return fmt::format(
                "this process used {:.0f} % of a core (the limit is {:.0f}), so it may be what was "
                "measured and not the server: take fewer streams, or share them out over several "
                "machines",
                100 * seen.value, 100 * limit);
        }},
    level_bound{"little_residual", little_residual,
                [](const level_summary&, const validity_limits&) {
                    return validity_limits::little_residual;
                },
                [](const figure& seen, double limit) {
                    return fmt::format(
                        "requests in flight are {:.1f} % off their rate times their latency (the "
                        "limit is {:.0f}), so the books of this level do not agree: where its "
                        "requests.jsonl is as it was written, this is a fault of lmstress; please "
                        "report it",
                        100 * seen.value, 100 * limit);
                }},
};

bound worst_of(const level_bound& b, const run_summary& run,
               const std::vector<client_quality>& clients) {
    bound worst{.name = b.name, .value = {}, .limit = unless_off(0)};
    double furthest = -1;
    for (std::size_t i = 0; i < run.levels.size(); ++i) {
        const double limit = b.limit(run.levels[i], run.setup.validity);
        const std::optional<figure> seen = b.of(run.levels[i], clients[i], limit);
        // One that was not seen anywhere has a limit all the same.
        if (!worst.value) worst.limit = limit;
        if (!seen || seen->value / limit <= furthest) continue;
        furthest = seen->value / limit;
        worst.value = seen->value;
        worst.quantile = seen->quantile;
        worst.limit = limit;
        worst.level = static_cast<std::uint32_t>(i);
    }
    worst.holds = !worst.value || *worst.value <= worst.limit;
    if (!worst.holds) worst.sentence = b.sentence({*worst.value, worst.quantile}, worst.limit);
    return worst;
}

/// Of a number that has to be zero.
bound none_of(std::string_view name, std::uint64_t found, const std::string& sentence) {
    return {.name = name,
            .value = static_cast<double>(found),
            .limit = 0,
            .level = {},
            .holds = found == 0,
            .sentence = found == 0 ? std::string{} : sentence};
}

bound outcomes(const run_summary& run) {
    std::uint64_t off = 0;
    for (const level_summary& level : run.levels) off += !level.requests.add_up();
    return none_of("outcomes_off", off,
                   "the outcomes do not add up to the requests offered, so some are lost or "
                   "counted twice: this is a fault of lmstress; please report it");
}

bound overflow(const run_summary& run) {
    std::uint64_t sum = 0;
    for (const level_summary& level : run.levels) sum += level.histogram_overflow;
    return none_of(
        "histogram_overflow", sum,
        fmt::format("{} gap{} of over an hour {} not fit the histogram, so the quantiles of gaps "
                    "are too low: let --timeout-gap end such requests",
                    sum, sum == 1 ? "" : "s", sum == 1 ? "does" : "do"));
}

/// What was merged is no better than its parts: a client that was held up is one of several, whose
/// figures hide its own.
bound parts(const run_summary& run) {
    std::uint64_t bad = 0;
    const merged_part* first = nullptr;
    for (const merged_part& p : run.setup.parts) {
        if (p.valid) continue;
        if (++bad == 1) first = &p;
    }
    return none_of(
        "invalid_parts", bad,
        first == nullptr
            ? std::string{}
            : fmt::format("{} of the {} results that were merged {} not valid; of {}: {}", bad,
                          run.setup.parts.size(), bad == 1 ? "is" : "are", first->name,
                          first->reason));
}

template <class T>
bool as_asked(const server_setting<T>& s) {
    return !s.requested || !s.confirmed || s.requested == s.confirmed;
}

std::string parallel_sentence(const server_settings& s) {
    if (as_asked(s.parallel)) return {};
    return fmt::format("the server runs {} streams at once and not the {} that were asked for",
                       *s.parallel.confirmed, *s.parallel.requested);
}

std::string unified_kv_sentence(const server_settings& s) {
    if (as_asked(s.unified_kv)) return {};
    return fmt::format("the server's KV cache is {}, and the other was asked for",
                       *s.unified_kv.confirmed ? "unified" : "not unified");
}

std::string context_sentence(const server_settings& s) {
    if (context_as_asked(s)) return {};
    return fmt::format("the server has {} tokens of context{} and not the {} that were asked for",
                       *s.context_length.confirmed,
                       s.context_length.source == llama_cpp_props ? " in a slot" : "",
                       context_wanted_text(s));
}

/// A setting that was asked for and is not in force at some level: once for all of them.
bound in_force(std::string_view name, const run_summary& run,
               std::string (*sentence)(const server_settings&)) {
    std::string first;
    for (const level_summary& level : run.levels) {
        if (first.empty()) first = sentence(level.setup.server);
    }
    return none_of(name, first.empty() ? 0 : 1, first);
}

}  // namespace

std::vector<bound> bounds_of(const run_summary& run) {
    std::vector<bound> out;
    out.push_back(outcomes(run));
    out.push_back(in_force("parallel_not_in_force", run, parallel_sentence));
    out.push_back(in_force("unified_kv_not_in_force", run, unified_kv_sentence));
    out.push_back(in_force("context_length_not_in_force", run, context_sentence));
    std::vector<client_quality> clients;
    clients.reserve(run.levels.size());
    for (const level_summary& level : run.levels) clients.push_back(client_of(level));
    for (const level_bound& b : level_bounds) out.push_back(worst_of(b, run, clients));
    out.push_back(overflow(run));
    if (!run.setup.parts.empty()) out.push_back(parts(run));
    return out;
}

}  // namespace lmstress::measure
