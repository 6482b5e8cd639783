#include "server/http_call.hpp"

#include "net/timers.hpp"

#include <array>

namespace lmstress::server {

namespace asio = boost::asio;

namespace {

class collector final : public wire::http_sink {
  public:
    explicit collector(http_answer& into) : into_(into) {}
    void on_head(const wire::http_head& head) override { into_.head = head; }
    void on_body(std::string_view piece) override {
        constexpr std::size_t largest = 8'388'608;
        if (into_.body.size() < largest) into_.body += piece;
    }

  private:
    http_answer& into_;
};

}  // namespace

asio::awaitable<http_answer> http_call(clock& time, net::transport& transport,
                                       const std::string& head, const std::string& body,
                                       nanoseconds patience) {
    http_answer answer;
    const auto stream = transport.open();
    net::alarm too_long{time, [&] {
                            answer.timed_out = true;
                            stream->close();
                        }};
    too_long.set(time.now() + patience);
    answer.connected = co_await stream->connect();
    if (answer.connected.failed) co_return answer;
    std::string whole_head = head + "Connection: close\r\n";
    if (!body.empty()) {
        whole_head +=
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n";
    }
    whole_head += "\r\n";
    const net::error_code ec = co_await stream->write(whole_head, body);
    if (ec) co_return answer;
    collector sink{answer};
    wire::http_response response{sink};
    std::array<char, 16'384> buffer;
    while (response.state() == wire::http_response::status::need_more) {
        const net::stamped_bytes bytes = co_await stream->read(buffer);
        if (bytes.error) co_return answer;
        if (bytes.count == 0) {
            response.finish();
        } else {
            response.push({buffer.data(), bytes.count});
            answer.begun = true;
        }
    }
    answer.complete = response.state() == wire::http_response::status::complete;
    answer.not_http = response.state() == wire::http_response::status::not_http;
    co_return answer;
}

}  // namespace lmstress::server
