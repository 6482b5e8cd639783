#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/error.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::sim {

/// What goes wrong with a chat request on purpose. fault_table() has a sentence for each.
enum class fault : std::uint8_t {
    reset_before,
    reset_mid,
    stall,
    truncate,
    malformed_frame,
    spliced_frame,
    drop_event,
    double_event,
    swap_events,
    byte_by_byte,
    coalesce,
    slow_headers,
    no_headers,
    status_401,
    status_404,
    status_429,
    status_500,
    html_500,
    ok_with_error,
    error_first,
    error_mid,
    crash,
    wrong_model,
    oversized_event,
    slot_timeout,
    prefill_goes_on,
    empty_400,
    double_prefill_end,
    bare_events,
};

/// What an engine that went away, or that lost its model in the middle, makes LM Studio say.
inline constexpr std::string_view engine_unreachable =
    "Engine protocol predict request failed: fetch failed";
inline constexpr std::string_view model_unloaded = "Model unloaded.";
/// What wrong_model names.
inline constexpr std::string_view another_model = "lmstress/another-model";

struct fault_row {
    fault kind;
    std::string_view name;  ///< as in --fault
    std::string_view does;  ///< one sentence
};

/// Every kind, in the order of the enumeration.
[[nodiscard]] std::span<const fault_row> fault_table() noexcept;
/// The table as lines for --help.
[[nodiscard]] std::string describe_faults();

/// Until when a fault holds a request back that comes now, for ever where it is instant::max();
/// nothing where it does not.
[[nodiscard]] std::optional<instant> delay_of(fault kind, instant now) noexcept;

/// How often a fault strikes.
struct fault_share {
    fault kind = fault::reset_before;
    double rate = 1.0;  ///< of the chat requests, 0 to 1
};

/// Reads "KIND" or "KIND:rate".
[[nodiscard]] result<fault_share> parse_fault(std::string_view text);
/// Reads several, whose rates are at most 1 together.
[[nodiscard]] result<std::vector<fault_share>> parse_faults(std::span<const std::string> texts);

/// Says which fault strikes which request: the same ones for the same seed, on every platform.
///
/// Each kind has a share of [0, 1) as wide as its rate, one after another; the fault of a request
/// is the one in whose share its draw lies.
class fault_plan {
  public:
    /// The rates are at most 1 together.
    fault_plan(std::vector<fault_share> shares, std::uint64_t seed)
        : shares_(std::move(shares)), draws_(seed) {}

    /// That of the next request; nothing for one that is spared.
    [[nodiscard]] std::optional<fault> next();
    /// That of a draw from [0, 1).
    [[nodiscard]] std::optional<fault> of(double draw) const;

  private:
    std::vector<fault_share> shares_;
    std::mt19937_64 draws_;  // whose numbers the standard lays down
};

}  // namespace lmstress::sim
