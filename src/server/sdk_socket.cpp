#include "server/sdk_socket.hpp"

#include "api/json_frame.hpp"
#include "api/socket_opening.hpp"
#include "lmstress/version.hpp"
#include "net/timers.hpp"
#include "server/sdk_dialogue.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/object.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace lmstress::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
namespace websocket = beast::websocket;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
using kind = sdk_dialogue::event::kind;

/// Our byte stream as what Beast puts its WebSocket on, so that TLS, deadlines and simulated
/// servers are the same here as everywhere.
class layer {
  public:
    using executor_type = asio::any_io_executor;

    layer(executor_type executor, net::byte_stream& stream)
        : executor_(std::move(executor)), stream_(stream) {}

    executor_type get_executor() const noexcept { return executor_; }
    void close() noexcept { stream_.close(); }

    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        asio::mutable_buffer into;
        for (auto b = asio::buffer_sequence_begin(buffers); b != asio::buffer_sequence_end(buffers);
             ++b) {
            into = *b;
            if (into.size() > 0) break;
        }
        start(read(into), std::forward<Handler>(handler));
    }

    template <class Buffers, class Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        start(write(beast::buffers_to_string(buffers)), std::forward<Handler>(handler));
    }

  private:
    struct done {
        net::error_code error;
        std::size_t count = 0;
    };

    template <class Handler>
    void start(asio::awaitable<done> what, Handler&& handler) {
        asio::co_spawn(
            executor_, std::move(what),
            [h = std::forward<Handler>(handler)](const std::exception_ptr& e, done d) mutable {
                if (e) d.error = asio::error::fault;
                std::move(h)(d.error, d.count);
            });
    }

    asio::awaitable<done> read(asio::mutable_buffer into) {
        const std::span<char> span{static_cast<char*>(into.data()), into.size()};
        const net::stamped_bytes bytes = co_await stream_.read(span);
        done d{bytes.error, bytes.count};
        if (!d.error && d.count == 0) d.error = asio::error::eof;
        co_return d;
    }

    asio::awaitable<done> write(std::string bytes) {
        const std::string_view nothing_more;
        const net::error_code ec = co_await stream_.write(bytes, nothing_more);
        co_return done{ec, ec ? 0 : bytes.size()};
    }

    executor_type executor_;
    net::byte_stream& stream_;
};

// What Beast asks of a stream that is not Asio's own.
[[maybe_unused]] void teardown(beast::role_type, layer& l, net::error_code& ec) {
    l.close();
    ec = {};
}
template <class Handler>
void async_teardown(beast::role_type, layer& l, Handler&& handler) {
    l.close();
    asio::post(l.get_executor(),
               beast::bind_handler(std::forward<Handler>(handler), net::error_code{}));
}
[[maybe_unused]] void beast_close_socket(layer& l) {
    l.close();
}

/// The user's headers and token, for proxies that want them on every request.
void add_credentials(websocket::request_type& request, std::string_view lines) {
    while (!lines.empty()) {
        const std::size_t end = lines.find("\r\n");
        const std::string_view line = lines.substr(0, end);
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 2);
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = line.substr(colon + 2);
        request.set(beast::string_view{name.data(), name.size()},
                    beast::string_view{value.data(), value.size()});
    }
}

}  // namespace

class sdk_socket::shell {
  public:
    shell(clock& time, net::transport& transport, const net::endpoint& at,
          const target_settings& target)
        : time_(time), at_(at), target_(target), stream_(transport.open()), alarm_(time, [this] {
              late_ = true;
              stream_->close();
          }) {}

    asio::awaitable<result<void>> open(std::string name_space, nanoseconds patience) {
        const limit at_most{alarm_, time_.now() + patience};
        const net::connect_result made = co_await stream_->connect();
        if (made.failed) co_return lost(made.message);
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        socket_.emplace(layer{executor, *stream_});
        socket_->set_option(websocket::stream_base::decorator([this](websocket::request_type& r) {
            r.set(beast::http::field::user_agent, std::string{"lmstress/"} + version);
            add_credentials(r, net::header_fields("", target_));
        }));
        const std::string route = at_.prefix + "/" + name_space;
        const auto [ec] = co_await socket_->async_handshake(at_.host_header, route, as_result);
        if (ec && late_) co_return lost("");
        if (ec) {
            co_return error{errc::not_understood, "the server opens no WebSocket at " + route +
                                                      " (" + ec.message() + ")"};
        }
        const std::string greeting = sdk_dialogue::greeting(target_.api_token);
        const auto sent = co_await send(greeting);
        if (!sent) co_return sent;
        const auto e = co_await next();
        if (!e) co_return e.error();
        if (e->what == kind::admitted) co_return result<void>{};
        const bool refused = e->what == kind::refused;
        co_return error{refused ? errc::unauthorized : errc::not_understood,
                        refused
                            ? api::sdk_refusal(e->why, greeting)
                            : "what answers at " + route + " is not LM Studio's SDK: " + e->why};
    }

