#include "sim/in_process.hpp"

#include "sim/frame_socket.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstdint>

namespace lmstress::sim {

namespace asio = boost::asio;

in_process_transport::in_process_transport(clock& time, server& s, watcher w)
    : clock_(time), server_(s), watch_(std::move(w)), due_(time, [this] { wake(); }) {}

void in_process_transport::arm() {
    if (const auto next = server_.next_due()) {
        due_.set(*next);
    } else {
        due_.cancel();
    }
}

void in_process_transport::wake() {
    server_.advance(clock_.now());
    arm();
}

/// Both ends of a connection: what the server's writes, the client's reads.
class in_process_stream final : public net::byte_stream, output {
  public:
    explicit in_process_stream(in_process_transport& from)
        : from_(from), session_(std::in_place, from.server_, static_cast<output&>(*this)) {}

    asio::awaitable<net::connect_result> connect() override { co_return net::connect_result{}; }

    asio::awaitable<net::error_code> write(std::string_view head, std::string_view body) override {
        if (closed_) co_return asio::error::operation_aborted;
        if (server_ == server_end::reset) co_return asio::error::connection_reset;
        if (server_ == server_end::closed) co_return net::error_code{};  // lost, as on a network
        const std::string request = std::string{head} + std::string{body};
        if (socket_) {
            socket_->push(request, from_.clock_.now());
        } else {
            session_->push(request, from_.clock_.now());
        }
        from_.arm();
        co_return net::error_code{};
    }

    asio::awaitable<net::stamped_bytes> read(std::span<char> buffer) override {
        if (arrived_.empty() && server_ == server_end::open && !closed_) {
            arrival_.emplace(from_.clock_);
            const bool never = co_await arrival_->until_interrupted();
            static_cast<void>(never);
            arrival_.reset();
        }
        if (closed_) co_return net::stamped_bytes{.error = asio::error::operation_aborted};
        if (arrived_.empty()) co_return end_of_bytes();
        co_return first_piece(buffer);
    }

    void close() noexcept override {
        closed_ = true;
        socket_.reset();
        session_.reset();
        if (arrival_) arrival_->interrupt();
    }

  private:
    enum class server_end : std::uint8_t { open, closed, reset };
    struct piece {
        std::string bytes;
        instant at;
    };

    [[nodiscard]] net::stamped_bytes end_of_bytes() const {
        net::stamped_bytes read{.at = from_.clock_.now(), .source = clock_source::simulated};
        if (server_ == server_end::reset) read.error = asio::error::connection_reset;
        return read;
    }

    /// What one write sent is what one read gets, as far as the buffer goes.
    net::stamped_bytes first_piece(std::span<char> buffer) {
        piece& first = arrived_.front();
        const std::size_t n = std::min(first.bytes.size(), buffer.size());
        std::copy_n(first.bytes.begin(), n, buffer.begin());
        const net::stamped_bytes read{
            .count = n, .at = first.at, .source = clock_source::simulated};
        first.bytes.erase(0, n);
        if (first.bytes.empty()) arrived_.pop_front();
        return read;
    }

    void write(std::string_view bytes) override {
        arrived_.push_back({std::string{bytes}, from_.clock_.now()});
        if (arrival_) arrival_->interrupt();
    }
    void on_event(const truth& what) override {
        if (from_.watch_) from_.watch_(what);
    }
    void hang_up() override { ended_by_server(server_end::closed); }
    void reset() override { ended_by_server(server_end::reset); }
    void on_request(std::string_view) override {}
    void on_answered() override {}
    bool upgrade(const http_request& request) override {
        socket_.emplace(from_.server_, static_cast<output&>(*this), request.path);
        return true;
    }

    /// The session stays: it may be what calls this.
    void ended_by_server(server_end how) {
        server_ = how;
        if (arrival_) arrival_->interrupt();
    }

    in_process_transport& from_;
    std::optional<session> session_;
    std::optional<frame_socket> socket_;  // that the session became
    std::deque<piece> arrived_;
    std::optional<net::sleeper> arrival_;
    server_end server_ = server_end::open;
    bool closed_ = false;  // by the client
};

std::unique_ptr<net::byte_stream> in_process_transport::open() {
    return std::make_unique<in_process_stream>(*this);
}

}  // namespace lmstress::sim
