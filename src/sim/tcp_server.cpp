#include "sim/tcp_server.hpp"

#include "net/timed_socket.hpp"
#include "sim/session.hpp"
#include "sim/web_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/chrono.h>

#include <array>
#include <chrono>
#include <ctime>
#include <optional>

namespace lmstress::sim {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr int backlog = 4096;  // as long as Linux lets it be
constexpr nanoseconds until_files_are_free = std::chrono::milliseconds{100};
constexpr std::size_t largest_backlog = 16'777'216;
/// As the header `Keep-Alive: timeout=5` says: Node's default, and so LM Studio's. Until the first
/// request has come it is Node's headersTimeout.
constexpr nanoseconds idle_timeout = std::chrono::seconds{5};
constexpr nanoseconds headers_timeout = std::chrono::seconds{60};

}  // namespace

/// One client. Shared by its read loop and by a write that the socket could not take at once.
class tcp_server::connection final : public std::enable_shared_from_this<connection>, output {
  public:
    connection(tcp_server& owner, tcp::socket socket)
        : owner_(owner),
          socket_(std::move(socket), {.quick_ack = true}),
          idle_(owner.clock_, [this] { close_if_idle(); }) {
        session_.emplace(owner.server_, static_cast<output&>(*this));
    }

    /// `self` keeps it alive until the client has gone.
    static asio::awaitable<void> serve(std::shared_ptr<connection> self) {
        co_await self->read_all();
        self->session_.reset();
        self->idle_.cancel();
        if (self->upgrade_) {
            connection& c = *self;
            const socket_hooks hooks{.arm = [&c] { c.owner_.arm(); },
                                     .on_event = [&c](const truth& t) { c.on_event(t); },
                                     .on_answer = [&c](const answer_truth& t) { c.on_answer(t); },
                                     .on_request = [&c](std::string_view id) { c.on_message(id); },
                                     .reset = [&c] { c.reset(); }};
            const std::shared_ptr<void> owner = self;
            co_await serve_web_socket(owner, c.socket_.raw(), *c.upgrade_, c.owner_.clock_,
                                      c.owner_.server_, hooks);
        }
        self->close_now();
    }

    void close_now() { socket_.close(); }

  private:
    asio::awaitable<void> read_all() {
        idle_.set_in(headers_timeout, owner_.clock_.now());
        for (;;) {
            last_read_ = co_await socket_.read(buffer_, instant::min());
            if (last_read_.error || last_read_.count == 0) co_return;
            session_->push({buffer_.data(), last_read_.count}, owner_.clock_.now());
            if (upgrade_) co_return;
            // A client that sends and sends but does not read would fill the memory.
            if (session_->pending() > largest_backlog || unsent_.size() > largest_backlog)
                co_return;
            owner_.arm();
        }
    }

    /// A request that has come and could not be read yet is no idleness.
    void close_if_idle() {
        if (!socket_.has_unread()) return close_now();
        idle_.set_in(idle_timeout, owner_.clock_.now());
    }

    void on_event(const truth& what) override {
        if (owner_.log_ != nullptr) owner_.log_->event(what, owner_.clock_.now());
    }

    std::string date() override {
        const auto now = std::chrono::system_clock::now();
        const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        return fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", parts);
    }

    void on_answer(const answer_truth& what) override {
        if (owner_.log_ != nullptr) owner_.log_->answer(what);
    }

    void write(std::string_view bytes) override {
        if (!unsent_.empty()) {
            unsent_ += bytes;
            return;
        }
        error_code ec;
        const std::size_t n = socket_.write_now(bytes, {}, ec);
        if (ec && ec != asio::error::would_block) return;  // the read loop sees it too
        if (n == bytes.size()) return;
        unsent_.assign(bytes.substr(n));
        asio::co_spawn(owner_.context_, send_rest(shared_from_this()), asio::detached);
    }

    static asio::awaitable<void> send_rest(std::shared_ptr<connection> self) {
        while (!self->unsent_.empty()) {
            error_code ec = co_await self->socket_.wait_to_write();
            if (ec) co_return;
            const std::size_t n = self->socket_.write_now(self->unsent_, {}, ec);
            if (ec && ec != asio::error::would_block) co_return;
            self->unsent_.erase(0, n);
        }
        if (self->closing_) self->close_now();
    }

