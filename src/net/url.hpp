#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"

#include <string>
#include <string_view>

namespace lmstress::net {

/// Where a server listens.
struct endpoint {
    std::string host;  ///< without the brackets of an IPv6 address
    std::string port;
    std::string host_header;  ///< as the Host field wants it
    bool tls = false;
    std::string prefix;  ///< path in front of every route; empty or "/something"
};

/// Reads an http or https URL. A trailing /v1, /api/v1 or route of an API is understood as the
/// server itself.
[[nodiscard]] result<endpoint> parse_url(std::string_view text);

/// The fields of a request's head: `ours`, each with its line end, the token, and the user's own
/// headers, each of which takes the place of one of ours.
[[nodiscard]] std::string header_fields(std::string_view ours, const target_settings& target,
                                        std::string_view token_field = "Authorization: Bearer ");

/// Splits "Name: value". An error for what is no header, or one that lmstress sets itself.
[[nodiscard]] result<std::pair<std::string, std::string>> parse_header(std::string_view text);

}  // namespace lmstress::net
