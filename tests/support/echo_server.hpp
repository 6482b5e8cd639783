#pragma once

#include <memory>
#include <string>

namespace test {

/// A server on 127.0.0.1 that fails, and repeats in its answer all that it was sent: the worst that
/// can happen to a secret. Runs on a thread of its own.
class echo_server {
  public:
    echo_server();
    ~echo_server();
    echo_server(echo_server&&) = delete;

    [[nodiscard]] std::string url() const;
    /// Whether that text was in a request.
    [[nodiscard]] bool heard(const std::string& text) const;

  private:
    class server;
    std::unique_ptr<server> server_;
};

}  // namespace test
