#include "wire/http_response.hpp"

#include "wire/letters.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <utility>

namespace lmstress::wire {

namespace http = boost::beast::http;
using boost::beast::error_code;
// Beast's own string_view is Boost's, which converts both ways.
using beast_view = boost::beast::string_view;

/// Beast's parser, for the head alone. It takes a head in pieces too, but what it says of one that
/// is wrong then depends on where that was cut: so it gets heads that are whole.
class http_response::head_parser final : public http::basic_parser<false> {
  public:
    explicit head_parser(http_sink& sink) : sink_(sink) {
        header_limit(max_header_bytes);
        body_limit(boost::none);
    }

    /// 101 is no interim answer: the connection would speak another protocol from there on.
    [[nodiscard]] bool interim() const noexcept {
        return head_.status / 100 == 1 && head_.status != 101;
    }

  private:
    void on_request_impl(http::verb, beast_view, beast_view, int, error_code&) override {}
    void on_response_impl(int code, beast_view, int, error_code&) override { head_.status = code; }

    void on_field_impl(http::field name, beast_view, beast_view value, error_code&) override {
        if (name == http::field::content_type) {
            head_.content_type.assign(value.data(), value.size());
            std::transform(head_.content_type.begin(), head_.content_type.end(),
                           head_.content_type.begin(), lower);
        } else if (name == http::field::location) {
            head_.location.assign(value.data(), value.size());
        } else if (name == http::field::server) {
            head_.server.assign(value.data(), value.size());
        }
    }

    void on_header_impl(error_code&) override {
        if (!interim()) sink_.on_head(head_);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

    std::size_t on_body_impl(beast_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast_view, error_code&) override { return 0; }
    void on_finish_impl(error_code&) override {}

    http_sink& sink_;
    http_head head_;
};

http_response::http_response(http_sink& sink)
    : sink_(sink), parser_(std::make_unique<head_parser>(sink)) {}

http_response::~http_response() = default;

bool http_response::reusable() const noexcept {
    return state_ == status::complete && !surplus_ && parser_->keep_alive();
}

/// 0 where it is not whole. What is no HTTP from its first bytes on need not be waited for.
std::size_t http_response::size_of_head(std::string_view bytes) noexcept {
    constexpr std::string_view begins = "HTTP/1.";
    constexpr std::string_view ends = "\r\n\r\n";
    const std::size_t end = bytes.find(ends);
    if (!bytes.starts_with(begins.substr(0, bytes.size()))) {
        state_ = status::not_http;
    } else if (std::min(end, bytes.size()) > max_header_bytes) {
        state_ = status::header_too_large;
    } else if (end != std::string_view::npos) {
        return end + ends.size();
    }
    return 0;
}

void http_response::read_head(std::string_view head) {
    error_code ec;
    parser_->put({head.data(), head.size()}, ec);
    if (ec == http::error::header_limit) {
        state_ = status::header_too_large;
    } else if ((ec && ec != http::error::need_more) || !parser_->is_header_done()) {
        state_ = status::not_http;
    } else if (parser_->interim()) {
        parser_ = std::make_unique<head_parser>(sink_);
    } else if (parser_->is_done()) {
        state_ = status::complete;
    } else if (parser_->chunked()) {
        at_ = part::chunked_body;
    } else if (const auto length = parser_->content_length()) {
        at_ = part::sized_body;
        left_ = *length;
    } else {
        at_ = part::body_until_close;
    }
}

void http_response::take_head(std::string_view bytes) {
    std::string both;
    if (!begun_head_.empty()) {
        both = std::exchange(begun_head_, {}).append(bytes);
        bytes = both;
    }
    while (at_ == part::head && state_ == status::need_more) {
        const std::size_t size = size_of_head(bytes);
        if (size == 0) break;
        read_head(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    if (at_ != part::head) return take_body(bytes);
    surplus_ = state_ == status::complete && !bytes.empty();
    if (state_ == status::need_more) begun_head_ = bytes;
}

void http_response::take_body(std::string_view bytes) {
    std::size_t used = bytes.size();
    if (at_ == part::chunked_body) {
        used = chunks_.push(bytes, sink_);
        if (chunks_.state() == chunked_body::status::complete) state_ = status::complete;
        if (chunks_.state() == chunked_body::status::bad) state_ = status::not_http;
    } else {
        if (at_ == part::sized_body) used = std::min<std::uint64_t>(left_, bytes.size());
        if (used > 0) sink_.on_body(bytes.substr(0, used));
        left_ -= at_ == part::sized_body ? used : 0;
        if (at_ == part::sized_body && left_ == 0) state_ = status::complete;
    }
    surplus_ = state_ == status::complete && used < bytes.size();
}

http_response::status http_response::push(std::string_view bytes) {
    if (bytes.empty()) return state_;
    if (state_ != status::need_more) {
        surplus_ = true;
        return state_;
    }
    begun_ = true;
    at_ == part::head ? take_head(bytes) : take_body(bytes);
    return state_;
}

http_response::status http_response::finish() {
    if (state_ != status::need_more) return state_;
    return state_ = at_ == part::body_until_close ? status::complete : status::truncated;
}

}  // namespace lmstress::wire
