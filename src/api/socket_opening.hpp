#pragma once

#include "lmstress/outcome.hpp"
#include "wire/http_response.hpp"
#include "wire/web_socket.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lmstress::api {

/// The text by which a client of LM Studio's SDK says who it is, the first on every socket. An API
/// token of the form sk-lm-NAME:KEY is who we are; without one we are a guest
/// (https://github.com/lmstudio-ai/lmstudio-js, packages/lms-shared-types/src/lmstudioAPIToken.ts).
[[nodiscard]] std::string sdk_greeting(std::string_view api_token);

/// Why the SDK's socket did not admit us who said `greeting`: `said` by the server, and what it
/// wants where we came as a guest.
[[nodiscard]] std::string sdk_refusal(std::string_view said, std::string_view greeting);

/// The fields by which a request's head asks for a WebSocket (RFC 6455, 4.1). The key shows nothing
/// that the greeting after it would not: whoever answers that is no cache, and speaks the SDK's
/// protocol.
inline constexpr std::string_view web_socket_fields =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: bG1zdHJlc3MgbG1zdHJlcw==\r\n";

/// What comes after the request for a WebSocket has been sent, until the SDK's socket is open: the
/// answer 101, the greeting, and the server's word on it. Without I/O.
class socket_opening final : wire::http_sink, wire::web_socket_sink {
  public:
    struct failure {
        failure_kind kind;
        std::string message;
    };

    /// `greeting` is what to say once the WebSocket is there.
    explicit socket_opening(std::string greeting);

    /// What is to be sent at once; mostly nothing.
    [[nodiscard]] std::string push(std::string_view bytes);
    /// The peer closed its side.
    void close();

    [[nodiscard]] bool over() const noexcept { return admitted_ || failed_.has_value(); }
    [[nodiscard]] const std::optional<failure>& failed() const noexcept { return failed_; }
    /// 101, or with what else the server answered; 0: with nothing.
    [[nodiscard]] int http_status() const noexcept { return status_; }

  private:
    [[nodiscard]] std::string after_head(std::size_t end);
    void read_refusal();
    void on_head(const wire::http_head& head) override { status_ = head.status; }
    void on_body(std::string_view piece) override;
    void on_message(std::string_view text) override;
    void on_ping(std::string_view payload) override;
    void on_close(std::uint16_t code, std::string_view reason) override;
    void fail(failure_kind kind, std::string message);

    std::string greeting_;
    std::string received_;  // until the answer's head is whole
    std::string body_;      // of a refusal
    wire::http_response refusal_;
    wire::web_socket_parser parser_;
    std::string reply_;
    int status_ = 0;
    bool upgraded_ = false;
    bool refused_ = false;
    bool admitted_ = false;
    std::optional<failure> failed_;
};

}  // namespace lmstress::api
