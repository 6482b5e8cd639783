#include "report/warnings.hpp"

#include "measure/request_sums.hpp"
#include "report/advice.hpp"
#include "report/api_differences.hpp"
#include "report/cut_short.hpp"
#include "report/length_lines.hpp"
#include "report/level_name.hpp"
#include "report/load_table.hpp"
#include "report/validity_block.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::report {
namespace {

using wire::plural;

/// Its reads lay behind their bytes by more than a valid run allows, or its event loop did where
/// the kernel's clock does not tell. Whoever switches a bound off is as late all the same.
bool was_late(const level_summary& level, validity_limits limits) {
    const validity_limits usual;
    if (limits.read_lag == nanoseconds{0}) limits.read_lag = usual.read_lag;
    if (limits.event_loop_lag == nanoseconds{0}) limits.event_loop_lag = usual.event_loop_lag;
    run_summary alone;
    alone.setup.validity = limits;
    alone.levels = {level};
    const measure::validity v = measure::judge(alone);
    return !v.at("read_lag_p99_ms").holds ||
           (v.user_events > 0 && !v.at("event_loop_lag_p99_ms").holds);
}

void warn_of_errors(const level_summary& level, const std::string& at,
                    std::vector<std::string>& out) {
    for (const auto& [kind, error] : level.errors) {
        std::string sentence =
            fmt::format("{}: {} ended as {}", at, plural(error.count, "request"), kind);
        if (!error.example.empty()) sentence += ": " + error.example;
        if (!sentence.ends_with('.')) sentence += '.';
        const std::string_view advice = advice_on(kind);
        out.push_back(advice.empty() ? sentence : sentence + ' ' + std::string{advice});
    }
    if (level.requests.censored > 0) {
        out.push_back(
            fmt::format("{}: {} cut before the end. A latency that they had not reached counts as "
                        "longer than they were waited for.",
                        at, plural(level.requests.censored, "request")));
    }
    if (level.requests.offered == 0) {
        out.push_back(fmt::format("{}: no request was measured.", at));
    }
    if (measure::rates_are_unknown(level)) {
        out.push_back(fmt::format(
            "{}: nothing was answered within the measured window, which ends with the last send, "
            "so no throughput is known. More requests than streams make one (--requests).",
            at));
    }
}

void warn_of_tokens(const level_summary& level, const std::string& at,
                    std::vector<std::string>& out) {
    if (level.tokens_per_event &&
        (*level.tokens_per_event < 0.95 || *level.tokens_per_event > 1.05)) {
        out.push_back(
            fmt::format("{}: an event carried {:.2f} tokens on average, so gaps between "
                        "events are not gaps between tokens.",
                        at, *level.tokens_per_event));
    }
    if (const auto sentence = length_warning(level)) out.push_back(at + ": " + *sentence);
    if (level.itl_is_average) {
        out.push_back(
            fmt::format("{}: ITL marked ~ spreads each answer's tokens evenly over its "
                        "events, for the server does not say which held how many.",
                        at));
    }
    if (level.tokens.source == "events") {
        out.push_back(
            fmt::format("{}: the server gave no token counts; events were counted instead.", at));
    }
    if (level.tokens.input > 0 && level.tokens.cached * 20 > level.tokens.input) {
        out.push_back(
            fmt::format("{}: {:.0f} % of the prompt tokens came from the server's cache, "
                        "which makes TTFT shorter than new prompts would see.",
                        at,
                        100.0 * static_cast<double>(level.tokens.cached) /
                            static_cast<double>(level.tokens.input)));
    }
}

/// Whether the server is on this machine, where no network loses anything.
bool is_local(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::string_view host = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
    return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

void warn_of_network(const network_figures& n, bool local, const std::string& at,
                     std::vector<std::string>& out) {
    if (n.delayed_connects > 0) {
        out.push_back(fmt::format(
            "{}: {} had to ask for a connection again ({} in all): the server did not take "
            "connections as fast as they came{}; the wait, a second or more, is in connect_ms and "
            "not in TTFT from the send.",
            at, plural(n.delayed_connects, "request"), plural(n.connect_retransmits, "time"),
            local ? "" : ", or the network lost what asked for them"));
    }
    if (n.disturbed > 0) {
        out.push_back(fmt::format(
            "{}: {} had {} sent again and {} out of order, which is {}; the wait is in their "
            "latency.",
            at, plural(n.disturbed, "request"),
            plural(n.retransmits - n.connect_retransmits, "segment"), n.out_of_order,
            local
                ? "no network's fault on one machine: the server did not take in time what was sent"
                : "the network's fault and not the server's"));
    }
}

/// Of the three causes of a strange gap the second: tokens are told by warn_of_tokens, a late
/// client makes the run invalid.
void warn_of_arrival(const level_summary& level, const std::string& at,
                     const validity_limits& limits, std::vector<std::string>& out) {
    if (level.coalesced_events * 20 > level.events) {
        out.push_back(fmt::format(
            "{}: {:.0f} % of the events came in one read with an earlier one and have its time, so "
            "gaps of 0 follow gaps that are too long; {}.",
            at,
            100.0 * static_cast<double>(level.coalesced_events) / static_cast<double>(level.events),
            was_late(level, limits) ? "this client read them late"
                                    : "the server, or something in between, sent them together"));
    }
    if (level.network) {
        warn_of_network(*level.network, is_local(level.setup.target.url), at, out);
    }
}

/// Keeping connections is the protocol's rule, and a server that only seems to keep them makes each
/// request twice.
void warn_of_retries(const level_summary& level, const std::string& at,
                     std::vector<std::string>& out) {
    const request_counts& r = level.requests;
    if (r.retried == 0 || r.retried * 10 < r.offered) return;
    out.push_back(fmt::format(
        "{}: {} of {} requests went out on a kept connection that the server closed at that "
        "moment, and were sent again on a new one: their latency is that of the second time.",
        at, r.retried, r.offered));
}

void warn_of_drift(const level_summary& level, const std::string& at,
                   std::vector<std::string>& out) {
    if (!level.steady) return;
    if (level.steady->transient_seconds > 0) {
        out.push_back(fmt::format(
            "{}: the first {:.0f} s of the window look like a warm-up; a --warmup that is so much "
            "longer leaves them out.",
            at, level.steady->transient_seconds));
    } else if (level.steady->drifts && std::abs(level.steady->ttft_change) > 0.1) {
        out.push_back(fmt::format(
            "{}: TTFT changed by {:+.0f} % over the window: its quantiles are those of no steady "
            "state.",
            at, 100 * level.steady->ttft_change));
    }
}

void warn_of_context(const level_summary& level, const std::string& at,
                     std::vector<std::string>& out) {
    // Tokens are known of all requests together: a mean is one only where all of them have the same
    // fate.
    if (level.requests.completed == 0 || level.requests.completed != level.requests.offered) return;
    const std::uint64_t each =
        (level.tokens.input + level.tokens.output) / level.requests.completed;
    if (auto sentence = context_warning(level.setup.concurrency, level.setup.server, each, "")) {
        out.push_back(at + ": " + *sentence);
    }
}

void warn_of_load(const level_summary& level, const std::string& at,
                  std::vector<std::string>& out) {
    const distribution* queue = level.metric("queue_ms");
    const distribution* ttft = level.metric("ttft_ms");
    if (queue != nullptr && ttft != nullptr && queue->p50 > ttft->p50 / 2 && queue->p50 > 50) {
        out.push_back(
            fmt::format("{}: requests waited {:.1f} s for a free slot (median), so most of "
                        "their TTFT is queueing.",
                        at, queue->p50 / 1000));
    }
    warn_of_context(level, at, out);
    const distribution* e2e = level.metric("e2e_ms");
    if (e2e != nullptr && std::isfinite(e2e->p50) && level.window_seconds > 0 &&
        level.window_seconds * 1000 < e2e->p50) {
        out.push_back(
            fmt::format("{}: the measured window of {:.2f} s is shorter than a request, so "
                        "the total tokens/s means little; take more --requests or a longer "
                        "--duration.",
                        at, level.window_seconds));
    }
    if (level.requests.model_mismatch > 0) {
        out.push_back(fmt::format("{}: {} answered by another model than {}: {}.", at,
                                  plural(level.requests.model_mismatch, "request"),
                                  level.setup.target.model, level.answered_by));
    }
}

void warn_of_cache(const level_summary& level, const std::string& at,
                   std::vector<std::string>& out) {
    if (level.requests.from_cache == 0) return;
    out.push_back(fmt::format(
        "{}: {} answered from memory (--response-cache), in none of the figures.", at,
        level.requests.from_cache == 1 ? "1 request was"
                                       : plural(level.requests.from_cache, "request") + " were"));
}

/// Of a run whose events were not timed by the kernel alone.
void warn_of_clock(const measure::validity& v, std::vector<std::string>& out) {
    if (v.user_events == 0) return;
    out.push_back(fmt::format(
        "{} of {} events were timed by this process and not by the kernel: what it was late by is "
        "in their times.",
        v.user_events, v.events));
}

/// Once for each API: its levels have it in common.
void warn_of_left_out(const run_summary& run, std::vector<std::string>& out) {
    for (const std::string_view api : apis_of(run)) {
        const auto its = [&](const level_summary& l) { return l.setup.target.api == api; };
        const auto first = std::find_if(run.levels.begin(), run.levels.end(), its);
        auto sentence = left_out_sentence(api, first->setup.left_out);
        if (!sentence.empty()) out.push_back(std::move(sentence));
    }
}

}  // namespace

std::string left_out_sentence(std::string_view api, const std::vector<std::string>& left_out) {
    if (left_out.empty()) return {};
    return fmt::format("{} has no way to express {}: its requests go without (--allow-missing).",
                       api, fmt::join(left_out, ", "));
}

std::optional<std::string> context_warning(std::uint64_t streams, const server_settings& server,
                                           std::uint64_t tokens, std::string_view about) {
    const auto context = server.context_length.confirmed;
    const bool of_one_slot = server.context_length.source == llama_cpp_props;
    const std::uint64_t at_once =
        of_one_slot ? 1
                    : std::min<std::uint64_t>(streams, server.parallel.confirmed.value_or(streams));
    if (!context || at_once * tokens <= *context) return std::nullopt;
    if (at_once == 1) {
        return fmt::format("one request needs {}{} tokens of context, and a stream has {}.", about,
                           tokens, *context);
    }
    if (server.unified_kv.confirmed == false) return std::nullopt;  // there is no pool
    return fmt::format(
        "{} at once with {}{} tokens each need {} tokens of context, and the server has {}: with a "
        "unified KV cache that is one pool, and all of them fail when it is full.",
        at_once, about, tokens, at_once * tokens, *context);
}

std::string_view api_without_answer(const run_summary& run) {
    const auto sum_of = [&](std::string_view api, std::uint64_t request_counts::* what) {
        std::uint64_t sum = 0;
        for (const level_summary& level : run.levels) {
            if (level.setup.target.api == api) sum += level.requests.*what;
        }
        return sum;
    };
    const auto apis = apis_of(run);
    const auto none = std::find_if(apis.begin(), apis.end(), [&](std::string_view api) {
        return sum_of(api, &request_counts::offered) > 0 &&
               sum_of(api, &request_counts::completed) == 0;
    });
    return apis.size() < 2 || none == apis.end() ? std::string_view{} : *none;
}

no_completion nothing_completed(const run_summary& run) {
    const std::string_view only = api_without_answer(run);
    std::map<std::string, error_count> all;
    for (const level_summary& level : run.levels) {
        if (!only.empty() && level.setup.target.api != only) continue;
        for (const auto& [kind, error] : level.errors) {
            all[kind].count += error.count;
            if (all[kind].example.empty()) all[kind].example = error.example;
        }
    }
    const auto most = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.second.count < b.second.count;
    });
    const bool open = std::any_of(run.levels.begin(), run.levels.end(),
                                  [](const auto& level) { return level.setup.open.has_value(); });
    if (open && measure::counts_of(run.levels).offered == 0) {
        return {"", "no request was due in so short a time",
                "A longer --duration or a higher rate has some."};
    }
    const std::string none =
        only.empty() ? "no request completed" : fmt::format("no request over {} completed", only);
    if (most == all.end()) return {"", none, "Was there time for one?"};
    const auto& [kind, error] = *most;
    return {kind,
            fmt::format("{}: {} ended as {}{}{}", none, plural(error.count, "request"), kind,
                        error.example.empty() ? "" : ": ", error.example),
            std::string{advice_on(kind)}};
}

std::vector<std::string> warnings(const run_summary& run) {
    std::vector<std::string> out;
    const measure::validity v = measure::judge(run);
    const auto invalid = reasons(run, v);
    for (std::size_t i = 1; i < invalid.size(); ++i) out.push_back("INVALID: " + invalid[i] + '.');
    for (std::string& sentence : cut_short(run)) out.push_back(std::move(sentence));
    warn_of_left_out(run, out);
    const bool several = apis_of(run).size() > 1;
    for (const level_summary& level : run.levels) {
        const std::string at = level_place(level, several);
        warn_of_errors(level, at, out);
        for (const std::string& sentence : load_warnings(level))
            out.push_back(at + ": " + sentence);
        warn_of_tokens(level, at, out);
        warn_of_retries(level, at, out);
        warn_of_arrival(level, at, run.setup.validity, out);
        warn_of_load(level, at, out);
        warn_of_cache(level, at, out);
        warn_of_drift(level, at, out);
    }
    warn_of_clock(v, out);
    return out;
}

}  // namespace lmstress::report
