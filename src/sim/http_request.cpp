#include "sim/http_request.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace lmstress::sim {

namespace http = boost::beast::http;

class request_reader::message_parser : public http::request_parser<http::string_body> {};

namespace {

constexpr std::uint64_t largest_body = 64ULL * 1024 * 1024;  // images travel as base64

template <class View>
std::string text(const View& view) {
    return {view.data(), view.size()};
}

}  // namespace

request_reader::request_reader() = default;
request_reader::~request_reader() = default;

std::optional<http_request> request_reader::next() {
    while (!failed_ && !pending_.empty()) {
        if (!parser_) {
            parser_ = std::make_unique<message_parser>();
            parser_->eager(true);
            parser_->body_limit(largest_body);
        }
        boost::beast::error_code ec;
        const std::size_t used = parser_->put(boost::asio::buffer(pending_), ec);
        pending_.erase(0, used);
        if (ec && ec != http::error::need_more) {
            failed_ = true;
            return std::nullopt;
        }
        if (!parser_->is_done()) {
            if (ec == http::error::need_more || used == 0) return std::nullopt;
            continue;
        }
        const auto message = parser_->release();
        parser_.reset();
        std::string path = text(message.target());
        path.resize(std::min(path.find('?'), path.size()));
        const bool upgrade = boost::beast::websocket::is_upgrade(message);
        return http_request{
            .method = text(message.method_string()),
            .path = std::move(path),
            .authorization = text(message[http::field::authorization]),
            .request_id = text(message["x-request-id"]),
            .body = message.body(),
            .keep_alive = message.keep_alive(),
            .web_socket_key = upgrade ? text(message[http::field::sec_websocket_key]) : "",
            .api_key = text(message["x-api-key"])};
    }
    return std::nullopt;
}

}  // namespace lmstress::sim
