#include "wire/web_socket.hpp"

#include <algorithm>
#include <utility>

namespace lmstress::wire {

namespace {

constexpr std::size_t largest_control = 125;

bool is_control(web_socket_opcode o) {
    return (static_cast<unsigned>(o) & 8U) != 0;
}

bool is_known(unsigned opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

}  // namespace

web_socket_parser::status web_socket_parser::push(std::string_view bytes) {
    while (state_ == status::ok && !bytes.empty()) {
        if (!has_head_ && !take_head(bytes)) continue;
        if (state_ == status::ok) take_payload(bytes);
    }
    return state_;
}

/// Bytes of a frame's head, as far as those that have come tell.
std::size_t web_socket_parser::wanted_head() const noexcept {
    if (head_size_ < 2) return 2;
    const unsigned length = head_bytes_[1] & 0x7FU;
    const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
    return 2 + more + ((head_bytes_[1] & 0x80U) != 0 ? 4 : 0);
}

/// True when the head is whole; its frame may be empty.
bool web_socket_parser::take_head(std::string_view& bytes) {
    while (head_size_ < wanted_head() && !bytes.empty()) {
        head_bytes_[head_size_++] = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
    }
    if (head_size_ < wanted_head()) return false;
    state_ = read_head();
    has_head_ = state_ == status::ok;
    if (has_head_ && frame_.length == 0) state_ = end_frame({});
    return has_head_;
}

web_socket_parser::status web_socket_parser::read_head() {
    const unsigned first = head_bytes_[0];
    const unsigned second = head_bytes_[1];
    const bool masked = (second & 0x80U) != 0;
    // Reserved bits belong to extensions, and there are none.
    if ((first & 0x70U) != 0 || !is_known(first & 0x0FU) || masked != masked_) {
        return status::bad_frame;
    }
    frame_.last = (first & 0x80U) != 0;
    frame_.opcode = static_cast<web_socket_opcode>(first & 0x0FU);
    frame_.length = second & 0x7FU;
    const std::size_t digits = head_size_ - 2 - (masked ? 4 : 0);
    if (digits > 0) frame_.length = 0;
    for (std::size_t i = 0; i < digits; ++i)
        frame_.length = frame_.length << 8U | head_bytes_[2 + i];
    std::copy_n(&head_bytes_[2 + digits], masked ? 4 : 0, frame_.mask.begin());
    if (is_control(frame_.opcode)) {
        const bool good = frame_.last && frame_.length <= largest_control;
        return good ? status::ok : status::bad_frame;
    }
    // A message under way goes on, and none begins within it.
    const bool goes_on = frame_.opcode == web_socket_opcode::continuation;
    if (goes_on != in_message_ || frame_.opcode == web_socket_opcode::binary) {
        return status::bad_frame;
    }
    const bool fits = frame_.length <= max_message_bytes - message_.size();
    return fits ? status::ok : status::too_large;
}

void web_socket_parser::take_payload(std::string_view& bytes) {
    if (!has_head_) return;
    const auto left = static_cast<std::size_t>(frame_.length) - payload_.size();
    const std::string_view piece = bytes.substr(0, left);
    bytes.remove_prefix(piece.size());
    // Most frames come whole, and unmasked: those need no copy.
    if (piece.size() == frame_.length && !masked_) {
        state_ = end_frame(piece);
        return;
    }
    for (const char c : piece) {
        const unsigned char key = masked_ ? frame_.mask[payload_.size() % 4] : 0;
        payload_ += static_cast<char>(static_cast<unsigned char>(c) ^ key);
    }
    if (payload_.size() < frame_.length) return;
    const std::string whole = std::exchange(payload_, {});
    state_ = end_frame(whole);
}

web_socket_parser::status web_socket_parser::end_frame(std::string_view payload) {
    has_head_ = false;
    head_size_ = 0;
    if (!is_control(frame_.opcode)) return end_data(payload);
    end_control(payload);
    return frame_.opcode == web_socket_opcode::close ? status::closed : status::ok;
}

web_socket_parser::status web_socket_parser::end_data(std::string_view payload) {
    if (frame_.last && message_.empty()) {
        in_message_ = false;
        sink_.on_message(payload);
        return status::ok;
    }
    message_ += payload;
    in_message_ = !frame_.last;
    if (in_message_) return status::ok;
    const std::string whole = std::exchange(message_, {});
    sink_.on_message(whole);
    return status::ok;
}

void web_socket_parser::end_control(std::string_view payload) {
    if (frame_.opcode == web_socket_opcode::ping) sink_.on_ping(payload);
    if (frame_.opcode != web_socket_opcode::close) return;
    if (payload.size() < 2) return sink_.on_close(0, {});
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(payload[i]); };
    const auto code = static_cast<std::uint16_t>(byte(0) << 8U | byte(1));
    sink_.on_close(code, payload.substr(2));
}

std::string web_socket_frame(web_socket_opcode opcode, std::string_view payload,
                             std::optional<std::uint32_t> mask) {
    std::string out;
    out.reserve(payload.size() + 14);
    const auto put = [&out](std::uint64_t byte) { out += static_cast<char>(byte & 0xFFU); };
    const unsigned masked = mask ? 0x80U : 0;
    put(0x80U | static_cast<unsigned>(opcode));
    const std::uint64_t n = payload.size();
    const int digits = n < 126 ? 0 : n < 65'536 ? 2 : 8;
    put(masked | (digits == 0 ? n : digits == 2 ? 126 : 127));
    for (int i = digits - 1; i >= 0; --i) put(n >> (8 * static_cast<unsigned>(i)));
    if (!mask) return out.append(payload);
    std::array<unsigned char, 4> key{};
    for (std::size_t i = 0; i < 4; ++i) {
        key[i] = static_cast<unsigned char>(*mask >> (8 * (3 - i)) & 0xFFU);
        put(key[i]);
    }
    for (std::size_t i = 0; i < payload.size(); ++i) {
        put(static_cast<unsigned char>(payload[i]) ^ key[i % 4]);
    }
    return out;
}

}  // namespace lmstress::wire
