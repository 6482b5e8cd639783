#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/histogram.hpp"
#include "lmstress/load_figures.hpp"
#include "lmstress/merged_part.hpp"
#include "lmstress/outcome.hpp"
#include "lmstress/prompt_calibration.hpp"
#include "lmstress/request_record.hpp"
#include "lmstress/selfcheck.hpp"
#include "lmstress/server_facts.hpp"
#include "lmstress/slo.hpp"
#include "lmstress/validity_limits.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmstress {

/// Where a figure lies with 95 % confidence, in the figure's own unit. A side that the sample is
/// too small to know is infinite.
struct interval {
    double low = 0;
    double high = 0;
    [[nodiscard]] bool closed() const noexcept { return std::isfinite(low) && std::isfinite(high); }
    friend bool operator==(const interval&, const interval&) = default;
};

/// The 95 % intervals of a distribution's quantiles; nothing where n is too small to say at all.
struct quantile_intervals {
    std::optional<interval> p50 = {};
    std::optional<interval> p90 = {};
    std::optional<interval> p95 = {};
    std::optional<interval> p99 = {};
};

/// One metric over the requests (or gaps) of a level. Quantiles are Hyndman-Fan type 1: the
/// smallest value with at least that share of the sample at or below it. Requests that were cut
/// (timeouts, the end of the run) before they had it count as having more than they were seen to
/// have (docs/metrics.md); a quantile that lies beyond all that is known is infinite. Mean, minimum
/// and maximum are of the known values.
struct distribution {
    std::uint64_t count = 0;  ///< known values
    std::uint64_t cut = 0;    ///< requests that were cut before they had one
    double mean = 0;
    double min = 0;
    double p50 = 0;
    double p90 = 0;
    double p95 = 0;
    double p99 = 0;
    double max = 0;
    quantile_intervals ci95 = {};
};

/// A setting of the server: what was asked for, what it says is in force, and where that was read.
template <class T>
struct server_setting {
    std::optional<T> requested = {};
    std::optional<T> confirmed = {};
    std::string source = {};
};

/// Where llama.cpp's settings are read. The context length that stands there is that of one slot,
/// which is the whole only with a unified KV cache.
inline constexpr const char* llama_cpp_props = "GET /props";
inline constexpr const char* llama_cpp_log = "server.log";

struct server_settings {
    server_setting<std::uint64_t> parallel;
    server_setting<bool> unified_kv;
    server_setting<std::uint64_t> context_length;
    std::string quantization;  ///< of the model, by the server's list; empty: it does not say
    std::optional<std::uint64_t> loaded_instances;  ///< of the model, before the run
};

/// What a level was pointed at.
struct target {
    std::string url;
    std::string api;
    std::string model;
};

/// What is known of a level before its first request.
struct level_setup {
    std::uint32_t index = 0;
    lmstress::target target;
    server_settings server;
    std::uint32_t concurrency = 1;       ///< streams; of an open loop, at most
    std::optional<open_load> open = {};  ///< absent: the loop is closed
    slo_limits slo = {};                 ///< of each request; none: nothing was promised
    /// What of the scenario the API has no way to express, and went without (--allow-missing).
    std::vector<std::string> left_out = {};
    std::optional<prompt_calibration> calibration = {};  ///< of made-up prompts
};

/// What the process itself was like during a level.
struct client_figures {
    nanoseconds cpu{0};   ///< user and system time of the process
    nanoseconds wall{0};  ///< from the first request to the last answer
    std::uint64_t max_rss_bytes = 0;
    sparse_histogram read_lag;  ///< from the kernel's receive time to the return of the read
    /// How late the event loop would have taken up something that happened at any time, by a timer
    /// of 10 ms.
    sparse_histogram loop_lag = {};
};

/// How a level went, beside its requests.
struct level_course {
    std::optional<nanoseconds> window_begin = {};  ///< since the run began
    std::optional<nanoseconds> window_end = {};
    std::optional<client_figures> client = {};  ///< known once the level is over
    /// The time that requests were in flight within the window, summed over them as they ended.
    std::optional<nanoseconds> in_flight_time = {};
};

/// What is known of a run before its first request.
struct run_setup {
    std::string id;
    std::int64_t started_unix_ns = 0;
    std::int64_t started_monotonic_ns = 0;
    std::uint64_t seed = 0;
    std::string scenario_json;  ///< the scenario as in effect, secrets left out
    std::vector<std::pair<std::string, std::string>> labels;
    std::vector<std::string> thresholds = {};  ///< "ttft_ms.p95 < 2000"
    validity_limits validity = {};
    server_facts server = {};
    std::optional<model_facts> model = {};         ///< absent: the server has no such list
    std::optional<selfcheck_note> selfcheck = {};  ///< the last of this version on this host
    /// What the files that the scenario names held when it was run: "/workload/prompts" and a hash
    /// of their bytes. Empty in results of older versions.
    std::vector<std::pair<std::string, std::string>> file_hashes = {};
    std::vector<merged_part> parts = {};  ///< of a result that `lmstress merge` made; else empty
};

struct request_counts {
    std::uint64_t offered = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t shed = 0;
    std::uint64_t censored = 0;
    std::uint64_t retried = 0;
    std::uint64_t model_mismatch = 0;
    std::uint64_t not_sent = 0;    ///< turns whose conversation broke off before; not offered
    std::uint64_t from_cache = 0;  ///< answered from the client's memory; not offered
    [[nodiscard]] bool add_up() const noexcept {
        return offered == completed + failed + timed_out + shed + censored;
    }
};

struct error_count {
    std::uint64_t count = 0;
    std::string example;
};

