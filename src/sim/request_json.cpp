#include "sim/request_json.hpp"

#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::sim {

namespace json = boost::json;

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

bool is_native(const http_request& request) {
    return request.path.starts_with("/api/v1/");
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

void token_error(reply& to, bool given) {
    constexpr std::string_view none =
        "An LM Studio API token is required to make requests to this server, but none was provided "
        "using the Authorization header using the 'Bearer' scheme (i.e., 'Authorization: Bearer "
        "$LM_API_TOKEN').";
    constexpr std::string_view wrong =
        "Malformed LM Studio API token provided. Ensure you are using a valid token.";
    native_error(to, 401, "invalid_request", given ? wrong : none, "invalid_api_key");
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

bool refuse_bad_count(const json::object& o, std::string_view key, std::uint64_t most,
                      std::uint64_t& into, reply& to) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr) return false;
    const double n = v->is_number() ? v->to_number<double>() : 0.0;
    if (n >= 1 && n <= static_cast<double>(most) && n == std::floor(n)) {
        into = static_cast<std::uint64_t>(n);
        return false;
    }
    native_error(to, 400, "invalid_request",
                 fmt::format("{} must be a whole number from 1 to {}", key, most), "invalid_value",
                 key);
    return true;
}

}  // namespace lmstress::sim
