// The answer of each API, from the body of its HTTP message, or from its WebSocket, to a record.
// The first byte of the input names the API, the second says how the bytes are cut.

#include "api/answer_reader.hpp"
#include "fuzz/fuzz.hpp"
#include "measure/recorder.hpp"
#include "support/collecting_sink.hpp"
#include "wire/web_socket.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace fuzz {
namespace {

using namespace lmstress;

/// Hands on what another decoder reads, each time with an event beside it, so that no frame is one
/// text and nothing else: api::answer knows none of them again without its decoder.
class wordy_decoder final : public api::frame_decoder, event_sink {
  public:
    explicit wordy_decoder(std::unique_ptr<frame_decoder> from) : from_(std::move(from)) {}
    void on_frame(const wire::sse_event& frame, event_sink& sink) override {
        to_ = &sink;
        from_->on_frame(frame, *this);
    }
    void on_end_of_body(event_sink& sink) override { from_->on_end_of_body(sink); }
    [[nodiscard]] bool error_is_final() const noexcept override { return from_->error_is_final(); }
    [[nodiscard]] bool closed() const noexcept override { return from_->closed(); }
    [[nodiscard]] std::string take_reply() override { return from_->take_reply(); }

  private:
    void on_frame() override { to_->on_frame(); }
    void on_event(const stream_event& e) override {
        if (std::holds_alternative<event::text>(e)) to_->on_event(beside);
        to_->on_event(e);
    }
    static constexpr event::server_stats beside{};

    std::unique_ptr<frame_decoder> from_;
    event_sink* to_ = nullptr;
};

/// The same API, read frame by frame by its decoder.
api::api without_memory(const api::api& which) {
    static std::unique_ptr<api::frame_decoder> (*make)();
    make = which.make_decoder;
    api::api slow = which;
    slow.make_decoder = []() -> std::unique_ptr<api::frame_decoder> {
        return std::make_unique<wordy_decoder>(make());
    };
    return slow;
}

/// The bytes of an answer whose frames are in `text`: of a WebSocket each line is a message.
std::string answer_of(const api::api& which, std::string_view text) {
    if (which.body != api::framing::web_socket) {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + std::string{text};
    }
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += wire::web_socket_frame(wire::web_socket_opcode::text, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::vector<std::string> events_of(const api::api& which, std::string_view bytes,
                                   std::size_t piece) {
    test::collecting_sink sink;
    const auto answer = api::make_reader(which, sink);
    push_in_pieces(bytes, piece, [&](std::string_view p) { answer->push(p); });
    answer->close();
    require(answer->frames() == sink.frames);
    return sink.lines;
}

void record(const api::api& which, std::string_view bytes, std::size_t piece) {
    request_record r;
    measure::window measured{instant{}, instant::max()};
    measure::recorder into{r, {.run_start = instant{}, .measured = &measured}};
    instant now{std::chrono::seconds{1}};
    into.set(moment::send_start, now);
    const auto answer = api::make_reader(which, into);
    push_in_pieces(bytes, piece, [&](std::string_view p) {
        now += std::chrono::milliseconds{1};
        into.arrived(now, clock_source::kernel);
        answer->push(p);
    });
    answer->close();
    if (answer->settled() && !into.failed()) into.complete();
    into.finish(answer->http_status(), false);
    // Each gap lies between two events.
    require(r.gaps.exact().total() <= r.events);
}

}  // namespace

void take(std::string_view input) {
    const auto all = api::apis();
    const api::api& which = all[choice(input) % all.size()];
    const std::size_t piece = 1 + choice(input) % 32;
    const std::string bytes = answer_of(which, input);
    const auto events = events_of(which, bytes, bytes.size());
    require(events == events_of(which, bytes, piece));
    auto slow = events_of(without_memory(which), bytes, piece);
    std::erase(slow, test::line_of(event::server_stats{}));
    auto fast = events;
    std::erase(fast, test::line_of(event::server_stats{}));
    require(fast == slow);
    record(which, bytes, piece);
}

}  // namespace fuzz
