// A server that writes events as fast as a core allows, for measuring what reading them costs: it
// answers every POST as OpenAI's chat completions are streamed, a chunk an event, some events a
// write. What it sends was made before; nothing of it is an inference server. Used by tools/bench.
//
//   event_source EVENTS_PER_WRITE STEP_US [PORT]
//
// Each STEP_US microseconds every answer under way gets a write; with 0 whenever its socket takes
// one. An answer has as many events as the request says (max_tokens, or as other APIs call it),
// else 256.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

std::string chunk(std::string_view data) {
    std::array<char, 16> size;
    const int n = std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
    return std::string{size.data(), static_cast<std::size_t>(n)} + std::string{data} + "\r\n";
}

std::string event(std::string_view delta, std::string_view finish_reason) {
    return chunk(
        R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1764000000,)"
        R"("model":"bench","choices":[{"index":0,"delta":)" +
        std::string{delta} + R"(,"logprobs":null,"finish_reason":)" + std::string{finish_reason} +
        "}]}\n\n");
}

/// What is sent, made once.
struct script {
    explicit script(std::size_t events_per_write) {
        constexpr std::array words = {" a", " quick", " brown", " fox", " jumps", " over", " 12"};
        const auto nth = [&](std::size_t i) {
            return event(R"({"content":")" + std::string{words[i % words.size()]} + "\"}", "null");
        };
        std::string all;
        ends.push_back(0);
        for (std::size_t i = 0; i < events_per_write; ++i) {
            all += nth(i);
            ends.push_back(all.size());
        }
        events = all;
    }

    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string tail =
        event("{}", "\"stop\"") +
        chunk(R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","choices":[],)"
              R"("usage":{"prompt_tokens":8,"completion_tokens":0,"total_tokens":8}})"
              "\n\n") +
        chunk("data: [DONE]\n\n") + "0\r\n\r\n";
    std::string events;             // of one write
    std::vector<std::size_t> ends;  // of the first i of them
};

const std::string models =
    R"({"object":"list","data":[{"id":"bench","object":"model","owned_by":"bench"}]})";

std::string whole(int status, std::string_view body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

/// The number behind a member of the request's JSON, wherever that stands.
std::size_t number_after(std::string_view text, std::string_view key, std::size_t otherwise) {
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos) return otherwise;
    return static_cast<std::size_t>(std::atoll(text.data() + at + key.size()));
}

struct client {
    int socket = -1;
    std::string asked;     // bytes of requests that are not whole yet
    std::size_t left = 0;  // events of the answer under way
    bool answering = false;
    std::string unsent = {};  // what the socket did not take
    std::size_t sent = 0;     // of it
};

