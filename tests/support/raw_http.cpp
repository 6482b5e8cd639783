#include "support/raw_http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace test {
namespace {

bool same_letters(const std::string& a, const std::string& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

std::string with_fields(std::uint16_t port, const std::string& first_line, const fields& more) {
    fields all = {{"Host", "127.0.0.1:" + std::to_string(port)}, {"Connection", "close"}};
    std::string out = first_line + "\r\n";
    for (const auto& [name, value] : all) {
        const bool given = std::any_of(more.begin(), more.end(),
                                       [&](const auto& f) { return same_letters(f.first, name); });
        if (!given) out += name + ": " + value + "\r\n";
    }
    for (const auto& [name, value] : more) out += name + ": " + value + "\r\n";
    return out;
}

raw_answer parsed(const std::string& came) {
    raw_answer a;
    const std::size_t end = came.find("\r\n\r\n");
    if (!came.starts_with("HTTP/1.1 ") || end == std::string::npos) return a;
    a.status = static_cast<unsigned>(std::stoul(came.substr(9, 3)));
    a.head = came.substr(0, end + 2);
    a.body = came.substr(end + 4);
    return a;
}

}  // namespace

std::string raw_answer::field(const std::string& name) const {
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
        const std::size_t colon = head.find(':', at);
        if (colon == std::string::npos) break;
        if (!same_letters(head.substr(at + 2, colon - at - 2), name)) continue;
        const std::size_t begin = head.find_first_not_of(' ', colon + 1);
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
    return {};
}

raw_connection::raw_connection(std::uint16_t port)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval limit{.tv_sec = 60, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
        close(socket_);
        throw std::runtime_error("nobody listens");
    }
}

raw_connection::~raw_connection() {
    close(socket_);
}

void raw_connection::send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return;  // the other side has closed: what it said is to be read
        sent += static_cast<std::size_t>(n);
    }
}

std::string raw_connection::read_until(const std::string& text) {
    std::array<char, 65'536> buffer;
    while (text.empty() || came_.find(text) == std::string::npos) {
        const ssize_t n = recv(socket_, buffer.data(), buffer.size(), 0);
        if (n < 0 && errno != ECONNRESET) throw std::runtime_error("too slow; so far: " + came_);
        if (n <= 0) break;
        came_.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return came_;
}

raw_answer exchange_bytes(std::uint16_t port, const std::string& bytes) {
    raw_connection c{port};
    c.send(bytes);
    return parsed(c.read_to_end());
}

raw_answer http_get(std::uint16_t port, const std::string& target, const fields& more) {
    return exchange_bytes(port, with_fields(port, "GET " + target + " HTTP/1.1", more) + "\r\n");
}

raw_answer http_post(std::uint16_t port, const std::string& target, const std::string& body,
                     const fields& more) {
    return exchange_bytes(port, with_fields(port, "POST " + target + " HTTP/1.1", more) +
                                    "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                                    body);
}

}  // namespace test
