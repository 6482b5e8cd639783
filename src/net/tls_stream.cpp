#include "net/tls_stream.hpp"

#include "net/timed_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>

namespace lmstress::net {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// What ssl::stream reads ciphertext from and writes it to: a timed socket, as an Asio stream that
/// remembers the times of the last read.
class timed_layer {
  public:
    using executor_type = tcp::socket::executor_type;
    using lowest_layer_type = tcp::socket::lowest_layer_type;

    timed_layer(timed_socket socket, const instant& not_before)
        : socket_(std::move(socket)), not_before_(not_before) {}

    executor_type get_executor() { return socket_.raw().get_executor(); }
    lowest_layer_type& lowest_layer() { return socket_.raw().lowest_layer(); }
    const lowest_layer_type& lowest_layer() const { return socket_.raw().lowest_layer(); }
    [[nodiscard]] const stamped_bytes& last_read() const noexcept { return last_; }
    [[nodiscard]] std::optional<connection_figures> counted() noexcept { return socket_.counted(); }
    [[nodiscard]] bool closed_by_peer() noexcept { return socket_.closed_by_peer(); }
    void close() noexcept { socket_.close(); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        const asio::mutable_buffer into = *asio::buffer_sequence_begin(buffers);
        return asio::async_compose<Token, void(error_code, std::size_t)>(
            [this, into, waited = false](auto& self, error_code ec = {}) mutable {
                // ssl::stream reads nothing where it only wants to be called from the event loop:
                // it has decrypted what came with an earlier read, whose times stand.
                const bool nothing = into.size() == 0;
                if (waited && nothing) return self.complete({}, 0);
                if (waited && !ec) {
                    const std::span<char> span{static_cast<char*>(into.data()), into.size()};
                    if (const auto bytes = socket_.read_now(span, not_before_)) {
                        last_ = *bytes;
                        if (!last_.error && last_.count == 0) last_.error = asio::error::eof;
                        return self.complete(last_.error, last_.count);
                    }
                }
                if (ec) return self.complete(ec, 0);
                waited = true;
                if (nothing) return asio::post(std::move(self));
                socket_.raw().async_wait(tcp::socket::wait_read, std::move(self));
            },
            token, socket_.raw());
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        socket_.wrote();
        return socket_.raw().async_write_some(buffers, std::forward<Token>(token));
    }

  private:
    timed_socket socket_;
    const instant& not_before_;
    stamped_bytes last_;
};

class tls_stream final : public byte_stream {
  public:
    tls_stream(asio::any_io_executor executor, destination& to, ssl::context& context, bool verify,
               const socket_use& use)
        : dialer_(std::move(executor), to),
          host_(to.host),
          context_(context),
          verify_(verify),
          use_(use) {}

    asio::awaitable<connect_result> connect() override {
        connect_result made = co_await dialer_.dial();
        if (made.failed) co_return made;
        timed_layer layer{timed_socket{dialer_.take(), use_}, written_at_};
        tls_.emplace(std::move(layer), context_);
        // The server may choose its certificate by the name that is asked for.
        SSL_set_tlsext_host_name(tls_->native_handle(), host_.c_str());
        if (verify_) tls_->set_verify_callback(ssl::host_name_verification{host_});
        const auto [ec] = co_await tls_->async_handshake(ssl::stream_base::client, as_result);
        if (ec) {
            made.failed = failure_kind::tls;
            made.message = why(ec);
        }
        co_return made;
    }

    asio::awaitable<error_code> write(std::string_view head, std::string_view body) override {
        written_at_ = std::chrono::steady_clock::now();
        const std::array parts = {asio::buffer(head), asio::buffer(body)};
        const auto [ec, n] = co_await asio::async_write(*tls_, parts, as_result);
        static_cast<void>(n);
        co_return ec;
    }

    asio::awaitable<stamped_bytes> read(std::span<char> buffer) override {
        // It is filled before the last wait: not the buffer that others may have as well.
        const std::size_t most = std::min(buffer.size(), plain_.size());
        const asio::mutable_buffer into = asio::buffer(plain_.data(), most);
        const auto [ec, n] = co_await tls_->async_read_some(into, as_result);
        std::copy_n(plain_.begin(), n, buffer.begin());
        stamped_bytes bytes = tls_->next_layer().last_read();
        bytes.count = n;
        // Many servers close without the alert that TLS asks for; HTTP says whether all has come.
        const bool closed = ec == asio::error::eof || ec == ssl::error::stream_truncated;
        bytes.error = closed ? error_code{} : ec;
        co_return bytes;
    }

    std::optional<connection_figures> counted() noexcept override {
        return tls_ ? tls_->next_layer().counted() : dialer_.counted();
    }

    bool closed_by_peer() noexcept override { return tls_ && tls_->next_layer().closed_by_peer(); }

    void close() noexcept override {
        dialer_.cancel();
        if (tls_) tls_->next_layer().close();
    }

  private:
    [[nodiscard]] std::string why(const error_code& ec) {
        const long verdict = SSL_get_verify_result(tls_->native_handle());
        if (verdict == X509_V_OK) return ec.message();
        return std::string{"the server's certificate is not trusted: "} +
               X509_verify_cert_error_string(verdict);
    }

    dialer dialer_;
    std::string host_;
    ssl::context& context_;
    bool verify_;
    socket_use use_;
    instant written_at_{};
    std::array<char, 4096> plain_;
    std::optional<ssl::stream<timed_layer>> tls_;
};

}  // namespace

tls_transport::tls_transport(asio::any_io_executor executor, destination to, bool verify,
                             const socket_use& use)
    : executor_(std::move(executor)),
      to_(std::move(to)),
      verify_(verify),
      use_(use),
      context_(ssl::context::tls_client) {}

result<std::unique_ptr<tls_transport>> tls_transport::make(asio::any_io_executor executor,
                                                           destination to,
                                                           const tls_options& options,
                                                           const socket_use& use) {
    std::unique_ptr<tls_transport> made{
        new tls_transport{std::move(executor), std::move(to), options.verify, use}};
    made->context_.set_verify_mode(options.verify ? ssl::verify_peer : ssl::verify_none);
    error_code ec;
    if (options.ca_file.empty()) {
        made->context_.set_default_verify_paths(ec);
    } else {
        made->context_.load_verify_file(options.ca_file, ec);
    }
    if (ec) {
        return error{errc::bad_file,
                     "cannot read certificates from " + options.ca_file + ": " + ec.message(),
                     "--ca-file wants a PEM file."};
    }
    return made;
}

std::unique_ptr<byte_stream> tls_transport::open() {
    return std::make_unique<tls_stream>(executor_, to_, context_, verify_, use_);
}

}  // namespace lmstress::net
