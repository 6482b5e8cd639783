#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace test {

/// A TLS server on 127.0.0.1 that passes everything on to a plain port, with a certificate for
/// `127.0.0.1` and `localhost` that it makes itself. Runs on a thread of its own.
class tls_proxy {
  public:
    /// The certificate is written to `directory`/server.pem.
    tls_proxy(std::uint16_t to_port, const std::filesystem::path& directory);
    ~tls_proxy();
    tls_proxy(tls_proxy&&) = delete;

    [[nodiscard]] std::string url() const;
    [[nodiscard]] const std::filesystem::path& certificate() const { return certificate_; }

  private:
    class server;
    std::filesystem::path certificate_;
    std::unique_ptr<server> server_;
};

}  // namespace test
