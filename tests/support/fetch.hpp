#pragma once

#include <cstdint>
#include <string>

namespace test {

/// The body of a GET on 127.0.0.1; throws where no whole answer comes.
std::string fetch(std::uint16_t port, const std::string& path);

/// A port on 127.0.0.1 that nothing listens on.
std::uint16_t free_port();

}  // namespace test
