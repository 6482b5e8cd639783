#include "sim/request_json.hpp"

#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

constexpr std::string_view no_token =
    "An LM Studio API token is required to make requests to this server, but none was provided "
    "using the Authorization header using the 'Bearer' scheme (i.e., 'Authorization: Bearer "
    "$LM_API_TOKEN'). Learn more at: https://lmstudio.ai/docs/developer/core/authentication.";

/// LM Studio shows how the token begins that it was given.
std::string wrong_token(std::string_view token) {
    constexpr std::size_t shown = 10;
    return fmt::format(
        "Malformed LM Studio API token provided: {}... Ensure you are using a valid token.",
        token.substr(0, shown));
}

}  // namespace

std::optional<json::object> parse_object(std::string_view body) {
    json::error_code ec;
    json::value v = json::parse(body, ec);
    if (ec || !v.is_object()) return std::nullopt;
    return std::move(v.get_object());
}

std::string string_in(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string{v->get_string()} : std::string{};
}

bool true_in(const json::object& o, std::string_view key, bool otherwise) {
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_bool() ? v->get_bool() : otherwise;
}

std::size_t characters_in(const json::value& v) {
    return text_in(v).size();
}

std::string text_in(const json::value& v) {
    if (v.is_string()) return std::string{std::string_view{v.get_string()}};
    std::string text;
    if (v.is_array()) {
        for (const json::value& item : v.get_array()) text += text_in(item);
    }
    if (v.is_object()) {
        for (const auto* key : {"content", "text", "output"}) {
            if (const json::value* inner = v.get_object().if_contains(key)) text += text_in(*inner);
        }
    }
    return text;
}

std::uint64_t prompt_tokens(std::size_t characters, std::uint64_t beside, double characters_each) {
    const double tokens = std::ceil(static_cast<double>(characters) / characters_each);
    return std::max<std::uint64_t>(static_cast<std::uint64_t>(tokens) + beside, 1);
}

bool is_native(const http_request& request) {
    return request.path.starts_with("/api/v1/");
}

bool is_anthropic(const http_request& request) {
    return request.path == "/v1/messages";
}

bool is_ollama(const http_request& request) {
    return request.path == "/api/chat";
}

bool is_embeddings(const http_request& request) {
    return request.path == "/v1/embeddings" || request.path == "/api/v0/embeddings";
}

void answer(reply& to, int status, std::string_view body) {
    to.send(json_answer(status, body));
    to.end();
}

void native_error(reply& to, int status, std::string_view type, std::string_view message,
                  std::string_view code, std::string_view param) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("error").begin_object().field("message", message).field("type", type);
    if (!param.empty()) w.field("param", param);
    if (!code.empty()) w.field("code", code);
    w.end_object().end_object();
    answer(to, status, body);
}

void openai_error(reply& to, int status, std::string_view message, std::string_view code,
                  std::string_view param) {
    std::string text;
    wire::append_json_string(text, message);
    answer(to, status,
           fmt::format("{{\n    \"error\": {{\n        \"message\": {},\n        \"type\": "
                       "\"invalid_request_error\",\n        \"param\": \"{}\",\n        \"code\": "
                       "\"{}\"\n    }}\n}}",
                       text, param, code));
}

void anthropic_error(reply& to, int status, std::string_view type, std::string_view message) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object().field("type", "error").key("error").begin_object();
    w.field("type", type).field("message", message).end_object().end_object();
    answer(to, status, body);
}

void text_error(reply& to, int status, std::string_view message) {
    std::string text;
    wire::append_json_string(text, message);
    answer(to, status, "{\"error\":" + text + "}");
}

void refuse_token(const http_request& request, reply& to, std::string_view given) {
    const std::string message = given.empty() ? std::string{no_token} : wrong_token(given);
    if (is_anthropic(request)) return anthropic_error(to, 401, "authentication_error", message);
    native_error(to, 401, "invalid_request", message, "invalid_api_key");
}

bool refuse_unknown_keys(const json::object& o, std::span<const std::string_view> known,
                         reply& to) {
    std::string unknown;
    for (const auto& member : o) {
        const std::string_view key = member.key();
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        unknown += fmt::format("{}'{}'", unknown.empty() ? "" : ", ", key);
    }
    if (unknown.empty()) return false;
    native_error(to, 400, "invalid_request", "Unrecognized key(s) in object: " + unknown,
                 "unrecognized_keys");
    return true;
}

bool read_count(const json::object& o, std::string_view key, std::uint64_t most,
                std::uint64_t& into) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr) return true;
    const double n = v->is_number() ? v->to_number<double>() : 0.0;
    if (!(n >= 1 && n <= static_cast<double>(most) && n == std::floor(n))) return false;
    into = static_cast<std::uint64_t>(n);
    return true;
}

bool refuse_bad_count(const json::object& o, std::string_view key, std::uint64_t most,
                      std::uint64_t& into, reply& to) {
    if (read_count(o, key, most, into)) return false;
    native_error(to, 400, "invalid_request",
                 fmt::format("{} must be a whole number from 1 to {}", key, most), "invalid_value",
                 key);
    return true;
}

}  // namespace lmstress::sim
