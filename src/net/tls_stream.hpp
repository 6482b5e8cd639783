#pragma once

#include "lmstress/error.hpp"
#include "net/dialer.hpp"
#include "net/stream.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace lmstress::net {

struct tls_options {
    bool verify = true;   ///< the server's certificate and its name
    std::string ca_file;  ///< PEM file of authorities to trust; empty: the system's
};

/// TLS connections to one host. The ciphertext goes through the same timed socket as plain text
/// does, so its bytes have kernel times too: what is decrypted has the time of the last segment
/// that was needed for it.
class tls_transport final : public transport {
  public:
    [[nodiscard]] static result<std::unique_ptr<tls_transport>> make(
        boost::asio::any_io_executor executor, destination to, const tls_options& options,
        const socket_use& use);

    [[nodiscard]] std::unique_ptr<byte_stream> open() override;

  private:
    tls_transport(boost::asio::any_io_executor executor, destination to, bool verify,
                  const socket_use& use);

    boost::asio::any_io_executor executor_;
    destination to_;
    bool verify_;
    socket_use use_;
    boost::asio::ssl::context context_;
};

}  // namespace lmstress::net
