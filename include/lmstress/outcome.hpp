#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lmstress {

/// How a request ended. Each request that was offered has exactly one.
enum class outcome : std::uint8_t {
    completed,  ///< the whole answer came
    failed,     ///< with a failure_kind
    timed_out,  ///< a deadline passed; the phase it passed in is kept
    shed,       ///< an arrival over the cap on requests in flight; never sent
    censored,   ///< cut by the end of the run or by the user
};
inline constexpr std::size_t outcome_count = 5;

/// Why a request failed.
enum class failure_kind : std::uint8_t {
    dns,                ///< the name of the server has no address
    connect,            ///< no address of the server took the connection
    tls,                ///< the TLS handshake failed
    reset,              ///< the connection broke before any byte of the answer
    truncated,          ///< the answer ended before its end event
    not_http,           ///< the bytes are no HTTP/1.1 answer
    not_a_stream,       ///< JSON or HTML where an event stream was asked for
    bad_frame,          ///< an event whose data could not be read
    empty_answer,       ///< a complete answer without a single token or vector
    unauthorized,       ///< token missing, wrong or lacking a permission
    model_not_found,    ///< the server does not have the model, or has none loaded
    prompt_too_long,    ///< the prompt does not fit the context
    context_exhausted,  ///< the KV pool that running requests share was full
    slot_timeout,       ///< the server gave up after some 120 s without a free slot
    overloaded,         ///< the server said that it is too busy, or is still loading
    engine_failed,      ///< the inference engine crashed or refused to go on
    model_unloaded,     ///< the model was taken out of memory while it answered
    server_error,       ///< any other 5xx
    bad_request,        ///< any other 4xx, or an endpoint that the server does not have
    event_too_large,    ///< an event over the parser's bound
};
inline constexpr std::size_t failure_kind_count = 20;

/// What a request waited for when a deadline passed.
enum class phase : std::uint8_t { connect, send, headers, first_token, gap, whole };
inline constexpr std::size_t phase_count = 6;

[[nodiscard]] std::string_view to_string(outcome value) noexcept;
[[nodiscard]] std::string_view to_string(failure_kind value) noexcept;
[[nodiscard]] std::string_view to_string(phase value) noexcept;

/// The reverse of to_string; nothing for an unknown name.
[[nodiscard]] std::optional<outcome> outcome_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<failure_kind> failure_kind_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<phase> phase_named(std::string_view name) noexcept;

}  // namespace lmstress
