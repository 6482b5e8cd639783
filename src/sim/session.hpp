#pragma once

#include "sim/http_request.hpp"
#include "sim/reply.hpp"
#include "sim/server.hpp"

#include <string_view>

namespace lmstress::sim {

/// One connection to the server, without its socket: bytes in, bytes out.
class session final : public reply {
  public:
    class output {
      public:
        virtual void write(std::string_view bytes, const truth* what) = 0;
        /// The server closes the connection once everything is sent.
        virtual void close() = 0;
        /// A request has been read whole, and will be handled now.
        virtual void on_request(std::string_view request_id) = 0;
        /// The answer to it is complete.
        virtual void on_answered() = 0;

      protected:
        ~output() = default;
    };

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
    void resume(instant now) {
        while (!answering_) {
            const auto request = reader_.next();
            if (reader_.failed()) return output_.close();
            if (!request) return;
            answering_ = true;
            keep_alive_ = request->keep_alive;
            output_.on_request(request->request_id);
            server_.handle(*request, *this, now);
        }
    }

  private:
    void send(std::string_view bytes, const truth* what) override { output_.write(bytes, what); }
    void end() override {
        answering_ = false;
        if (keep_alive_) {
            output_.on_answered();
        } else {
            output_.close();
        }
    }

    server& server_;
    output& output_;
    request_reader reader_;
    bool answering_ = false;
    bool keep_alive_ = true;
};

}  // namespace lmstress::sim
