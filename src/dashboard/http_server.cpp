#include "dashboard/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <fcntl.h>

#include <optional>
#include <utility>

namespace lmstress::dashboard {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr int backlog = 64;

/// A run that is started from here must not hold our port when we are gone.
void keep_from_children(int descriptor) noexcept {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

std::string text(std::string_view from) {
    return std::string{from};
}

std::string field(const http::request<http::string_body>& r, std::string_view name) {
    // Two of a name that decides would be read differently by others.
    return r.count({name.data(), name.size()}) == 1
               ? text({r[{name.data(), name.size()}].data(), r[{name.data(), name.size()}].size()})
               : std::string{};
}

std::optional<http_request> understood(http::request<http::string_body>& r) {
    http_request out{.method = text({r.method_string().data(), r.method_string().size()}),
                     .path = {}};
    if (!read_target({r.target().data(), r.target().size()}, out)) return std::nullopt;
    out.host = field(r, "Host");
    out.origin = field(r, "Origin");
    out.content_type = field(r, "Content-Type");
    out.authorization = field(r, "Authorization");
    out.page_token = field(r, "X-Lmstress-Token");
    out.last_event_id = field(r, "Last-Event-ID");
    out.body = std::move(r.body());
    return out;
}

/// What a browser is told with every answer.
template <class Message>
void set_common_fields(Message& m, const http_answer& a) {
    m.set(http::field::server, "lmstress");
    m.set(http::field::content_type, a.content_type);
    m.set(http::field::cache_control, "no-store");
    m.set("X-Content-Type-Options", "nosniff");
    m.set("X-Frame-Options", "DENY");
    m.set("Referrer-Policy", "no-referrer");
    m.set("Cross-Origin-Resource-Policy", "same-origin");
    bool has_policy = false;
    for (const auto& [name, value] : a.headers) {
        m.set(name, value);
        has_policy = has_policy || name == "Content-Security-Policy";
    }
    if (!has_policy) {
        m.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
}

http_answer refusal_of(const error_code& ec) {
    if (ec == http::error::body_limit) return refusal(413, "the request is too large");
    if (ec == http::error::header_limit) return refusal(431, "the header is too large");
    return refusal(400, "this is no HTTP request that can be understood");
}

}  // namespace

class http_server::connection : public std::enable_shared_from_this<connection> {
  public:
    connection(http_server& owner, tcp::socket socket)
        : owner_(owner),
          all_(owner.clients_),
          stream_(std::move(socket)),
          wake_(stream_.get_executor()) {
        all_->insert(this);
    }
    ~connection() { all_->erase(this); }
    connection(connection&&) = delete;

    static asio::awaitable<void> serve(std::shared_ptr<connection> self) {
        while (co_await self->one_request()) {
        }
        error_code ignored;
        self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    void cut() {
        closed_ = true;
        stream_.cancel();
        wake_.cancel();
        error_code ignored;
        stream_.socket().close(ignored);
    }

  private:
    /// Whether another one may follow.
    asio::awaitable<bool> one_request() {
        http::request_parser<http::string_body> parser;
        parser.header_limit(owner_.limits_.header_bytes);
        parser.body_limit(owner_.limits_.body_bytes);
        stream_.expires_after(owner_.limits_.patience);
        const auto [ec, n] = co_await http::async_read(stream_, buffer_, parser, as_result);
        static_cast<void>(n);
        if (ec && (ec.category() != http::make_error_code(http::error::bad_target).category() ||
                   ec == http::error::end_of_stream || ec == http::error::partial_message)) {
            co_return false;  // gone, or too slow
        }
        if (ec) {
            const http_answer wrong = refusal_of(ec);
            co_await send(wrong, false, false);
            co_return false;
        }
        auto message = parser.release();
        const bool keep = message.keep_alive();
        const bool head_only = message.method() == http::verb::head;
        auto request = understood(message);
        if (!request) {
            const http_answer wrong = refusal(400, "the target of the request is none");
            co_await send(wrong, false, false);
            co_return false;
        }
        // It may take its time: nothing is waited for of the other side.
        stream_.expires_never();
        const http_answer answer = co_await owner_.answer_(*std::move(request));
        if (closed_) co_return false;
        if (answer.events && !head_only) {
            co_await send_events(answer);
            co_return false;
        }
        const bool sent = co_await send(answer, keep, head_only);
        co_return sent&& keep;
    }

    asio::awaitable<bool> send(const http_answer& a, bool keep, bool head_only) {
        http::response<http::string_body> m{static_cast<http::status>(a.status), 11};
        set_common_fields(m, a);
        m.keep_alive(keep);
        m.body() = a.body;
        m.prepare_payload();
        if (head_only) m.body().clear();
        if (a.status == 204) m.erase(http::field::content_type);
        stream_.expires_after(owner_.limits_.patience);
        http::response_serializer<http::string_body> all{m};
        if (head_only) {
            const auto [ec, n] = co_await http::async_write_header(stream_, all, as_result);
            static_cast<void>(n);
            co_return !ec;
        }
        const auto [ec, n] = co_await http::async_write(stream_, all, as_result);
        static_cast<void>(n);
        co_return !ec;
    }

    asio::awaitable<bool> write(std::string text) {
        stream_.expires_after(owner_.limits_.patience);
        const asio::const_buffer bytes = asio::buffer(text);
        const auto [ec, n] = co_await asio::async_write(stream_, bytes, as_result);
        static_cast<void>(n);
        co_return !ec && !closed_;
    }

    /// To the end of the events, or of the one who reads them. The connection says the end.
    asio::awaitable<void> send_events(const http_answer& a) {
        if (owner_.streams_ >= owner_.limits_.streams) {
            const http_answer full = refusal(503, "too many pages follow a run already");
            co_await send(full, false, false);
            co_return;
        }
        ++owner_.streams_;
        http::response<http::empty_body> m{http::status::ok, 11};
        set_common_fields(m, a);
        m.keep_alive(false);
        http::response_serializer<http::empty_body> head{m};
        stream_.expires_after(owner_.limits_.patience);
        const auto [ec, n] = co_await http::async_write_header(stream_, head, as_result);
        static_cast<void>(n);
        bool there = !ec;
        const std::weak_ptr<connection> me = weak_from_this();
        while (there) {
            std::string more = a.events->take();
            if (more.empty() && a.events->ended()) break;
            if (more.empty()) {
                a.events->when_there_is_more([me] {
                    if (const auto self = me.lock()) self->wake_.cancel();
                });
                stream_.expires_never();
                wake_.expires_after(owner_.limits_.between_signs_of_life);
                const auto [passed] = co_await wake_.async_wait(as_result);
                if (closed_) break;
                // Where nothing comes for long, whether the reader is still there shows only so.
                more = passed ? a.events->take() : std::string{": still here\n\n"};
                if (more.empty()) continue;
            }
            there = co_await write(std::move(more));
        }
        --owner_.streams_;
    }

    http_server& owner_;
    std::shared_ptr<std::set<connection*>> all_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    asio::steady_timer wake_;
    bool closed_ = false;
};

http_server::http_server(asio::io_context& context, handler answer, http_limits limits)
    : context_(context),
      acceptor_(context),
      answer_(std::move(answer)),
      limits_(limits),
      clients_(std::make_shared<std::set<connection*>>()) {}

http_server::~http_server() = default;

result<std::uint16_t> http_server::listen(const std::string& address, std::uint16_t port) {
    error_code ec;
    const auto where = asio::ip::make_address(address, ec);
    if (ec) {
        return error{errc::usage, "\"" + address + "\" is no address of this machine",
                     "Like 127.0.0.1, 0.0.0.0 (all of IPv4), ::1 or ::"};
    }
    const tcp::endpoint at{where, port};
    acceptor_.open(at.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address{true}, ec);
    if (!ec) keep_from_children(acceptor_.native_handle());
    if (!ec) acceptor_.bind(at, ec);
    if (!ec) acceptor_.listen(backlog, ec);
    if (!ec) return acceptor_.local_endpoint().port();
    return error{
        errc::usage,
        "cannot listen on " + address + " port " + std::to_string(port) + ": " + ec.message(),
        "Another program may have it; port 0 takes a free one."};
}

void http_server::start() {
    asio::co_spawn(context_, accept_all(), asio::detached);
}

asio::awaitable<void> http_server::accept_all() {
    for (;;) {
        auto [ec, socket] = co_await acceptor_.async_accept(as_result);
        if (ec == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
        if (ec) {  // no file left for it: those that end make room
            asio::steady_timer pause{context_, std::chrono::milliseconds{100}};
            const auto [passed] = co_await pause.async_wait(as_result);
            static_cast<void>(passed);
            continue;
        }
        keep_from_children(socket.native_handle());
        // One too many is closed at once; a browser that finds it so tries again.
        if (clients_->size() >= limits_.connections) continue;
        const auto client = std::make_shared<connection>(*this, std::move(socket));
        asio::co_spawn(context_, connection::serve(client), asio::detached);
    }
}

void http_server::close() {
    error_code ignored;
    acceptor_.close(ignored);
    // Each that is cut goes by itself, later.
    for (connection* client : *clients_) client->cut();
}

}  // namespace lmstress::dashboard
