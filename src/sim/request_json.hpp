#pragma once

#include "sim/http_request.hpp"
#include "sim/reply.hpp"

#include <boost/json/fwd.hpp>
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

/// Characters of all text in an input or a message list.
[[nodiscard]] std::size_t characters_in(const boost::json::value& v);
/// That text itself.
[[nodiscard]] std::string text_in(const boost::json::value& v);
/// Tokens of a prompt of so many characters, at least one, with those of the template.
inline constexpr std::uint64_t template_tokens = 8;
[[nodiscard]] std::uint64_t prompt_tokens(std::size_t characters, std::uint64_t beside,
                                          double characters_each);

/// The request is for /api/v1, not for one of the OpenAI routes.
[[nodiscard]] bool is_native(const http_request& request);
/// It is for /v1/messages.
[[nodiscard]] bool is_anthropic(const http_request& request);
/// It is for Ollama's /api/chat.
[[nodiscard]] bool is_ollama(const http_request& request);
[[nodiscard]] bool is_embeddings(const http_request& request);

/// A whole answer.
void answer(reply& to, int status, std::string_view body);
/// The error shape of /api/v1, indented by two.
void native_error(reply& to, int status, std::string_view type, std::string_view message,
                  std::string_view code = {}, std::string_view param = {});

/// The error shape of /v1/chat/completions, indented by four.
void openai_error(reply& to, int status, std::string_view message, std::string_view code,
                  std::string_view param);
/// The error shape of /v1/messages.
void anthropic_error(reply& to, int status, std::string_view type, std::string_view message);
/// An error that is a text and nothing else: Ollama's, and on OpenAI's routes that of the engine.
void text_error(reply& to, int status, std::string_view message);
/// A token was needed, on whichever route: none was given, or a wrong one.
void refuse_token(const http_request& request, reply& to, std::string_view given);

/// /api/v1 refuses what it does not know. True when it did.
[[nodiscard]] bool refuse_unknown_keys(const boost::json::object& o,
                                       std::span<const std::string_view> known, reply& to);
/// POST /api/v1/chat refuses values of another kind, or out of their range. True when it did.
[[nodiscard]] bool refuse_bad_values(const boost::json::object& o, reply& to);
/// And items of an input that are neither a text nor an image of its documented form. True when it
/// did.
[[nodiscard]] bool refuse_bad_input(const boost::json::value& input, reply& to);
/// Reads a whole number from 1 to `most` into `into`, which stays as it is where the key is absent.
/// False where the key holds anything else.
[[nodiscard]] bool read_count(const boost::json::object& o, std::string_view key,
                              std::uint64_t most, std::uint64_t& into);
/// The same on /api/v1. True when it was refused.
[[nodiscard]] bool refuse_bad_count(const boost::json::object& o, std::string_view key,
                                    std::uint64_t most, std::uint64_t& into, reply& to);

}  // namespace lmstress::sim
