#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lmstress::sim {

struct http_request {
    std::string method;
    std::string path;  ///< without the query
    std::string authorization;
    std::string request_id;  ///< x-request-id
    std::string body;
    bool keep_alive = true;
    std::string web_socket_key = {};  ///< not empty: it asks for a WebSocket
    std::string api_key = {};         ///< x-api-key
};

/// A push parser of requests on one connection.
class request_reader {
  public:
    request_reader();
    ~request_reader();
    request_reader(request_reader&&) = delete;

    void push(std::string_view bytes) { pending_.append(bytes); }
    /// Bytes that wait for the answer to an earlier request.
    [[nodiscard]] std::size_t pending() const noexcept { return pending_.size(); }
    /// The next complete request; nothing while there is none.
    [[nodiscard]] std::optional<http_request> next();
    /// The bytes are no HTTP/1.1 request; nothing more will be read.
    [[nodiscard]] bool failed() const noexcept { return failed_; }

  private:
    class message_parser;
    std::unique_ptr<message_parser> parser_;
    std::string pending_;
    bool failed_ = false;
};

}  // namespace lmstress::sim
