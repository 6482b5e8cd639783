#include "server/probe_stream.hpp"

#include "api/answer_reader.hpp"
#include "api/socket_opening.hpp"
#include "lmstress/version.hpp"
#include "net/timers.hpp"
#include "wire/web_socket.hpp"

#include <fmt/format.h>

namespace lmstress::server {

namespace asio = boost::asio;

namespace {

/// Long enough for a model that is loaded for the request.
constexpr nanoseconds chat_patience = std::chrono::minutes{5};
constexpr std::uint32_t tokens = 16;
constexpr std::uint32_t mask = 0x6C6D'7374;  // it need not be a secret: it hides nothing
const std::string nothing_more;

bool on_web_socket(const identity& who) {
    return who.apis.front()->body == api::framing::web_socket;
}

std::string body_of(const identity& who) {
    // The SDK's socket knows instances only.
    const bool by_instance = on_web_socket(who) && !who.instance.empty();
    return who.apis.front()->request_body({.model = by_instance ? who.instance : who.model,
                                           .prompt = "Count from one to twenty, in words.",
                                           .max_tokens = tokens});
}

std::string chat_head(const way& to, const api::api& api, std::size_t length) {
    const std::string ours = fmt::format(
        "User-Agent: lmstress/{}\r\nAccept: */*\r\nContent-Type: application/json\r\n{}", version,
        api.fields);
    return fmt::format(
        "POST {}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}Content-Length: {}\r\n\r\n",
        to.at.prefix, api.path, to.at.host_header,
        net::header_fields(ours, to.target, api.token_field), length);
}

std::string socket_head(const way& to, const api::api& api) {
    const std::string ours =
        fmt::format("User-Agent: lmstress/{}\r\n{}", version, api::web_socket_fields);
    return fmt::format("GET {}{} HTTP/1.1\r\nHost: {}\r\n{}\r\n", to.at.prefix, api.path,
                       to.at.host_header, net::header_fields(ours, to.target, api.token_field));
}

/// Why it could not be opened, where it could not.
asio::awaitable<std::optional<event::failure>> open_socket(net::byte_stream& stream,
                                                           const std::string& head,
                                                           api::socket_opening& opening) {
    net::error_code ec = co_await stream.write(head, nothing_more);
    std::array<char, 4096> buffer;
    while (!ec && !opening.over()) {
        const net::stamped_bytes bytes = co_await stream.read(buffer);
        ec = bytes.error;
        if (ec) break;
        if (bytes.count == 0) {
            opening.close();
            break;
        }
        const std::string reply = opening.push({buffer.data(), bytes.count});
        if (!reply.empty()) ec = co_await stream.write(reply, nothing_more);
    }
    const auto& failed = opening.failed();
    if (failed) co_return event::failure{failed->kind, failed->message};
    if (ec) co_return event::failure{failure_kind::reset, "the connection broke off"};
    co_return std::nullopt;
}

asio::awaitable<void> read_stream(net::byte_stream& stream, api::answer_reader& answer,
                                  stream_notes& notes) {
    std::array<char, 16'384> buffer;
    while (!answer.over()) {
        const net::stamped_bytes bytes = co_await stream.read(buffer);
        if (bytes.error) co_return;
        notes.read_at(bytes.at);
        const bool had_head = answer.has_head();
        if (bytes.count == 0) {
            answer.close();
        } else {
            answer.push({buffer.data(), bytes.count});
        }
        if (!had_head && answer.has_head()) notes.head_at(bytes.at);
        const std::string reply = answer.take_reply();
        if (!reply.empty()) co_await stream.write(reply, nothing_more);
    }
}

asio::awaitable<void> chat(way to, const identity& who, net::byte_stream& stream,
                           stream_notes& notes) {
    const api::api& api = *who.apis.front();
    const std::string body = body_of(who);
    if (on_web_socket(who)) {
        const std::string head = socket_head(to, api);
        api::socket_opening opening{api::sdk_greeting(to.target.api_token)};
        const auto failed = co_await open_socket(stream, head, opening);
        if (failed) {
            static_cast<event_sink&>(notes).on_event(*failed);
            co_return;
        }
        const std::string text = api.message(1, body);
        const std::string frame = wire::web_socket_frame(wire::web_socket_opcode::text, text, mask);
        notes.sent_at(to.time.now());
        co_await stream.write(frame, nothing_more);
    } else {
        const std::string head = chat_head(to, api, body.size());
        notes.sent_at(to.time.now());
        co_await stream.write(head, body);
    }
    const auto answer = api::make_reader(api, notes);
    co_await read_stream(stream, *answer, notes);
}

}  // namespace

asio::awaitable<std::vector<finding>> try_stream(way to, identity who) {
    stream_notes notes;
    const auto stream = to.transport.open();
    net::alarm too_long{to.time, [&] { stream->close(); }};
    too_long.set(to.time.now() + chat_patience);
    const net::connect_result connected = co_await stream->connect();
    if (connected.failed) {
        const event::failure lost{*connected.failed, connected.message};
        static_cast<event_sink&>(notes).on_event(lost);
    } else {
        co_await chat(to, who, *stream, notes);
    }
    std::vector<finding> found = notes.judge();
    if (on_web_socket(who)) {
        found[1] = {verdict::unknown, std::string{stream_lines[1]},
                    "an answer on a WebSocket has none", false};
    }
    co_return found;
}

}  // namespace lmstress::server
