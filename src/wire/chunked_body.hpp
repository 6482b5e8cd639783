#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lmstress::wire {

class http_sink;

/// A push parser of HTTP's chunked transfer coding (RFC 9112, section 7.1), byte by byte but for
/// what is in the chunks: however it is cut, it is read alike. Extensions and trailers are read and
/// ignored.
class chunked_body {
  public:
    enum class status : std::uint8_t { need_more, complete, bad };

    /// Hands what is in the chunks to `sink`, up to the end of the body or to what is against the
    /// rules. Returns how many bytes were used.
    std::size_t push(std::string_view bytes, http_sink& sink);
    [[nodiscard]] status state() const noexcept { return state_; }

  private:
    enum class place : std::uint8_t {
        size,
        extension,
        size_line_feed,
        data,
        data_return,
        data_line_feed,
        trailer_begin,
        trailer,
        trailer_line_feed,
        last_line_feed,
    };

    void take(char c);
    void take_size(char c);
    void go_on(bool right, place next);
    void ignore(char c, place after_line);

    status state_ = status::need_more;
    place at_ = place::size;
    std::uint64_t left_ = 0;     // of the chunk
    std::uint32_t digits_ = 0;   // of its size
    std::uint32_t ignored_ = 0;  // bytes of extensions and trailers in a row
};

}  // namespace lmstress::wire
