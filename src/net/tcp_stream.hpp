#pragma once

#include "net/dialer.hpp"
#include "net/stream.hpp"

#include <memory>

namespace lmstress::net {

/// Plain TCP connections to one host.
class tcp_transport final : public transport {
  public:
    tcp_transport(boost::asio::any_io_executor executor, destination to, const socket_use& use = {})
        : executor_(std::move(executor)), to_(std::move(to)), use_(use) {}

    [[nodiscard]] std::unique_ptr<byte_stream> open() override;

  private:
    boost::asio::any_io_executor executor_;
    destination to_;
    socket_use use_;
};

}  // namespace lmstress::net
