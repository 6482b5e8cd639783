#include "support/echo_server.hpp"

#include "wire/json_writer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <mutex>
#include <thread>

namespace test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// Head and body of a request.
std::string read_request(tcp::socket& from) {
    std::string text;
    boost::system::error_code ec;
    const std::size_t head = asio::read_until(from, asio::dynamic_buffer(text), "\r\n\r\n", ec);
    if (ec) return {};
    const std::string name = "Content-Length: ";
    const std::size_t at = text.find(name);
    const std::size_t length =
        at == std::string::npos ? 0 : std::stoul(text.substr(at + name.size()));
    const std::size_t whole = head + length;
    if (text.size() < whole) {
        asio::read(from, asio::dynamic_buffer(text), asio::transfer_exactly(whole - text.size()),
                   ec);
    }
    return text;
}

std::string answer_to(const std::string& request) {
    std::string body;
    lmstress::wire::json_writer w{body};
    w.begin_object().key("error").begin_object();
    w.field("type", "server_error").field("message", "you sent: " + request);
    w.end_object().end_object();
    return "HTTP/1.1 500 Oops\r\nContent-Type: application/json\r\nConnection: close\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

class echo_server::server {
  public:
    server()
        : acceptor_(context_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}),
          thread_([this](const std::stop_token& stop) { serve(stop); }) {}
    ~server() {
        thread_.request_stop();
        tcp::socket last{context_};
        boost::system::error_code ec;
        last.connect(acceptor_.local_endpoint(), ec);
    }
    server(server&&) = delete;

    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    [[nodiscard]] bool heard(const std::string& text) {
        const std::lock_guard lock{mutex_};
        return heard_.find(text) != std::string::npos;
    }

  private:
    void serve(const std::stop_token& stop) {
        for (;;) {
            tcp::socket client{context_};
            boost::system::error_code ec;
            acceptor_.accept(client, ec);
            if (stop.stop_requested() || ec) return;
            const std::string request = read_request(client);
            {
                const std::lock_guard lock{mutex_};
                heard_ += request;
            }
            asio::write(client, asio::buffer(answer_to(request)), ec);
        }
    }

    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::mutex mutex_;
    std::string heard_;
    std::jthread thread_;  // last: it ends before what it uses
};

echo_server::echo_server() : server_(std::make_unique<server>()) {}
echo_server::~echo_server() = default;

std::string echo_server::url() const {
    return server_->url();
}
bool echo_server::heard(const std::string& text) const {
    return server_->heard(text);
}

}  // namespace test
