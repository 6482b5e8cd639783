#pragma once

#include "wire/chunked_body.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lmstress::wire {

/// What the header of an answer says, as far as anybody here asks.
struct http_head {
    int status = 0;
    std::string content_type;   ///< lower case, parameters included
    std::string server;         ///< the `Server` field
    std::string location = {};  ///< of a redirect
};

class http_sink {
  public:
    virtual void on_head(const http_head& head) = 0;
    /// A piece of the body, transfer coding removed; valid during the call.
    virtual void on_body(std::string_view piece) = 0;

  protected:
    ~http_sink() = default;
};

/// A push parser of one HTTP/1.1 answer. It hands on each piece of the body in the call that
/// brought its bytes, so that no byte loses the time at which it arrived. Interim answers (1xx) are
/// passed over, chunk extensions and trailers read and ignored.
class http_response {
  public:
    enum class status : std::uint8_t {
        need_more,
        complete,
        not_http,          ///< the bytes are no HTTP/1.x answer
        header_too_large,  ///< over max_header_bytes
        truncated,         ///< the connection ended before the message did
    };
    static constexpr std::uint32_t max_header_bytes = 64 * 1024;

    /// `sink` outlives this.
    explicit http_response(http_sink& sink);
    ~http_response();
    http_response(http_response&&) = delete;

    /// Consumes bytes up to the end of the message. Final states are kept.
    status push(std::string_view bytes);
    /// The peer closed its side. An answer without length is complete by that.
    status finish();

    [[nodiscard]] status state() const noexcept { return state_; }
    /// A byte of the answer has come.
    [[nodiscard]] bool begun() const noexcept { return begun_; }
    /// The message is complete and the server keeps the connection.
    [[nodiscard]] bool reusable() const noexcept;

  private:
    class head_parser;
    enum class part : std::uint8_t { head, sized_body, chunked_body, body_until_close };

    [[nodiscard]] std::size_t size_of_head(std::string_view bytes) noexcept;
    void read_head(std::string_view head);
    void take_head(std::string_view bytes);
    void take_body(std::string_view bytes);

    http_sink& sink_;
    std::unique_ptr<head_parser> parser_;
    std::string begun_head_;  // what has come of a head that is not whole
    chunked_body chunks_;
    std::uint64_t left_ = 0;  // of a body whose size is known
    part at_ = part::head;
    status state_ = status::need_more;
    bool begun_ = false;
    bool surplus_ = false;  // bytes came after the end of the message
};

}  // namespace lmstress::wire