    void hang_up() override {
        closing_ = true;
        if (unsent_.empty()) close_now();
    }

    void reset() override { socket_.reset(); }

    void on_request(std::string_view request_id) override {
        idle_.cancel();
        if (owner_.log_ == nullptr) return;
        owner_.log_->request(request_id, last_read_.at, last_read_.at + last_read_.lag);
    }

    /// Of a WebSocket's messages nobody but Beast sees the bytes: they are timed when they are
    /// read.
    void on_message(std::string_view request_id) {
        const instant now = owner_.clock_.now();
        if (owner_.log_ != nullptr) owner_.log_->request(request_id, now, now);
    }

    bool upgrade(const http_request& request) override {
        upgrade_ = request;
        return true;
    }

    void on_answered() override {
        idle_.set_in(idle_timeout, owner_.clock_.now());
        // A client may have sent its next request already; the server is still at work here.
        asio::post(owner_.context_, [self = shared_from_this()] {
            if (!self->session_) return;
            self->session_->resume(self->owner_.clock_.now());
            self->owner_.arm();
        });
    }

    tcp_server& owner_;
    net::timed_socket socket_;
    net::deadline idle_;
    net::stamped_bytes last_read_;
    std::array<char, 65'536> buffer_;
    std::string unsent_;
    std::optional<session> session_;
    std::optional<http_request> upgrade_;  // it is to become a WebSocket
    bool closing_ = false;
};

tcp_server::tcp_server(asio::io_context& context, clock& time, server& s, truth_log* log)
    : context_(context),
      clock_(time),
      server_(s),
      log_(log),
      acceptor_(context),
      due_(time, [this] { wake(); }) {}

tcp_server::~tcp_server() = default;

result<std::uint16_t> tcp_server::listen(std::uint16_t port) {
    const tcp::endpoint at{asio::ip::address_v4::loopback(), port};
    error_code ec;
    acceptor_.open(at.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address{true}, ec);
    if (!ec) acceptor_.bind(at, ec);
    if (!ec) acceptor_.listen(backlog, ec);
    if (!ec) acceptor_.non_blocking(true, ec);
    if (ec) {
        return error{
            errc::usage,
            "cannot listen on 127.0.0.1 port " + std::to_string(port) + ": " + ec.message(),
            "Another server may have it; --port 0 takes a free one."};
    }
    return acceptor_.local_endpoint().port();
}

void tcp_server::start() {
    asio::co_spawn(context_, accept_all(), asio::detached);
}

asio::awaitable<void> tcp_server::accept_all() {
    for (;;) {
        auto [ec, socket] = co_await acceptor_.async_accept(as_result);
        if (ec == asio::error::operation_aborted) co_return;
        if (ec) {  // no file left for it: those that end make room
            net::sleeper pause{clock_};
            const instant later = clock_.now() + until_files_are_free;
            const bool passed = co_await pause.until(later);
            static_cast<void>(passed);
            continue;
        }
        welcome(std::move(socket));
        // All that wait, for a queue that is full drops a SYN, and a step of ten thousand streams
        // lies between two turns of the event loop.
        for (int more = 0; more < backlog; ++more) {
            tcp::socket next = acceptor_.accept(ec);
            if (ec) break;
            welcome(std::move(next));
        }
    }
}

void tcp_server::welcome(tcp::socket socket) {
    const auto client = std::make_shared<connection>(*this, std::move(socket));
    if (clients_.size() == clients_.capacity()) {
        std::erase_if(clients_, [](const auto& c) { return c.expired(); });
    }
    clients_.push_back(client);
    asio::co_spawn(context_, connection::serve(client), asio::detached);
}

void tcp_server::close() {
    error_code ignored;
    acceptor_.close(ignored);
    due_.cancel();
    for (const auto& client : clients_) {
        if (const auto still_there = client.lock()) still_there->close_now();
    }
    if (log_ != nullptr) log_->flush();
}

void tcp_server::arm() {
    if (const auto next = server_.next_due()) due_.set(*next);
    if (log_ == nullptr) return;
    server_.active() == 0 ? log_->flush() : log_->flush_if_long();
}

void tcp_server::wake() {
    server_.advance(clock_.now());
    arm();
}

}  // namespace lmstress::sim
