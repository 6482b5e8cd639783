// The spelling of every enumerator that appears in a file or on a screen.

#include "lmstress/outcome.hpp"
#include "lmstress/request_record.hpp"

#include <array>

namespace lmstress {
namespace {

using namespace std::string_view_literals;

constexpr std::array outcomes = {"completed"sv, "failed"sv, "timed_out"sv, "shed"sv, "censored"sv};
constexpr std::array failure_kinds = {"dns"sv,
                                      "connect"sv,
                                      "tls"sv,
                                      "reset"sv,
                                      "truncated"sv,
                                      "not_http"sv,
                                      "not_a_stream"sv,
                                      "bad_frame"sv,
                                      "empty_answer"sv,
                                      "unauthorized"sv,
                                      "model_not_found"sv,
                                      "prompt_too_long"sv,
                                      "context_exhausted"sv,
                                      "slot_timeout"sv,
                                      "overloaded"sv,
                                      "engine_failed"sv,
                                      "model_unloaded"sv,
                                      "server_error"sv,
                                      "bad_request"sv,
                                      "event_too_large"sv};
constexpr std::array phases = {"connect"sv,     "send"sv, "headers"sv,
                               "first_token"sv, "gap"sv,  "whole"sv};
constexpr std::array moments = {
    "intended"sv,    "connect_start"sv, "connect_end"sv,  "send_start"sv, "send_end"sv,
    "headers"sv,     "first_event"sv,   "load_start"sv,   "load_end"sv,   "prefill_start"sv,
    "prefill_end"sv, "first_token"sv,   "first_answer"sv, "last_token"sv, "end"sv};
constexpr std::array run_phases = {"warmup"sv, "measured"sv};
constexpr std::array token_sources = {"none"sv, "exact"sv, "events"sv, "average"sv};

static_assert(outcomes.size() == outcome_count);
static_assert(failure_kinds.size() == failure_kind_count);
static_assert(phases.size() == phase_count);
static_assert(moments.size() == moment_count);

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

template <class Enum, std::size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, Enum value) {
    return names[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view to_string(outcome value) noexcept {
    return name_of(outcomes, value);
}
std::string_view to_string(failure_kind value) noexcept {
    return name_of(failure_kinds, value);
}
std::string_view to_string(phase value) noexcept {
    return name_of(phases, value);
}
std::string_view to_string(moment value) noexcept {
    return name_of(moments, value);
}
std::string_view to_string(run_phase value) noexcept {
    return name_of(run_phases, value);
}
std::string_view to_string(token_source value) noexcept {
    return name_of(token_sources, value);
}

std::optional<outcome> outcome_named(std::string_view name) noexcept {
    return named<outcome>(outcomes, name);
}
std::optional<failure_kind> failure_kind_named(std::string_view name) noexcept {
    return named<failure_kind>(failure_kinds, name);
}
std::optional<phase> phase_named(std::string_view name) noexcept {
    return named<phase>(phases, name);
}
std::optional<token_source> token_source_named(std::string_view name) noexcept {
    return named<token_source>(token_sources, name);
}

}  // namespace lmstress
