#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// An answer as it came.
struct raw_answer {
    unsigned status = 0;  ///< 0: none came
    std::string head;     ///< the status line and the fields
    std::string body;
    /// The value of a field, whatever the case of its name; empty: it is not there.
    [[nodiscard]] std::string field(const std::string& name) const;
};

/// Sends bytes to 127.0.0.1 as they are, and reads until the other side closes or the answer is
/// whole. What is sent may be no HTTP at all.
raw_answer exchange_bytes(std::uint16_t port, const std::string& bytes);

using fields = std::vector<std::pair<std::string, std::string>>;
/// With Host and Connection: close, where `more` does not say otherwise.
raw_answer http_get(std::uint16_t port, const std::string& target, const fields& more = {});
raw_answer http_post(std::uint16_t port, const std::string& target, const std::string& body,
                     const fields& more);

/// A connection that stays open.
class raw_connection {
  public:
    explicit raw_connection(std::uint16_t port);
    ~raw_connection();
    raw_connection(raw_connection&&) = delete;
    void send(const std::string& bytes);
    /// Reads until what came holds `text`, or the other side closes. All that came so far.
    std::string read_until(const std::string& text);
    /// Reads until the other side closes.
    std::string read_to_end() { return read_until({}); }

  private:
    int socket_;
    std::string came_;
};

}  // namespace test
