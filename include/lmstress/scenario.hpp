#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/slo.hpp"
#include "lmstress/sweep_settings.hpp"
#include "lmstress/validity_limits.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lmstress {

/// Where the load goes.
struct target_settings {
    std::string url = "http://127.0.0.1:1234";
    std::vector<std::string> further_urls =
        {};                    ///< tried in this order where none answers at `url`
    std::string api = "auto";  ///< a name of the table of APIs; `auto`: what the server answers to
    std::string model;         ///< empty: the one that is loaded
    std::string api_token;     ///< never stored or shown, as the values of `headers`
    std::string api_token_source;  ///< where it came from, for a message
    std::string api_token_file;
    std::vector<std::pair<std::string, std::string>> headers;  ///< sent with every request
    bool verify_tls = true;    ///< of an https server: its certificate and its name
    std::string ca_file;       ///< authorities to trust; empty: the system's
    bool quick_ack = true;     ///< acknowledge segments at once (docs/metrics.md)
    bool kernel_times = true;  ///< time what comes by the kernel's clock, where it has one
};

/// Settings of the server that must be in force; absent ones are taken as they are.
struct server_wishes {
    std::optional<std::uint64_t> parallel;        ///< streams that run at once (n_parallel)
    std::optional<bool> unified_kv;               ///< one pool of context for all of them
    std::optional<std::uint64_t> context_length;  ///< in tokens; of a server that `command` starts
    std::string command;  ///< starts the server, for this run; empty: it runs already
};

/// Lengths of synthetic prompts, in tokens.
struct token_lengths {
    enum class law : std::uint8_t { fixed, uniform, normal, lognormal };
    law follows = law::fixed;
    double a = 0;  ///< fixed: the length; uniform: the least; normal: mean; lognormal: median
    double b =
        0;  ///< uniform: the most; normal: standard deviation; lognormal: sigma of the logarithm
};

/// What stands at the very start of each prompt, so that no two share a prefix that the server
/// could take from its cache.
enum class salt_mode : std::uint8_t {
    run,   ///< unique to run, level and request
    seed,  ///< the same whenever the seed is: a run repeatable to the byte
    none,
};

/// How a conversation's earlier turns reach the server.
enum class history_mode : std::uint8_t {
    automatic,  ///< the server remembers them where the API can, else they are sent again
    stateful,   ///< the server remembers them
    resent,     ///< they are sent again with each turn
};

/// Conversations of several turns: the answer of each is in the request of the next.
struct conversation_settings {
    std::uint32_t turns = 1;  ///< user turns of each, from the prompts
    std::string file;         ///< JSONL, a conversation a line; empty: made of the prompts
    history_mode history = history_mode::automatic;
};

struct workload_settings {
    std::string prompt;  ///< one prompt for all requests
    std::string
        prompts_file;  ///< JSONL or text, one prompt a line; empty: the built-in chat prompts
    std::optional<token_lengths> synthetic;
    bool calibrate = true;  ///< their lengths, by the server's own counts
    std::string system_prompt;
    std::string system_prompt_file;  ///< holds it, where `system_prompt` is empty
    std::string system_prompt_read;  ///< what the file holds; not stored
    std::uint32_t max_tokens = 128;
    std::uint64_t seed = 1;
    salt_mode salt = salt_mode::run;
    conversation_settings conversation;
    std::vector<std::string> images;        ///< files, sent with each prompt
    std::uint32_t inputs_each = 1;          ///< texts of an embedding request
    std::vector<std::string> integrations;  ///< MCP servers and plugins, JSON text each

    [[nodiscard]] const std::string& system_prompt_in_effect() const {
        return system_prompt_file.empty() ? system_prompt : system_prompt_read;
    }
};

/// What stands in the body of each request beside the prompt, in the API's own words.
struct request_settings {
    /// Fields of the API and their JSON text: {"temperature", "0.7"}.
    std::vector<std::pair<std::string, std::string>> fields;
    std::string extra;  ///< a JSON object, merged last and unchecked (RFC 7396); empty: none
    /// What an API cannot express is left out of its requests, and named; false: it is an error.
    bool allow_missing = false;
    /// A request that was answered before may be answered from memory, for dry runs.
    bool response_cache = false;
};

/// How long to wait for what. Zero switches a deadline off.
struct deadline_settings {
    nanoseconds connect = std::chrono::seconds{5};
    nanoseconds headers = std::chrono::seconds{600};
    nanoseconds first_token = std::chrono::seconds{600};
    nanoseconds gap = std::chrono::seconds{120};
    nanoseconds tool_gap = std::chrono::seconds{600};  ///< while tool arguments are made
    nanoseconds whole{0};
    nanoseconds server_start = std::chrono::seconds{120};  ///< of a command's, until it answers
};

/// The streams of a level: a number, or a multiple of the slots that the server has.
struct stream_count {
    // Implicit: a list of levels is most often one of plain numbers.
    stream_count(std::uint32_t streams = 1) : n(streams) {}  // NOLINT(google-explicit-constructor)
    static stream_count of_slots(double times) {
        stream_count c;
        c.n = times;
        c.is_multiple = true;
        return c;
    }

