#include "server/idle_wait.hpp"

#include "net/timers.hpp"
#include "server/state_watch.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace lmstress::server {

namespace asio = boost::asio;

namespace {

constexpr int probes = 3;
constexpr nanoseconds between_probes = std::chrono::milliseconds{200};
constexpr nanoseconds longest_probe = std::chrono::seconds{60};

/// A server that decodes for others answers a request of one token by a step of theirs later, at
/// the least.
bool is_like(nanoseconds now, nanoseconds base) {
    return now <= base + base / 4 + std::chrono::milliseconds{2};
}

}  // namespace

asio::awaitable<void> idle_wait::learn() {
    for (int i = 0; i < probes; ++i) {
        const answered a = co_await probe(longest_probe);
        // The first one may meet a cold server.
        if (a.took && (!base_ || *a.took < *base_)) base_ = a.took;
    }
}

asio::awaitable<idle_wait::answered> idle_wait::probe(nanoseconds limit) {
    const api::api& api = *who_.apis.front();
    if (api.body == api::framing::web_socket || api.embeds) co_return answered{};
    std::string body = api.request_body({.model = who_.model, .prompt = "Hi", .max_tokens = 1});
    std::string path{api.path};
    const instant sent = to_.time.now();
    const http_answer answer = co_await post(to_, std::move(path), std::move(body), limit);
    answered out{.connected = !answer.connected.failed};
    if (answer.complete && answer.head.status == 200) out.took = to_.time.now() - sent;
    co_return out;
}

asio::awaitable<std::optional<idle_wait::outcome>> idle_wait::by_its_word(nanoseconds limit) {
    state_watch watch{to_, who_.instance.empty() ? who_.model : who_.instance};
    const auto opened = co_await watch.open();
    if (!opened) co_return std::nullopt;
    bool idle = false;
    net::alarm over{to_.time, [&] { watch.stop(); }};
    over.set(to_.time.now() + limit);
    const std::function<void(const processing_state&)> look = [&](const processing_state& s) {
        idle = s.status == "idle" && s.queued == 0;
        if (idle) watch.stop();
    };
    co_await watch.run(look);
    co_return idle ? outcome::idle : outcome::still_busy;
}

asio::awaitable<idle_wait::outcome> idle_wait::until_idle(nanoseconds limit) {
    if (who_.native) {
        const auto told = co_await by_its_word(limit);
        if (told) co_return *told;
    }
    if (!base_) co_return outcome::unknown;
    const instant end = to_.time.now() + limit;
    net::sleeper nap{to_.time};
    while (to_.time.now() < end) {
        const nanoseconds left = std::max<nanoseconds>(end - to_.time.now(), between_probes);
        const answered a = co_await probe(left);
        if (!a.connected) co_return outcome::gone;
        if (a.took && is_like(*a.took, *base_)) co_return outcome::idle;
        const instant next = to_.time.now() + between_probes;
        const bool passed = co_await nap.until(next);
        static_cast<void>(passed);
    }
    co_return outcome::still_busy;
}

}  // namespace lmstress::server
