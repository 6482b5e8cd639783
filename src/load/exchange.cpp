#include "load/exchange.hpp"

#include "api/socket_opening.hpp"
#include "wire/web_socket.hpp"

#include <algorithm>
#include <array>

namespace lmstress::load {

namespace asio = boost::asio;

namespace {

/// One for all connections of a thread, for ten thousand buffers would be more than all the rest of
/// a load. A stream puts bytes into it when all its waiting is over, and they are used up before
/// anything else can run.
std::span<char> read_buffer() noexcept {
    thread_local std::array<char, 65'536> buffer;
    return buffer;
}
/// LM Studio closes a connection that was idle for 5 s; a request sent at that moment would be
/// lost.
constexpr nanoseconds longest_idle = std::chrono::seconds{4};
/// The end of a connection that the server closes behind each answer is here by then. Sooner after
/// an answer it is not asked for: a request that is lost so is sent once more.
constexpr nanoseconds end_is_here = std::chrono::milliseconds{1};
/// How long the end of the HTTP message may take once the answer itself is over.
constexpr nanoseconds longest_tail = std::chrono::seconds{1};

/// The kernel waits a second before it asks for a connection again: one that was there sooner lost
/// nothing, and costs no question.
constexpr nanoseconds longest_without_loss = std::chrono::milliseconds{500};

bool on_web_socket(const outgoing& request) {
    return request.api->body == api::framing::web_socket;
}

std::string message_frame(const outgoing& request) {
    const std::string text = request.api->message(request.number, request.body);
    return wire::web_socket_frame(wire::web_socket_opcode::text, text, request.mask);
}

}  // namespace

exchange::exchange(const surroundings& s, listener& l)
    : s_(s),
      listener_(l),
      deadline_(s.time,
                [this] {
                    timed_out_ = true;
                    cut();
                }),
      whole_(s.time, [this] {
          timed_out_ = true;
          phase_ = phase::whole;
          cut();
      }) {}

void exchange::abort() {
    aborted_ = true;
    cut();
}

void exchange::cut() {
    s_.connects.give_up(turn_to_connect_);
    if (!stream_) return;
    note_connection();
    stream_->close();
}

void exchange::note_connection() {
    if (counted_) return;
    const auto now = stream_ ? stream_->counted() : std::nullopt;
    if (!now) return;
    const std::uint32_t again = now->retransmits - counted_before_.retransmits;
    counted_ = connection_figures{.round_trip = now->round_trip,
                                  .retransmits = again,
                                  .out_of_order = now->out_of_order - counted_before_.out_of_order,
                                  .connect_retransmits = connected_ ? connect_retransmits_ : again};
    counted_before_ = *now;
}

void exchange::enter(phase p, nanoseconds wait) {
    phase_ = p;
    deadline_.set_in(wait, s_.time.now());
}

asio::awaitable<void> exchange::run(const outgoing& request, measure::recorder& rec) {
    whole_.set_in(s_.deadlines.whole, s_.time.now());
    next then = co_await attempt(request, rec, true);
    if (then == next::retry) {
        rec.restart();
        then = co_await attempt(request, rec, false);
    }
    deadline_.cancel();
    whole_.cancel();
    left(rec);
    if (counted_) rec.connection(*counted_);
    rec.finish(http_status_, reused_);
    s_.failure.take(rec.record(), request, heard_);
    s_.failure.forget(heard_);
    if (timed_out_ || aborted_) stream_.reset();
    timed_out_ = false;
    idle_since_ = s_.time.now();
}

void exchange::left(measure::recorder& rec) {
    const instant over = over_.value_or(s_.time.now());
    rec.broke(over);
    if (sent_) listener_.on_left(*sent_, over);
}

bool exchange::is_stale() const {
    const nanoseconds idle = s_.time.now() - idle_since_;
    return idle > longest_idle || (idle > end_is_here && stream_->closed_by_peer());
}

asio::awaitable<exchange::next> exchange::attempt(const outgoing& request, measure::recorder& rec,
                                                  bool may_retry) {
    http_status_ = 0;
    s_.failure.forget(heard_);
    frames_ = 0;
    in_tail_ = false;
    sent_.reset();
    over_.reset();
    counted_.reset();
    connect_retransmits_ = 0;
    if (stream_ && is_stale()) stream_.reset();
    // One that has become a WebSocket carries no HTTP any more.
    if (on_web_socket(request) != is_socket_) stream_.reset();
    is_socket_ = on_web_socket(request);
    reused_ = stream_ != nullptr;
    connected_ = reused_;
    if (!reused_) {
        // Between two requests nothing goes over a connection: the last count of one is the first
        // of the next. A new one counts from its SYN on, which may have been lost as well.
        counted_before_ = {};
        const bool made = co_await connect(request, rec);
        if (!made) co_return next::done;
    }
    // A server may refuse a request before it has read all of it: then its answer says why.
    co_await send(request, rec);
    co_return co_await receive(*request.api, rec, may_retry && reused_);
}

/// What is waited here is this process's own doing: it is in no time of the server's, but in the
/// send lag.
asio::awaitable<bool> exchange::let_in(measure::recorder& rec) {
    if (s_.connects.try_enter()) co_return true;
    const bool in = co_await s_.connects.enter(turn_to_connect_);
    // Who is cut in the same moment as let in goes out again.
    if (in && (aborted_ || timed_out_)) s_.connects.leave();
    co_return !interrupted(rec);
}

asio::awaitable<bool> exchange::connect(const outgoing& request, measure::recorder& rec) {
    const bool in = co_await let_in(rec);
    if (!in) co_return false;
    const instant begin = s_.time.now();
    rec.set(moment::connect_start, begin);
    enter(phase::connect, s_.deadlines.connect);
    stream_ = s_.transport.open();
    const net::connect_result made = co_await stream_->connect();
    s_.connects.leave();
    if (made.failed) {
        stream_.reset();
        if (!interrupted(rec)) rec.fail(*made.failed, made.message);
        co_return false;
    }
    connected_ = true;
    if (s_.time.now() - begin > longest_without_loss) {
        const auto now = stream_->counted();
        connect_retransmits_ = now ? now->retransmits : 0;
    }
    if (on_web_socket(request)) {
        const bool open = co_await open_socket(request, rec);
        if (!open) co_return false;
    }
    rec.set(moment::connect_end, s_.time.now());
    co_return true;
}

/// A WebSocket is a connection once the other end has agreed to it, and knows who we are.
asio::awaitable<bool> exchange::open_socket(const outgoing& request, measure::recorder& rec) {
    api::socket_opening opening{request.greeting};
    const std::string nothing_more;
    net::error_code ec = co_await stream_->write(request.head, nothing_more);
    const std::span<char> buffer = read_buffer();
    while (!ec && !opening.over()) {
        const net::stamped_bytes bytes = co_await stream_->read(buffer);
        ec = bytes.error;
        if (ec) break;
        listener_.on_read(bytes);
        if (bytes.count == 0) {
            opening.close();
            break;
        }
        s_.failure.hear(buffer.first(bytes.count), heard_);
        const std::string reply = opening.push({buffer.data(), bytes.count});
        if (!reply.empty()) ec = co_await stream_->write(reply, nothing_more);
    }
    if (!ec && !opening.failed()) co_return true;
    stream_.reset();
    http_status_ = opening.http_status();
    if (interrupted(rec)) co_return false;
    const auto& failed = opening.failed();
    rec.fail(failed ? failed->kind : failure_kind::reset, failed ? failed->message : ec.message());
    co_return false;
}

asio::awaitable<void> exchange::send(const outgoing& request, measure::recorder& rec) {
    const bool socket = on_web_socket(request);
    const std::string head = socket ? message_frame(request) : std::string{};
    const std::string_view body = socket ? std::string_view{} : std::string_view{request.body};
    const instant begin = s_.time.now();
    sent_ = begin;
    rec.set(moment::send_start, begin);
    enter(phase::send, s_.deadlines.headers);
    const net::error_code ec = co_await stream_->write(socket ? head : request.head, body);
    if (ec) co_return;
    const instant end = s_.time.now();
    rec.set(moment::send_end, end);
    listener_.on_sent(end);
    phase_ = phase::headers;
    // A message on a WebSocket has no header.
    if (socket) enter_until_first_token(begin);
}

asio::awaitable<exchange::next> exchange::receive(const api::api& api, measure::recorder& rec,
                                                  bool may_retry) {
    const std::unique_ptr<api::answer_reader> reader = api::make_reader(api, rec);
    api::answer_reader& answer = *reader;
    const std::string nothing_more;
    const std::span<char> buffer = read_buffer();
    while (!answer.over()) {
        const net::stamped_bytes bytes = co_await stream_->read(buffer);
        const bool lost_unanswered = (bytes.error || bytes.count == 0) && !answer.begun();
        if (lost_unanswered && may_retry && !timed_out_ && !aborted_) {
            stream_.reset();
            co_return next::retry;
        }
        if (bytes.error) {
            broken_off(bytes.error, answer, rec);
            break;
        }
        take(bytes, buffer.first(bytes.count), answer, rec);
        follow(answer, rec);
        const std::string reply = answer.take_reply();
        // Where that fails the next read does too.
        if (!reply.empty()) co_await stream_->write(reply, nothing_more);
    }
    note_connection();
    http_status_ = answer.http_status();
    if (answer.settled() && !rec.failed()) rec.complete();
    keep_or_drop(answer);
    co_return next::done;
}

void exchange::take(const net::stamped_bytes& bytes, std::span<const char> what,
                    api::answer_reader& answer, measure::recorder& rec) {
    listener_.on_read(bytes);
    if (bytes.count == 0) {
        rec.closed(bytes.at);
        return answer.close();
    }
    rec.arrived(bytes.at, bytes.source);
    s_.failure.hear(what, heard_);
    const bool had_head = answer.has_head();
    answer.push({what.data(), what.size()});
    if (!over_ && (answer.settled() || answer.failed())) over_ = bytes.at;
    if (!had_head && answer.has_head()) rec.set(moment::headers, bytes.at);
}

/// What is waited for next, after what has come. Bytes that are no event, such as a server's
/// comments to keep the connection alive, move no deadline.
void exchange::follow(const api::answer_reader& answer, const measure::recorder& rec) {
    if (answer.settled() || answer.failed()) {
        if (!in_tail_) enter(phase::gap, longest_tail);
        in_tail_ = true;
        return;
    }
    if (phase_ == phase::headers && answer.has_head()) {
        enter_until_first_token(rec.last_sent());
    }
    if (answer.frames() == frames_) return;
    frames_ = answer.frames();
    if (rec.has(moment::last_token)) {
        enter(phase::gap, rec.in_tool_call() ? s_.deadlines.tool_gap : s_.deadlines.gap);
    }
}

/// Counted from the send, like the deadline of the headers.
void exchange::enter_until_first_token(instant sent) {
    const nanoseconds allowed = s_.deadlines.first_token;
    const nanoseconds left = allowed - (s_.time.now() - sent);
    enter(phase::first_token, allowed == nanoseconds{0} ? allowed : std::max(left, nanoseconds{1}));
}

void exchange::broken_off(const net::error_code& ec, const api::answer_reader& answer,
                          measure::recorder& rec) {
    // The answer was whole; only the end of its HTTP message was not waited for any longer.
    if (answer.settled() || answer.failed()) return;
    if (interrupted(rec)) return;
    rec.fail(answer.begun() ? failure_kind::truncated : failure_kind::reset, ec.message());
}

bool exchange::interrupted(measure::recorder& rec) {
    if (aborted_) {
        rec.censor(s_.time.now());
    } else if (timed_out_) {
        rec.time_out(phase_, s_.time.now());
    }
    return aborted_ || timed_out_;
}

void exchange::keep_or_drop(const api::answer_reader& answer) {
    if (!answer.reusable()) stream_.reset();
}

}  // namespace lmstress::load
