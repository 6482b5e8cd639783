// The least that a client can do: sends N streaming chats at once and counts the bytes that come
// back. What lmstress spends beyond this is the price of measuring. Used by tools/bench.
//
//   byte_reader PORT STREAMS TOKENS

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

int connect_to(std::uint16_t port) {
    const int s = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s < 0 || connect(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
        fail("connect");
    const int on = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return s;
}

std::string request_of(std::size_t n, const char* tokens) {
    const std::string body =
        std::string{R"({"model":"qwen/qwen3-4b","input":"x","stream":true,"max_output_tokens":)"} +
        tokens + R"(,"store":false})";
    return "POST /api/v1/chat HTTP/1.1\r\nHost: bench\r\nx-request-id: " + std::to_string(n) +
           "-bytes\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    const auto streams = static_cast<std::size_t>(std::atoi(argv[2]));
    const int epoll = epoll_create1(0);
    std::vector<std::string> ends(streams);  // the last bytes of each answer
    for (std::size_t i = 0; i < streams; ++i) {
        const int s = connect_to(port);
        const std::string request = request_of(i, argv[3]);
        if (send(s, request.data(), request.size(), 0) < 0) fail("send");
        epoll_event e{};
        e.events = EPOLLIN;
        e.data.u64 = (static_cast<std::uint64_t>(i) << 32U) | static_cast<std::uint32_t>(s);
        epoll_ctl(epoll, EPOLL_CTL_ADD, s, &e);
    }
    std::array<char, 64 * 1024> buffer;
    std::array<epoll_event, 256> ready;
    std::uint64_t bytes = 0;
    std::uint64_t reads = 0;
    std::size_t open = streams;
    while (open > 0) {
        const int n = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), 10'000);
        if (n <= 0) fail("epoll_wait");
        for (int k = 0; k < n; ++k) {
            const std::uint64_t data = ready[static_cast<std::size_t>(k)].data.u64;
            const int s = static_cast<int>(data & 0xFFFFFFFFU);
            const ssize_t got = recv(s, buffer.data(), buffer.size(), 0);
            if (got <= 0) fail("recv");
            bytes += static_cast<std::uint64_t>(got);
            ++reads;
            const std::string_view piece{buffer.data(), static_cast<std::size_t>(got)};
            std::string& end = ends[data >> 32U];
            end += piece.substr(piece.size() - std::min<std::size_t>(piece.size(), 5));
            if (end.ends_with("0\r\n\r\n")) {
                close(s);
                --open;
            }
            end.erase(0, end.size() - std::min<std::size_t>(end.size(), 4));
        }
    }
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    std::printf("{\"cpu_seconds\":%.6f,\"bytes\":%llu,\"reads\":%llu}\n", cpu,
                static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(reads));
    return 0;
}
