#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/summary.hpp"
#include "measure/live_counters.hpp"
#include "sim/server.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// An event that the simulated server sent, and when.
struct sent_event {
    std::string type;
    lmstress::nanoseconds at;
};

/// All that a run in virtual time brought forth.
struct virtual_result {
    std::vector<lmstress::request_record> records;
    lmstress::run_summary summary;
    std::map<std::string, std::vector<sent_event>> sent;  ///< by request id
    std::uint64_t events = 0;                             ///< sent, whether kept or not
    bool hopeless = false;
    /// What a live view would have seen at each time of `virtual_setup::looks`.
    std::vector<std::optional<lmstress::measure::live_snapshot>> looks;
};

struct virtual_setup {
    lmstress::sim::server_settings server;
    lmstress::scenario scenario;
    bool load_first = false;  ///< the model is not in memory, and the client knows
    bool keep_events = true;  ///< fill `sent` and `records`
    /// When the user presses Ctrl-C, since the start.
    std::vector<lmstress::nanoseconds> interrupts;
    /// When the client and all else stand still, since the start, and for how long.
    std::vector<std::pair<lmstress::nanoseconds, lmstress::nanoseconds>> stalls = {};
    /// When somebody looks at the live counters, since the start; before the end of the run.
    std::vector<lmstress::nanoseconds> looks;
};

/// Twenty seconds of each level over that API (or several), every answer of so many tokens, the
/// same prompts each time, and when each token came kept.
virtual_setup twenty_seconds(const std::string& api,
                             std::vector<lmstress::stream_count> concurrency,
                             std::uint32_t answer_tokens);

/// When the engine brought forth what is of that type, or the tokens of an answer whatever its API.
std::vector<lmstress::nanoseconds> times_of(const std::vector<sent_event>& sent,
                                            std::string_view type);
std::vector<lmstress::nanoseconds> token_times(const std::vector<sent_event>& sent);

/// Runs the scenario against the built-in server, both in virtual time: the same workers, the same
/// bytes, no socket.
virtual_result run_virtually(const virtual_setup& setup);

}  // namespace test
