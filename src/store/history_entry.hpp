#pragma once

#include "lmstress/summary.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lmstress::store {

/// A level of a run as the history keeps it. What a level does not have is absent.
struct history_level {
    std::uint32_t index = 0;
    std::string api = {};
    std::string model = {};
    std::optional<std::int64_t> streams = {};  ///< of a closed loop
    std::optional<double> rate = {};           ///< of an open loop: requests/s that were wanted
    std::uint64_t offered = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;  ///< or timed out
    std::optional<double> output_tokens_per_second = {};
    std::optional<double> requests_per_second = {};
    std::optional<double> ttft_p50_ms = {};
    std::optional<double> ttft_p95_ms = {};
    std::optional<double> itl_p50_ms = {};
    std::optional<double> e2e_p50_ms = {};
    std::optional<double> tpot_p50_ms = {};
    std::optional<double> slo_attainment = {};
    friend bool operator==(const history_level&, const history_level&) = default;
};

/// Whether it is what several APIs that shared the server came to together (add_together), and its
/// requests are counted with theirs: then its API names all of them, with commas.
[[nodiscard]] bool is_together(const history_level& level) noexcept;

/// Whether so few of its requests completed that a quantile p of theirs has no 95 % interval.
[[nodiscard]] bool too_few_for(const history_level& level, double p);

/// What a run was part of.
enum class run_kind : std::uint8_t { run, sweep, capacity, compare };
[[nodiscard]] std::string_view to_string(run_kind k) noexcept;
[[nodiscard]] std::optional<run_kind> run_kind_named(std::string_view name) noexcept;

/// What became of a whole sweep, search or comparison, as the history keeps it.
struct history_whole {
    std::string state = "measured";  ///< as of a run: in the word that a report has for it
    std::string answer = {};         ///< what it says, in a sentence or two
    friend bool operator==(const history_whole&, const history_whole&) = default;
};

/// A run as the history keeps it: what is asked for of many at once. The rest is in its summary.
/// Text that nobody said is empty.
struct history_entry {
    std::int64_t id = 0;         ///< its number in the history; 0: not in it yet
    std::string directory = {};  ///< absolute
    std::string run_id = {};
    run_kind kind = run_kind::run;
    std::string group = {};  ///< the directory of the sweep, the search or the comparison
    /// What became of that; nothing where it goes on, or was killed.
    std::optional<history_whole> whole = {};
    std::int64_t started_unix_ns = 0;
    std::optional<std::int64_t> exit_code = {};
    bool valid = true;
    /// What it is worth, in the word that a report has for it; whoever makes the entry says so.
    std::string state = "measured";
    std::string ended_early = {};
    std::string url = {};
    std::string api = {};
    std::string model = {};
    std::string quantization = {};
    std::string server = {};  ///< "LM Studio 0.4.16"
    std::optional<std::int64_t> parallel = {};
    std::optional<bool> unified_kv = {};
    std::optional<std::int64_t> context_length = {};
    std::vector<std::pair<std::string, std::string>> labels = {};
    std::vector<std::string> tags = {};
    std::vector<history_level> levels = {};
    std::optional<model_facts> about_model = {};  ///< what the server's list said of it
};

/// The level with the most output tokens/s; null where none has any.
[[nodiscard]] const history_level* fastest_level(const history_entry& e) noexcept;
/// The same of the levels that say how fast the server is: those of a number of streams, for what
/// comes at a rate is answered at that rate, and of which not more than one request of twenty
/// failed.
[[nodiscard]] const history_level* fastest_full_level(const history_entry& e) noexcept;

/// "parallel 4, unified KV on, context 8192"; empty where nothing is known.
[[nodiscard]] std::string setting_text(const history_entry& e);

/// Of the result in `directory`, which is absolute: where it lies says what it was part of.
[[nodiscard]] history_entry entry_of(const run_summary& run, const std::string& directory,
                                     std::string_view state);

/// Adds what several APIs came to together, a level for each load (report::levels_together), after
/// its own levels. Those then have no rates: they shared a server, and no rate is one API's.
void add_together(history_entry& e, std::span<const level_summary> together);

}  // namespace lmstress::store