    asio::awaitable<result<json::value>> call(std::string endpoint, json::value parameter,
                                              nanoseconds patience) {
        const limit at_most{alarm_, time_.now() + patience};
        const std::string text = dialogue_.call(endpoint, parameter);
        const auto sent = co_await send(text);
        if (!sent) co_return sent.error();
        auto e = co_await next();
        if (!e) co_return e.error();
        if (e->what == kind::answer) co_return std::move(e->value);
        co_return error{errc::model_not_there, endpoint + ": " + e->why};
    }

    asio::awaitable<result<json::value>> run_channel(std::string endpoint, json::value parameter,
                                                     nanoseconds patience,
                                                     std::function<void(double)> on_progress) {
        const std::string text = dialogue_.open_channel(endpoint, parameter);
        const limit at_most{alarm_, time_.now() + patience};
        const auto sent = co_await send(text);
        if (!sent) co_return sent.error();
        for (;;) {
            alarm_.set(time_.now() + patience);
            auto e = co_await next();
            if (!e) co_return e.error();
            if (e->what == kind::failed) co_return error{errc::model_not_there, e->why};
            if (e->what == kind::closed) {
                co_return error{errc::model_not_there, endpoint + " ended without a result"};
            }
            if (e->what != kind::message || !e->value.is_object()) continue;
            const json::object& message = e->value.get_object();
            const std::string_view type = api::string_at(message, "type");
            if (type == "success") co_return std::move(e->value);
            const auto progress = api::number_at(message, "progress");
            if (progress && on_progress) on_progress(*progress);
        }
    }

  private:
    /// Until it ends: an alarm that outlived what it was for would keep the event loop running.
    class limit {
      public:
        limit(net::alarm& of, instant at) : of_(of) { of_.set(at); }
        limit(limit&&) = delete;
        ~limit() { of_.cancel(); }

      private:
        net::alarm& of_;
    };

    [[nodiscard]] error lost(const std::string& why) const {
        return {errc::unreachable, late_ ? "the SDK's socket does not answer in time"
                                         : "the connection to the SDK's socket broke: " + why};
    }

    asio::awaitable<result<void>> send(const std::string& text) {
        const auto what = asio::buffer(text);
        const auto [ec, n] = co_await socket_->async_write(what, as_result);
        static_cast<void>(n);
        if (ec) co_return lost(ec.message());
        co_return result<void>{};
    }

    /// The next event that is about what is under way.
    asio::awaitable<result<sdk_dialogue::event>> next() {
        for (;;) {
            beast::flat_buffer buffer;
            const auto [ec, n] = co_await socket_->async_read(buffer, as_result);
            static_cast<void>(n);
            if (ec) co_return lost(ec.message());
            const std::string text = beast::buffers_to_string(buffer.data());
            sdk_dialogue::event e = dialogue_.take(text);
            if (!e.reply.empty()) {
                const auto sent = co_await send(e.reply);
                if (!sent) co_return sent.error();
            }
            if (e.what != kind::nothing) co_return e;
        }
    }

    clock& time_;
    const net::endpoint& at_;
    const target_settings& target_;
    std::unique_ptr<net::byte_stream> stream_;
    net::alarm alarm_;
    bool late_ = false;
    sdk_dialogue dialogue_;
    std::optional<websocket::stream<layer>> socket_;
};

sdk_socket::sdk_socket(clock& time, net::transport& transport, const net::endpoint& at,
                       const target_settings& target)
    : shell_(std::make_unique<shell>(time, transport, at, target)) {}

sdk_socket::~sdk_socket() = default;

asio::awaitable<result<void>> sdk_socket::open(std::string name_space, nanoseconds patience) {
    return shell_->open(std::move(name_space), patience);
}

asio::awaitable<result<json::value>> sdk_socket::call(std::string endpoint, json::value parameter,
                                                      nanoseconds patience) {
    return shell_->call(std::move(endpoint), std::move(parameter), patience);
}

asio::awaitable<result<json::value>> sdk_socket::run_channel(
    std::string endpoint, json::value parameter, nanoseconds patience,
    std::function<void(double)> on_progress) {
    return shell_->run_channel(std::move(endpoint), std::move(parameter), patience,
                               std::move(on_progress));
}

}  // namespace lmstress::server