struct token_counts {
    std::uint64_t input = 0;
    std::uint64_t cached = 0;
    std::uint64_t cache_creation = 0;
    std::uint64_t output = 0;
    std::uint64_t reasoning = 0;
    /// "server"; "events" where it counted none; "mixed" where it counted some; "none" before any.
    std::string source = "none";
};

/// The conversations of a level whose first turn was sent in the window.
struct conversation_counts {
    std::uint64_t begun = 0;
    std::uint64_t completed = 0;  ///< up to their last turn
    std::uint64_t broken = 0;     ///< a turn of theirs failed or timed out
};

/// TTFT of the requests that have something in common: their turn, or the depth of their prompt.
struct ttft_group {
    std::uint64_t from = 0;  ///< the turn, from 1; or the least prompt tokens, a power of two
    std::optional<double> input_tokens_p50;
    std::optional<double> cached_tokens_p50;
    std::optional<distribution> ttft_ms;
    std::uint64_t requests = 0;  ///< offered
};

/// What the calls of one tool came to, which the server made itself.
struct tool_figures {
    std::uint64_t calls = 0;
    std::uint64_t failed = 0;
    std::optional<distribution> ms;  ///< of those whose end was seen
};

/// A metric by its name in summary.json ("ttft_ms"), with its distribution where a request has it.
struct named_metric {
    const char* name;
    std::optional<distribution> values;
};

/// Whether TTFT kept its level over the window: advice, by rules that look at the data alone
/// (docs/metrics.md).
struct steadiness {
    double transient_seconds = 0;  ///< at the beginning of the window that look unlike the rest
    double ttft_change = 0;  ///< from the window's beginning to its end, as a share of the mean
    bool drifts = false;     ///< that change is significant, at 1 %
};

/// How many of the requests that were offered met a clause.
struct slo_clause {
    std::string_view name;  ///< of slo_metric_words
    double below_ms = 0;
    std::uint64_t met = 0;
    double attainment = 0;              ///< of those offered
    std::optional<interval> ci95 = {};  ///< of the attainment
};

/// How many met all of them.
struct slo_summary {
    std::uint64_t met = 0;
    double attainment = 0;         ///< of those offered
    std::optional<interval> ci95;  ///< of the attainment
    /// Requests that met it and ended in the window, of whichever phase: never more than
    /// `requests_per_second`.
    double goodput_per_second = 0;
    std::optional<interval> goodput_ci95 = {};  ///< nothing where the window is empty
    std::vector<slo_clause> clauses = {};
};

/// What the kernel said of the connections of a level's requests (Linux).
struct network_figures {
    std::uint64_t requests = 0;      ///< of which it said something
    std::uint64_t disturbed = 0;     ///< of these, with one of the next two once connected
    std::uint64_t retransmits = 0;   ///< segments of ours that were sent again
    std::uint64_t out_of_order = 0;  ///< segments of the server's that did not come in their order
    std::uint64_t delayed_connects = 0;     ///< requests that had to ask for a connection again
    std::uint64_t connect_retransmits = 0;  ///< how often they did; part of `retransmits`
};

/// A level, measured.
struct level_summary {
    level_setup setup;
    level_course course;
    std::string answered_by;
    request_counts requests;
    std::map<std::string, error_count> errors;  ///< by kind, timeouts as "timeout_<phase>"
    std::vector<named_metric> metrics;
    conversation_counts conversations;
    /// Both empty where no conversation has more than one turn.
    std::vector<ttft_group> by_turn;
    std::vector<ttft_group> by_depth;
    std::map<std::string, tool_figures> tools;  ///< by name
    bool itl_is_average = false;                ///< some of its values are a request's average
    token_counts tokens;
    std::optional<draft_counts> draft;   ///< of all requests that a draft model helped
    std::optional<engine_facts> engine;  ///< of the first answer that said
    std::optional<double> tokens_per_event;
    double window_seconds = 0;
    double output_tokens_per_second = 0;
    double requests_per_second = 0;
    std::optional<slo_summary> slo;
    std::optional<double> inputs_per_second = {};   ///< of embeddings: texts embedded in the window
    std::optional<std::uint64_t> vector_size = {};  ///< of all of them; absent where it differs
    std::optional<prompt_lengths> lengths = {};     ///< absent where no prompt was made up
    std::optional<steadiness> steady = {};          ///< absent where there is too little to look at
    std::optional<load_figures> load = {};          ///< absent where there was no window
    std::uint64_t kernel_stamps = 0;
    std::uint64_t user_stamps = 0;
    std::uint64_t events = 0;       ///< token-bearing
    std::uint64_t user_events = 0;  ///< of these, timed by this process and not by the kernel
    std::uint64_t coalesced_events = 0;
    std::uint64_t unknown_events = 0;
    std::uint64_t histogram_overflow = 0;
    std::optional<network_figures> network = {};  ///< absent where the platform does not say

    /// The metric of that name, or null where no request has it.
    [[nodiscard]] const distribution* metric(std::string_view name) const;
};

/// What the server said of itself at a time (--server-state), beside what we know.
struct server_state {
    nanoseconds at{0};            ///< since the run began
    std::string status;           ///< as the server spells it: idle, processingPrompt, generating
    std::uint64_t queued = 0;     ///< requests that it has, those that run included
    std::uint64_t in_flight = 0;  ///< requests of ours that had no end yet
    friend bool operator==(const server_state&, const server_state&) = default;
};

/// A run, measured: what summary.json holds and the table shows.
struct run_summary {
    run_setup setup;
    std::vector<level_summary> levels;
    std::optional<int> exit_code;                  ///< absent where the run did not live to say
    std::string ended_early = {};                  ///< why, as a sentence; empty: it did not
    std::vector<server_state> server_states = {};  ///< once a second, where it was asked
};

}  // namespace lmstress
