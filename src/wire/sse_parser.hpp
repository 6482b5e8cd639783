#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lmstress::wire {

/// An event of a text/event-stream. Its views are valid during the call that hands it over.
struct sse_event {
    std::string_view type;  ///< of the `event` field; empty where there was none
    std::string_view data;  ///< `data` lines joined by LF
    /// The data came in a field `error`, which is no field of the standard: llama.cpp before
    /// September 2025 reported a failure in mid-stream that way (ggml-org/llama.cpp PR 16109).
    bool from_error_field = false;
};

class sse_sink {
  public:
    virtual void on_sse_event(const sse_event& e) = 0;

  protected:
    ~sse_sink() = default;
};

/// A push parser of text/event-stream by the rules of the WHATWG (HTML standard, section 9.2.6,
/// "Interpreting an event stream"): however the bytes are cut, the events are the same.
///
/// Allocates nothing for an event that lies inside one buffer with a single `data` line. An event
/// without its final blank line is not handed over, as the standard says.
class sse_parser {
  public:
    enum class status : std::uint8_t { ok, event_too_large };

    /// `max_event_bytes` bounds the lines of one event together, so that a server without blank
    /// lines cannot fill the memory.
    explicit sse_parser(std::size_t max_event_bytes = 1U << 20U) : max_(max_event_bytes) {}

    /// Consumes all bytes. After `event_too_large` nothing more is parsed.
    status push(std::string_view bytes, sse_sink& sink);

    /// Bytes of an event have come whose end has not.
    [[nodiscard]] bool in_event() const noexcept { return event_bytes_ != 0 || !line_.empty(); }
    [[nodiscard]] std::string_view last_event_id() const noexcept { return last_event_id_; }
    /// The reconnection time in milliseconds, where the server gave one.
    [[nodiscard]] std::optional<std::uint64_t> retry() const noexcept { return retry_; }

  private:
    /// A value that lies in the caller's buffer until something forces a copy.
    class text {
      public:
        void clear() noexcept { view_ = {}, present_ = false; }
        void set(std::string_view value, bool stays) {
            present_ = true;
            view_ = value;
            if (!stays) own();
        }
        void append_line(std::string_view value, bool stays);
        /// Copies what would dangle once the caller's buffer is gone.
        void own() {
            if (!present_ || view_.data() == owned_.data()) return;
            owned_.assign(view_);
            view_ = owned_;
        }
        [[nodiscard]] bool present() const noexcept { return present_; }
        [[nodiscard]] std::string_view view() const noexcept { return view_; }

      private:
        std::string_view view_;
        std::string owned_;
        bool present_ = false;
    };

    std::string_view skip_byte_order_mark(std::string_view bytes);
    void take_line(std::string_view line, bool stays, sse_sink& sink);
    void take_field(std::string_view name, std::string_view value, bool stays);
    void dispatch(sse_sink& sink);

    std::size_t max_;
    std::size_t event_bytes_ = 0;  // complete lines of the event at hand
    std::size_t bom_matched_ = 0;  // 3: the beginning of the stream is behind us
    std::string line_;             // the beginning of a line that was cut
    text type_;
    text data_;
    text error_;
    std::string last_event_id_;
    std::optional<std::uint64_t> retry_;
    bool skip_line_feed_ = false;  // the last line ended with CR at the end of a buffer
    bool failed_ = false;
};

}  // namespace lmstress::wire
