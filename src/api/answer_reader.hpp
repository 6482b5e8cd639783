#pragma once

#include "api/api.hpp"
#include "wire/http_response.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lmstress::api {

/// The whole way from the bytes of one answer to its events, without I/O. Whatever goes wrong on
/// the way is reported as an event::failure. Over HTTP it is `answer`, over a WebSocket
/// `socket_answer`.
class answer_reader {
  public:
    virtual ~answer_reader() = default;

    virtual void push(std::string_view bytes) = 0;
    /// The peer closed its side.
    virtual void close() = 0;

    /// The header is complete. A message on a WebSocket has none.
    [[nodiscard]] virtual bool has_head() const noexcept = 0;
    [[nodiscard]] virtual int http_status() const noexcept = 0;
    /// A byte of the answer has come.
    [[nodiscard]] virtual bool begun() const noexcept = 0;
    /// It is known how the request ended. What may follow is the end of the exchange.
    [[nodiscard]] virtual bool settled() const noexcept = 0;
    /// The server, or one of the parsers, said that the request failed.
    [[nodiscard]] virtual bool failed() const noexcept = 0;
    /// Nothing more will be read.
    [[nodiscard]] virtual bool over() const noexcept = 0;
    /// The connection can carry another request.
    [[nodiscard]] virtual bool reusable() const noexcept = 0;
    /// Frames that have come whole.
    [[nodiscard]] virtual std::uint64_t frames() const noexcept = 0;
    /// Bytes that the protocol wants sent back; mostly none.
    [[nodiscard]] virtual std::string take_reply() { return {}; }
};

/// A reader of one answer of that API. Both outlive it.
[[nodiscard]] std::unique_ptr<answer_reader> make_reader(const api& which, event_sink& sink);

}  // namespace lmstress::api
