#include "sim/reply.hpp"

#include "wire/base64.hpp"

#include <fmt/format.h>

#include <array>
#include <openssl/sha.h>

namespace lmstress::sim {
namespace {

constexpr std::string_view connection_field = "Connection: keep-alive";

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 404:
            return "Not Found";
        case 429:
            return "Too Many Requests";
        default:
            return "Internal Server Error";
    }
}

/// As Express makes it of a body (npm etag, weak): its length and 27 letters of its SHA-1.
std::string etag_of(std::string_view body) {
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data());
    const std::string_view bytes{reinterpret_cast<const char*>(digest.data()), digest.size()};
    return fmt::format("ETag: W/\"{:x}-{}\"\r\n", body.size(), wire::base64(bytes).substr(0, 27));
}

std::string whole_answer(int status, std::string_view type, std::string_view body,
                         std::string_view etag) {
    return fmt::format(
        "HTTP/1.1 {} {}\r\nX-Powered-By: Express\r\nContent-Type: {}; charset=utf-8\r\n"
        "Content-Length: {}\r\n{}{}\r\nKeep-Alive: timeout=5\r\n\r\n{}",
        status, reason_of(status), type, body.size(), etag, connection_field, body);
}

}  // namespace

std::string json_answer(int status, std::string_view body) {
    return whole_answer(status, "application/json", body, etag_of(body));
}

std::string html_answer(int status) {
    const std::string page = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<title>Error</title>\n</head>\n<body>\n<pre>{}</pre>\n</body>\n</html>\n",
        reason_of(status));
    return whole_answer(status, "text/html", page, {});
}

std::string stream_head(std::string_view content_type) {
    return fmt::format(
        "HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\nContent-Type: {}\r\n"
        "Cache-Control: no-cache\r\n{}\r\nKeep-Alive: timeout=5\r\n"
        "Transfer-Encoding: chunked\r\n\r\n",
        content_type, connection_field);
}

std::string dated(std::string_view answer, std::string_view date) {
    std::string out{answer};
    const std::size_t at = out.find(connection_field);
    if (date.empty() || at == std::string::npos) return out;
    return out.insert(at, fmt::format("Date: {}\r\n", date));
}

std::string chunk(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + 12);
    fmt::format_to(std::back_inserter(out), "{:x}\r\n", bytes.size());
    out += bytes;
    out += "\r\n";
    return out;
}

}  // namespace lmstress::sim
