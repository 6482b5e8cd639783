#pragma once

#include "api/answer_reader.hpp"
#include "api/repeated_frame.hpp"
#include "wire/http_response.hpp"
#include "wire/line_parser.hpp"
#include "wire/sse_parser.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lmstress::api {

/// The whole way from the bytes of one answer to its events, without I/O: HTTP, then SSE
/// or lines, then the API's own frames. Whatever goes wrong on the way is reported as an
/// event::failure.
class answer final : public answer_reader,
                     private wire::http_sink,
                     private wire::sse_sink,
                     private wire::line_sink,
                     private event_sink {
  public:
    /// Both outlive this.
    answer(const api& which, event_sink& sink);

    void push(std::string_view bytes) override;
    void close() override;

    [[nodiscard]] bool has_head() const noexcept override { return head_.status != 0; }
    [[nodiscard]] int http_status() const noexcept override { return head_.status; }
    [[nodiscard]] const wire::http_head& head() const noexcept { return head_; }
    [[nodiscard]] bool begun() const noexcept override { return http_.begun(); }
    [[nodiscard]] bool settled() const noexcept override { return settled_; }
    [[nodiscard]] bool failed() const noexcept override { return failed_; }
    [[nodiscard]] bool over() const noexcept override;
    [[nodiscard]] bool reusable() const noexcept override { return !broken_ && http_.reusable(); }
    [[nodiscard]] std::uint64_t frames() const noexcept override { return frames_; }

  private:
    enum class body_kind : std::uint8_t { unknown, stream, whole };

    [[nodiscard]] std::size_t kept_body() const noexcept;
    bool push_frames(std::string_view piece);
    void on_end_of_frames();

    void on_head(const wire::http_head& head) override;
    void on_body(std::string_view piece) override;
    void on_sse_event(const wire::sse_event& e) override;
    void on_line(std::string_view line) override { on_sse_event({.type = {}, .data = line}); }
    void on_frame() override { sink_.on_frame(); }
    void on_event(const stream_event& e) override;

    void after_http(wire::http_response::status status);
    void on_message_complete();
    void read_whole_body();
    void fail(failure_kind kind, std::string_view message);

    event_sink& sink_;
    framing framing_;
    std::unique_ptr<frame_decoder> decoder_;
    repeated_frame last_;
    const wire::sse_event* frame_ = nullptr;  // that the decoder is reading
    std::size_t events_in_frame_ = 0;
    wire::http_head head_;
    wire::http_response http_;
    wire::sse_parser sse_;
    wire::line_parser lines_;
    std::string body_;
    body_kind kind_ = body_kind::unknown;
    std::uint64_t frames_ = 0;
    bool failed_ = false;
    bool ended_ = false;
    bool settled_ = false;
    bool broken_ = false;
    bool reported_end_of_body_ = false;
};

/// As much of a message as is kept of it, not cut within a character.
[[nodiscard]] std::string_view kept_message(std::string_view message);

}  // namespace lmstress::api
