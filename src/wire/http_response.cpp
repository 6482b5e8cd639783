#include "wire/http_response.hpp"

#include "wire/letters.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace lmstress::wire {

namespace http = boost::beast::http;
using boost::beast::error_code;
// Beast's own string_view is Boost's, which converts both ways.
using beast_view = boost::beast::string_view;

/// Beast's parser, told what to do with each part.
class http_response::message_parser final : public http::basic_parser<false> {
  public:
    explicit message_parser(http_sink& sink) : sink_(sink) {
        eager(true);
        header_limit(max_header_bytes);
        body_limit(boost::none);
    }

    /// 101 is no interim answer: the connection would speak another protocol from there on.
    [[nodiscard]] bool interim() const noexcept {
        return head_.status / 100 == 1 && head_.status != 101;
    }
    [[nodiscard]] bool in_chunk() const noexcept { return chunk_left_ != 0; }

  private:
    void on_request_impl(http::verb, beast_view, beast_view, int, error_code&) override {}
    void on_response_impl(int code, beast_view, int, error_code&) override { head_.status = code; }

    void on_field_impl(http::field name, beast_view, beast_view value, error_code&) override {
        if (is_header_done()) return;  // a trailer
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

    std::size_t on_body_impl(beast_view body, error_code&) override {
        sink_.on_body({body.data(), body.size()});
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t size, beast_view, error_code&) override {
        chunk_left_ = size;
    }

    std::size_t on_chunk_body_impl(std::uint64_t, beast_view body, error_code&) override {
        chunk_left_ -= body.size();
        sink_.on_body({body.data(), body.size()});
        return body.size();
    }

    void on_finish_impl(error_code&) override {}

    http_sink& sink_;
    http_head head_;
    std::uint64_t chunk_left_ = 0;
};

http_response::http_response(http_sink& sink)
    : sink_(sink), parser_(std::make_unique<message_parser>(sink)) {}

http_response::~http_response() = default;

bool http_response::reusable() const noexcept {
    return state_ == status::complete && !surplus_ && parser_->keep_alive();
}

/// Beast 1.81 asserts that the header of the last chunk does not come in pieces shorter than its
/// five bytes (fixed in 1.86, beast#2861). No byte of the body is held back by waiting for them.
bool http_response::wait_for_last_chunk(std::string_view bytes) const noexcept {
    if (bytes.size() >= 5 || !parser_->is_header_done() || !parser_->chunked()) return false;
    if (parser_->in_chunk()) return false;
    if (bytes.starts_with('\r')) bytes.remove_prefix(1);
    if (bytes.starts_with('\n')) bytes.remove_prefix(1);
    return bytes.empty() || bytes.front() == '0';
}

/// Beast takes a head in pieces, but what it says of one that is wrong depends on where it was cut:
/// so it gets heads that are whole. What is no HTTP from its first bytes on need not be waited for.
bool http_response::wait_for_head(std::string_view bytes) noexcept {
    constexpr std::string_view begins = "HTTP/1.";
    if (parser_->got_some()) return false;
    if (!bytes.starts_with(begins.substr(0, bytes.size()))) {
        state_ = status::not_http;
    } else if (bytes.find("\r\n\r\n") != std::string_view::npos) {
        return false;
    } else if (bytes.size() > max_header_bytes) {
        state_ = status::header_too_large;
    }
    return true;
}

/// Returns how many bytes were used; the rest is to be seen again with more behind it.
std::size_t http_response::parse(std::string_view bytes) {
    std::size_t used = 0;
    while (state_ == status::need_more && used < bytes.size()) {
        const std::string_view rest = bytes.substr(used);
        if (wait_for_head(rest) || wait_for_last_chunk(rest)) break;
        error_code ec;
        const std::size_t n = parser_->put({rest.data(), rest.size()}, ec);
        used += n;
        if (ec == http::error::need_more) break;
        if (ec == http::error::header_limit) {
            state_ = status::header_too_large;
        } else if (ec) {
            state_ = status::not_http;
        } else if (parser_->is_done() && parser_->interim()) {
            parser_ = std::make_unique<message_parser>(sink_);
        } else if (parser_->is_done()) {
            state_ = status::complete;
        } else if (n == 0) {
            break;
        }
    }
    return used;
}

http_response::status http_response::push(std::string_view bytes) {
    if (bytes.empty()) return state_;
    if (state_ != status::need_more) {
        surplus_ = true;
        return state_;
    }
    begun_ = true;
    if (carry_.empty()) {
        const std::size_t used = parse(bytes);
        if (state_ == status::need_more) carry_.assign(bytes.substr(used));
        surplus_ = state_ == status::complete && used < bytes.size();
    } else {
        carry_.append(bytes);
        const std::size_t used = parse(carry_);
        surplus_ = state_ == status::complete && used < carry_.size();
        carry_.erase(0, used);
    }
    return state_;
}

http_response::status http_response::finish() {
    if (state_ != status::need_more) return state_;
    error_code ec;
    if (!begun_ || !parser_->got_some() || !carry_.empty()) return state_ = status::truncated;
    parser_->put_eof(ec);
    return state_ = ec ? status::truncated : status::complete;
}

}  // namespace lmstress::wire
