#pragma once

#include "sim/http_request.hpp"
#include "sim/reply.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Reading the bodies of requests and refusing what is wrong with them, as LM Studio does.

namespace lmstress::sim {

[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view body);
[[nodiscard]] std::string string_in(const boost::json::object& o, std::string_view key);
[[nodiscard]] bool true_in(const boost::json::object& o, std::string_view key, bool otherwise);

/// The request is for /api/v1, not for one of the OpenAI routes.
[[nodiscard]] bool is_native(const http_request& request);

/// A whole answer.
void answer(reply& to, int status, std::string_view body);
/// The error shape of /api/v1, indented by two.
void native_error(reply& to, int status, std::string_view type, std::string_view message,
                  std::string_view code = {}, std::string_view param = {});

/// The error shape of /v1/chat/completions, indented by four.
void openai_error(reply& to, int status, std::string_view message, std::string_view code,
                  std::string_view param);
/// A token was needed, on whichever route: none was given, or a wrong one.
void token_error(reply& to, bool given);

/// /api/v1 refuses what it does not know. True when it did.
[[nodiscard]] bool refuse_unknown_keys(const boost::json::object& o,
                                       std::span<const std::string_view> known, reply& to);
/// Reads a whole number from 1 to `most` into `into`, which stays as it is where the key is absent.
/// True when it was refused.
[[nodiscard]] bool refuse_bad_count(const boost::json::object& o, std::string_view key,
                                    std::uint64_t most, std::uint64_t& into, reply& to);

}  // namespace lmstress::sim
