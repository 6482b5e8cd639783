#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/slo.hpp"

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
    bool verify_tls = true;  ///< of an https server: its certificate and its name
    std::string ca_file;     ///< authorities to trust; empty: the system's
    bool quick_ack = true;   ///< acknowledge segments at once (docs/metrics.md)
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

/// A closed loop: N workers, each of which sends its next request when its last one has ended and
/// the think time has passed.
struct load_settings {
    std::vector<stream_count> concurrency{1};  ///< a level each
    std::optional<std::uint64_t> requests;     ///< sent in the window by all workers of a level
    nanoseconds duration = std::chrono::seconds{30};  ///< of the window, where `requests` is absent
    std::optional<nanoseconds> warmup;  ///< absent: a tenth of the duration, at most 10 s; with
                                        ///< `requests` none
    nanoseconds grace = std::chrono::seconds{30};  ///< for requests in flight when the window ends
    nanoseconds think_time{0};

    [[nodiscard]] nanoseconds warmup_in_effect() const {
        if (warmup) return *warmup;
        if (requests) return nanoseconds{0};
        return std::min<nanoseconds>(duration / 10, std::chrono::seconds{10});
    }
};

struct limit_settings {
    double max_error_rate = 0.05;  ///< of the offered requests; above it the exit code is 4
    /// The run ends after so many requests that failed or timed out, warm-up included.
    std::optional<std::uint64_t> max_failures = {};
    slo_limits slo = {};                       ///< what each request is held to, for goodput
    std::vector<std::string> thresholds = {};  ///< "ttft_ms.p95 < 2000"
};

struct output_settings {
    std::string directory;      ///< empty: lmstress-results/<UTC time>-<run id>
    bool events = false;        ///< keep the arrival of every token-bearing event
    bool server_state = false;  ///< ask LM Studio once a second what it is doing
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
};

}  // namespace lmstress
