#include "sim/web_socket.hpp"

#include "sim/sdk_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lmstress::sim {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t largest_message = 64UL * 1024 * 1024;  // images travel as base64

/// Shared by its read loop and by the coroutine that sends what has queued up.
class web_socket final : public std::enable_shared_from_this<web_socket>, sdk_output {
  public:
    web_socket(std::shared_ptr<void> owner, tcp::socket& socket, clock& time, server& s,
               std::string_view path, socket_hooks hooks)
        : owner_(std::move(owner)),
          clock_(time),
          server_(s),
          path_(path),
          hooks_(std::move(hooks)),
          stream_(socket) {}

    asio::awaitable<void> serve(const http_request& request) {
        // Beast checks what the HTTP parser of the server has taken apart already.
        http::request<http::empty_body> asked{http::verb::get, request.path, 11};
        asked.set(http::field::host, "127.0.0.1");
        asked.set(http::field::upgrade, "websocket");
        asked.set(http::field::connection, "upgrade");
        asked.set(http::field::sec_websocket_key, request.web_socket_key);
        asked.set(http::field::sec_websocket_version, "13");
        stream_.read_message_max(largest_message);
        const auto [refused] = co_await stream_.async_accept(asked, as_result);
        if (refused) co_return;
        open_ = true;
        session_.emplace(server_, static_cast<sdk_output&>(*this), path_);
        for (;;) {
            beast::flat_buffer buffer;
            const auto [ec, n] = co_await stream_.async_read(buffer, as_result);
            static_cast<void>(n);
            if (ec) break;
            session_->take(beast::buffers_to_string(buffer.data()), clock_.now());
            hooks_.arm();
        }
        open_ = false;
        session_.reset();
    }

  private:
    struct outgoing {
        std::string bytes;
        bool framed;  // already: it goes past Beast
    };

    void send_text(std::string text) override { queue({std::move(text), false}); }
    void send_frames(std::string bytes) override { queue({std::move(bytes), true}); }

    void queue(outgoing what) {
        unsent_.push_back(std::move(what));
        if (sending_ || !open_) return;
        sending_ = true;
        asio::co_spawn(stream_.get_executor(), send_all(shared_from_this()), asio::detached);
    }

    void hang_up_socket() override { closing_ = true; }
    void on_event(const truth& what) override { hooks_.on_event(what); }
    void on_answer(const answer_truth& what) override { hooks_.on_answer(what); }
    void on_request(std::string_view id) override { hooks_.on_request(id); }
    void reset_socket() override {
        open_ = false;
        hooks_.reset();
    }

    static asio::awaitable<void> send_all(std::shared_ptr<web_socket> self) {
        while (self->open_ && !self->unsent_.empty()) {
            const outgoing next = std::move(self->unsent_.front());
            self->unsent_.pop_front();
            const bool sent = co_await self->send(next);
            if (!sent) break;
        }
        self->sending_ = false;
        if (!self->closing_ || !self->open_) co_return;
        const websocket::close_reason reason{websocket::close_code::policy_error};
        const auto [ignored] = co_await self->stream_.async_close(reason, as_result);
        static_cast<void>(ignored);
    }

    asio::awaitable<bool> send(const outgoing& next) {
        const auto what = asio::buffer(next.bytes);
        if (next.framed) {
            const auto [ec, n] = co_await asio::async_write(stream_.next_layer(), what, as_result);
            co_return !ec && n > 0;
        }
        const auto [ec, n] = co_await stream_.async_write(what, as_result);
        co_return !ec && n > 0;
    }

    std::shared_ptr<void> owner_;  // of the socket; goes last
    clock& clock_;
    server& server_;
    std::string path_;
    socket_hooks hooks_;
    websocket::stream<tcp::socket&> stream_;
    std::optional<sdk_session> session_;
    std::deque<outgoing> unsent_;
    bool open_ = false;
    bool sending_ = false;
    bool closing_ = false;
};

}  // namespace

asio::awaitable<void> serve_web_socket(std::shared_ptr<void> owner, tcp::socket& socket,
                                       http_request request, clock& time, server& s,
                                       socket_hooks hooks) {
    const auto served = std::make_shared<web_socket>(std::move(owner), socket, time, s,
                                                     request.path, std::move(hooks));
    co_await served->serve(request);
}

}  // namespace lmstress::sim
