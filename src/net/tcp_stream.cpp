#include "net/tcp_stream.hpp"

#include "net/timed_socket.hpp"

namespace lmstress::net {

namespace asio = boost::asio;

namespace {

class tcp_stream final : public byte_stream {
  public:
    tcp_stream(asio::any_io_executor executor, destination& to, const socket_use& use)
        : dialer_(std::move(executor), to), use_(use) {}

    asio::awaitable<connect_result> connect() override {
        connect_result made = co_await dialer_.dial();
        if (!made.failed) socket_.emplace(dialer_.take(), use_);
        co_return made;
    }

    asio::awaitable<error_code> write(std::string_view head, std::string_view body) override {
        written_at_ = std::chrono::steady_clock::now();
        return socket_->write(head, body);
    }

    asio::awaitable<stamped_bytes> read(std::span<char> buffer) override {
        return socket_->read(buffer, written_at_);
    }

    std::optional<connection_figures> counted() noexcept override {
        return socket_ ? socket_->counted() : dialer_.counted();
    }

    bool closed_by_peer() noexcept override { return socket_ && socket_->closed_by_peer(); }

    void close() noexcept override {
        dialer_.cancel();
        if (socket_) socket_->close();
    }

  private:
    dialer dialer_;
    socket_use use_;
    std::optional<timed_socket> socket_;
    instant written_at_{};
};

}  // namespace

std::unique_ptr<byte_stream> tcp_transport::open() {
    return std::make_unique<tcp_stream>(executor_, to_, use_);
}

}  // namespace lmstress::net
