#pragma once

#include "api/answer_reader.hpp"
#include "wire/web_socket.hpp"

namespace lmstress::api {

/// An answer that comes as the messages of a channel on a WebSocket which stays open: it begins
/// with the first message after the request, and is over when the channel is closed.
class socket_answer final : public answer_reader, wire::web_socket_sink, event_sink {
  public:
    /// Both outlive this.
    socket_answer(const api& which, event_sink& sink);

    void push(std::string_view bytes) override;
    void close() override;
    [[nodiscard]] bool has_head() const noexcept override { return false; }
    [[nodiscard]] int http_status() const noexcept override { return 0; }
    [[nodiscard]] bool begun() const noexcept override { return begun_; }
    [[nodiscard]] bool settled() const noexcept override { return settled_; }
    [[nodiscard]] bool failed() const noexcept override { return failed_; }
    [[nodiscard]] bool over() const noexcept override { return broken_ || decoder_->closed(); }
    [[nodiscard]] bool reusable() const noexcept override {
        return !broken_ && decoder_->closed() && parser_.at_rest();
    }
    [[nodiscard]] std::uint64_t frames() const noexcept override { return frames_; }
    [[nodiscard]] std::string take_reply() override;

  private:
    void on_message(std::string_view text) override;
    void on_ping(std::string_view payload) override;
    void on_close(std::uint16_t code, std::string_view reason) override;
    void on_frame() override { sink_.on_frame(); }
    void on_event(const stream_event& e) override;
    void break_off(failure_kind kind, std::string_view message);

    event_sink& sink_;
    std::unique_ptr<frame_decoder> decoder_;
    wire::web_socket_parser parser_;
    std::string reply_;
    std::uint64_t frames_ = 0;
    bool begun_ = false;
    bool failed_ = false;
    bool settled_ = false;
    bool broken_ = false;
};

}  // namespace lmstress::api