    double n;
    bool is_multiple = false;

    friend bool operator==(const stream_count&, const stream_count&) = default;
};

/// How the gaps between arrivals are spread around their mean.
struct arrival_law {
    enum class law : std::uint8_t { constant, poisson, gamma };
    law follows = law::poisson;
    double variation = 1;  ///< gamma: standard deviation over mean of the gaps
};

/// A rate that holds for a while, in arrivals a second.
struct rate_step {
    double rate = 1;
    nanoseconds length{0};
};

/// A rate that changes evenly over the whole window, in arrivals a second.
struct rate_ramp {
    double from = 1;
    double to = 1;
};

/// An open loop: requests, or conversations, arrive whether or not earlier ones have ended. One of
/// `rates`, `steps`, `ramp` and `trace_file` says when; without any the loop is closed.
struct arrival_settings {
    std::vector<double> rates = {};      ///< in arrivals a second, a level each
    std::vector<rate_step> steps = {};   ///< one after another, from the beginning of the window
    std::optional<rate_ramp> ramp = {};  ///< over the window
    std::string trace_file = {};         ///< recorded arrivals with their lengths
    double trace_scale = 1;              ///< its times are multiplied by this: 0.5 is twice as fast
    std::optional<std::uint64_t> trace_limit = {};  ///< so many of its first requests
    arrival_law law = {};
    /// Requests, or conversations, under way at once; an arrival that finds so many is shed.
    std::uint32_t max_in_flight = 1000;
    /// Arrivals that this process is late for are sent as soon as it can, in a burst.
    bool catch_up = false;

    [[nodiscard]] bool is_open() const {
        return !rates.empty() || !steps.empty() || ramp || !trace_file.empty();
    }
};

/// A closed loop: N workers, each of which sends its next request when its last one has ended and
/// the think time has passed. Or an open one, where `arrivals` says so.
struct load_settings {
    std::vector<stream_count> concurrency{1};  ///< a level each; of a closed loop
    arrival_settings arrivals = {};
    std::optional<std::uint64_t> requests;  ///< sent in the window by all workers of a level
    std::optional<nanoseconds> duration;    ///< of the window, where `requests` is absent
    std::optional<nanoseconds> warmup;      ///< absent: a tenth of the duration, at most 10 s; none
                                            ///< where arrivals end the window
    nanoseconds grace = std::chrono::seconds{30};  ///< for requests in flight when the window ends
    nanoseconds think_time{0};

    /// The window ends with the last of its arrivals, and not at a time.
    [[nodiscard]] bool ends_with_arrivals() const {
        return requests || (!arrivals.trace_file.empty() && !duration);
    }
    /// Of a window that ends at a time.
    [[nodiscard]] nanoseconds duration_in_effect() const {
        if (duration) return *duration;
        nanoseconds of_steps{0};
        for (const rate_step& s : arrivals.steps) of_steps += s.length;
        return of_steps > nanoseconds{0} ? of_steps : std::chrono::seconds{30};
    }
    [[nodiscard]] nanoseconds warmup_in_effect() const {
        if (warmup) return *warmup;
        if (ends_with_arrivals() || !arrivals.trace_file.empty()) return nanoseconds{0};
        return std::min<nanoseconds>(duration_in_effect() / 10, std::chrono::seconds{10});
    }
};

struct limit_settings {
    double max_error_rate = 0.05;  ///< of the offered requests; above it the exit code is 4
    /// The run ends after so many requests that failed or timed out, warm-up included.
    std::optional<std::uint64_t> max_failures = {};
    slo_limits slo = {};                       ///< what each request is held to, for goodput
    std::vector<std::string> thresholds = {};  ///< "ttft_ms.p95 < 2000"
    /// The same; the run ends as soon as one of these can only fail.
    std::vector<std::string> abort_on = {};
    validity_limits validity = {};
};

struct output_settings {
    std::string directory;      ///< empty: lmstress-results/<UTC time>-<run id>
    bool events = false;        ///< keep the arrival of every token-bearing event
    bool server_state = false;  ///< ask LM Studio once a second what it is doing
    bool keep_history = true;   ///< the run goes into the history
    std::string history;        ///< its database; empty: the user's own (docs/history.md)
    std::string progress;       ///< file or pipe for what the run is at; empty: none
    /// Where others read what the run is at, on 127.0.0.1; 0: a free one.
    std::optional<std::uint16_t> metrics_port = {};
    std::vector<std::pair<std::string, std::string>> labels;
};

/// All that a run does, as in effect: defaults, then a scenario file, then flags
/// (docs/scenarios.md).
struct scenario {
    target_settings target;
    server_wishes server;
    workload_settings workload;
    request_settings request;
    deadline_settings deadlines;
    load_settings load;
    limit_settings limits;
    output_settings output;
    sweep_settings sweep;        ///< of `lmstress sweep` only
    capacity_settings capacity;  ///< of `lmstress capacity` only
};

}  // namespace lmstress
