#include "sim/reply.hpp"

#include <fmt/format.h>

namespace lmstress::sim {
namespace {

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

std::string whole_answer(int status, std::string_view type, std::string_view body) {
    return fmt::format(
        "HTTP/1.1 {} {}\r\nX-Powered-By: Express\r\nContent-Type: {}; charset=utf-8\r\n"
        "Content-Length: {}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n{}",
        status, reason_of(status), type, body.size(), body);
}

}  // namespace

std::string json_answer(int status, std::string_view body) {
    return whole_answer(status, "application/json", body);
}

std::string html_answer(int status) {
    const std::string page = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<title>Error</title>\n</head>\n<body>\n<pre>{}</pre>\n</body>\n</html>\n",
        reason_of(status));
    return whole_answer(status, "text/html", page);
}

std::string stream_head(std::string_view content_type) {
    return fmt::format(
        "HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\nContent-Type: {}\r\n"
        "Cache-Control: no-cache\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n"
        "Transfer-Encoding: chunked\r\n\r\n",
        content_type);
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
