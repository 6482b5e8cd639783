#pragma once

#include "server/sdk_socket.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace lmstress::server {

/// Sends files to LM Studio over a socket of its SDK, the namespace `files`. Messages name them for
/// as long as this is there: LM Studio forgets the files of a client that goes.
class file_upload {
  public:
    /// What `to` refers to outlives this.
    explicit file_upload(way to) : sdk_(to.time, to.transport, to.at, to.target) {}

    /// An error where the server does not speak this.
    [[nodiscard]] boost::asio::awaitable<result<void>> open();
    /// The identifier by which messages name the file. After open().
    [[nodiscard]] boost::asio::awaitable<result<std::string>> send(std::string name,
                                                                   std::string base64);

  private:
    sdk_socket sdk_;
};

}  // namespace lmstress::server
