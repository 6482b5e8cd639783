#pragma once

#include "sim/fault_filter.hpp"
#include "sim/http_request.hpp"
#include "sim/output.hpp"
#include "sim/reply.hpp"
#include "sim/server.hpp"

#include <optional>
#include <string_view>

namespace lmstress::sim {

/// One connection to the server, without its socket: bytes in, bytes out.
class session final : public reply {
  public:
    /// Both outlive this.
    session(server& s, output& to) : server_(s), output_(to) {}
    ~session() override {
        if (answering_) server_.abandoned(*this);
    }
    session(session&&) = delete;

    void push(std::string_view bytes, instant now) {
        reader_.push(bytes);
        resume(now);
    }

    [[nodiscard]] std::size_t pending() const noexcept { return reader_.pending(); }

    /// Takes up a request that came before the last answer was complete. Called after
    /// on_answered(), but not from within it: the server is still at work then.
    void resume(instant now);

  private:
    void suffer(const mishap& what) override;
    void send(std::string_view bytes) override;
    void send_bytes(std::string_view bytes);
    void open_stream(std::string_view content_type) override;
    void send_event(std::string_view frame, const truth& what) override;
    void tell(const answer_truth& what) override { output_.on_answer(what); }
    void end() override;
    void reset() override;

    server& server_;
    output& output_;
    request_reader reader_;
    std::optional<fault_filter> filter_;  // where the answer suffers a fault
    bool answering_ = false;
    bool streaming_ = false;
    bool keep_alive_ = true;
    bool over_ = false;  // no further request is taken up
};

}  // namespace lmstress::sim
