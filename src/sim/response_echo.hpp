#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace lmstress::sim {

/// The members with which an answer of POST /v1/responses says what it was asked for, each after a
/// comma. Secrets that a remote tool was given are not said again.
[[nodiscard]] std::string response_echo(const boost::json::object& asked);

}  // namespace lmstress::sim
