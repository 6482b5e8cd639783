#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// WebSocket messages (RFC 6455) from bytes and to bytes, without I/O. Text only, no extensions:
// none is asked for.

namespace lmstress::wire {

enum class web_socket_opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

class web_socket_sink {
  public:
    /// A whole text message, however many frames it came in; valid during the call.
    virtual void on_message(std::string_view text) = 0;
    /// To be answered by a pong with the same payload.
    virtual void on_ping(std::string_view payload) = 0;
    /// The peer ends the connection; `code` is 0 where it gives none.
    virtual void on_close(std::uint16_t code, std::string_view reason) = 0;

  protected:
    ~web_socket_sink() = default;
};

/// A push parser of one end's frames. It hands on each message in the call that brought its last
/// byte, so that no message loses the time at which it arrived.
class web_socket_parser {
  public:
    enum class status : std::uint8_t {
        ok,
        closed,     ///< a close frame came; what follows it is not read
        bad_frame,  ///< against RFC 6455, or binary
        too_large,  ///< a message over max_message_bytes
    };
    /// Who sent the frames: a client masks them, a server does not (RFC 6455, 5.1).
    enum class sender : std::uint8_t { server, client };
    static constexpr std::size_t max_message_bytes = 1024UL * 1024;

    /// `sink` outlives this.
    explicit web_socket_parser(web_socket_sink& sink, sender from = sender::server)
        : sink_(sink), masked_(from == sender::client) {}

    /// Any state but `ok` is kept.
    status push(std::string_view bytes);
    [[nodiscard]] status state() const noexcept { return state_; }
    /// No frame and no message is half here.
    [[nodiscard]] bool at_rest() const noexcept { return head_size_ == 0 && !in_message_; }

  private:
    struct frame_head {
        bool last = false;
        web_socket_opcode opcode = web_socket_opcode::text;
        std::uint64_t length = 0;
        std::array<unsigned char, 4> mask{};
    };

    bool take_head(std::string_view& bytes);
    [[nodiscard]] std::size_t wanted_head() const noexcept;
    status read_head();
    void take_payload(std::string_view& bytes);
    status end_frame(std::string_view payload);
    status end_data(std::string_view payload);
    void end_control(std::string_view payload);

    web_socket_sink& sink_;
    bool masked_;
    status state_ = status::ok;
    std::array<unsigned char, 14> head_bytes_{};
    std::size_t head_size_ = 0;
    bool has_head_ = false;
    frame_head frame_;
    std::string payload_;  // of the frame under way, where it did not come at once
    std::string message_;  // the frames before it of the message under way
    bool in_message_ = false;
};

/// One frame that holds a whole message. With `mask`, as a client has to send it.
[[nodiscard]] std::string web_socket_frame(web_socket_opcode opcode, std::string_view payload,
                                           std::optional<std::uint32_t> mask = {});

}  // namespace lmstress::wire