class source {
  public:
    source(std::size_t events_per_write, long step_us, std::uint16_t port)
        : per_write_(events_per_write), says_(events_per_write), paced_(step_us > 0) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        const int on = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) fail("bind");
        if (listen(listener_, 16'384) != 0) fail("listen");
        socklen_t size = sizeof at;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
        std::printf("listening on http://127.0.0.1:%d\n", ntohs(at.sin_port));
        std::fflush(stdout);
        watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
        if (!paced_) return;
        timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        itimerspec every{};
        every.it_interval.tv_sec = step_us / 1'000'000;
        every.it_interval.tv_nsec = step_us % 1'000'000 * 1000;
        every.it_value = every.it_interval;
        timerfd_settime(timer_, 0, &every, nullptr);
        watch(timer_, EPOLLIN, EPOLL_CTL_ADD);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 512> ready;
        for (;;) {
            const int n = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()),
                                     !paced_ && writable_ > 0 ? 0 : -1);
            if (n < 0 && errno != EINTR) fail("epoll_wait");
            for (int i = 0; i < n; ++i) take(ready[static_cast<std::size_t>(i)]);
            if (!paced_) step();
        }
    }

  private:
    void watch(int socket, std::uint32_t events, int how) const {
        epoll_event e{};
        e.events = events;
        e.data.fd = socket;
        epoll_ctl(epoll_, how, socket, &e);
    }

    void take(const epoll_event& e) {
        if (e.data.fd == listener_) return accept_all();
        if (e.data.fd == timer_) {
            std::uint64_t times = 0;
            if (read(timer_, &times, sizeof times) > 0) step();
            return;
        }
        const auto found = clients_.find(e.data.fd);
        if (found == clients_.end()) return;
        client& c = *found->second;
        if ((e.events & EPOLLOUT) != 0) flush(c);
        if ((e.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) hear(c);
    }

    void accept_all() {
        for (;;) {
            const int s = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (s < 0) return;
            const int on = 1;
            setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            clients_[s] = std::make_unique<client>(client{.socket = s, .asked = {}});
            watch(s, EPOLLIN, EPOLL_CTL_ADD);
        }
    }

    void hear(client& c) {
        std::array<char, 65'536> buffer;
        const ssize_t n = recv(c.socket, buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) return drop(c);
        c.asked.append(buffer.data(), static_cast<std::size_t>(n));
        answer(c);
    }

    /// Begins the next answer, where its request is whole.
    void answer(client& c) {
        if (c.answering) return;
        const std::size_t head = c.asked.find("\r\n\r\n");
        if (head == std::string::npos) return;
        std::string fields = c.asked.substr(0, head + 2);
        std::transform(fields.begin(), fields.end(), fields.begin(),
                       [](char l) { return l >= 'A' && l <= 'Z' ? static_cast<char>(l + 32) : l; });
        const std::size_t body = number_after(fields, "\r\ncontent-length:", 0);
        if (c.asked.size() < head + 4 + body) return;
        const std::string request = c.asked.substr(0, head + 4 + body);
        c.asked.erase(0, request.size());
        if (!request.starts_with("POST")) {
            const bool list = request.starts_with("GET /v1/models ");
            return send_now(c, list ? whole(200, models) : whole(404, R"({"error":"no route"})"));
        }
        c.answering = true;
        c.left = number_after(request, "\"max_tokens\":",
                              number_after(request, "\"max_completion_tokens\":",
                                           number_after(request, "\"max_output_tokens\":", 256)));
        active_.push_back(&c);
        ++writable_;
        // A single event comes with everything in one write, as from a server that is done at once.
        if (c.left > 1) return send_now(c, says_.head);
        c.left = 0;
        send_now(c, says_.head + says_.events.substr(0, says_.ends[1]) + says_.tail);
        c.answering = false;
    }

    /// A write of each answer under way whose socket takes one.
    void step() {
        std::vector<client*> ended;
        for (std::size_t i = 0; i < active_.size(); ++i) {
            client& c = *active_[i];
            if (!c.answering || !c.unsent.empty()) continue;
            const std::size_t events = std::min(c.left, per_write_);
            c.left -= events;
            const std::string_view bytes{says_.events.data(), says_.ends[events]};
            if (c.left > 0) {
                send_now(c, bytes);
                continue;
            }
            c.answering = false;
            send_now(c, std::string{bytes} + says_.tail);
            ended.push_back(&c);
        }
        std::erase_if(active_, [](const client* c) { return !c->answering; });
        for (client* c : ended) answer(*c);  // that a client may have sent before
        writable_ = static_cast<std::size_t>(std::count_if(
            active_.begin(), active_.end(), [](const client* c) { return c->unsent.empty(); }));
    }

    void send_now(client& c, std::string_view bytes) {
        if (!c.unsent.empty()) {
            c.unsent += bytes;
            return;
        }
        const ssize_t n = send(c.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        const std::size_t taken = n < 0 ? 0 : static_cast<std::size_t>(n);
        if (taken == bytes.size()) return;
        c.unsent = bytes.substr(taken);
        c.sent = 0;
        watch(c.socket, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    }

    void flush(client& c) {
        const ssize_t n =
            send(c.socket, c.unsent.data() + c.sent, c.unsent.size() - c.sent, MSG_NOSIGNAL);
        if (n < 0) return;
        c.sent += static_cast<std::size_t>(n);
        if (c.sent < c.unsent.size()) return;
        c.unsent.clear();
        ++writable_;
        watch(c.socket, EPOLLIN, EPOLL_CTL_MOD);
    }

    void drop(client& c) {
        std::erase(active_, &c);
        const int socket = c.socket;
        clients_.erase(socket);
        close(socket);
    }

    std::size_t per_write_;
    script says_;
    bool paced_;
    int epoll_ = epoll_create1(0);
    int listener_ = -1;
    int timer_ = -1;
    std::unordered_map<int, std::unique_ptr<client>> clients_;
    std::vector<client*> active_;
    std::size_t writable_ = 0;  // of them, or more: what keeps an unpaced source from waiting
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    source{static_cast<std::size_t>(std::max(std::atoi(argv[1]), 1)), std::atol(argv[2]),
           static_cast<std::uint16_t>(argc > 3 ? std::atoi(argv[3]) : 0)}
        .run();
}
