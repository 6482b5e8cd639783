#include "server/idle_wait.hpp"

#include "net/timers.hpp"
#include "server/state_watch.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace lmstress::server {

namespace asio = boost::asio;

namespace {

/// The first one may meet a cold server, so one alone says nothing of what idle is like.
constexpr std::uint32_t first_probes = 3;
constexpr nanoseconds between_probes = std::chrono::milliseconds{200};
constexpr nanoseconds leeway = std::chrono::milliseconds{2};

/// A server that decodes for others answers a request of one token by a step of theirs later, at
/// the least.
bool is_like(nanoseconds now, nanoseconds base) {
    return now <= base + base / 4 + leeway;
}

/// More than the lowest of a few probes differs from that of many.
bool is_far_above(nanoseconds earlier, nanoseconds base) {
    return earlier > base + base / 2 + leeway;
}

}  // namespace

asio::awaitable<idle_wait::answered> idle_wait::probe(nanoseconds limit) {
    const api::api& api = *who_.apis.front();
    if (api.body == api::framing::web_socket || api.embeds) co_return answered{.refused = true};
    std::string body = api.request_body({.model = who_.model, .prompt = "Hi", .max_tokens = 1});
    std::string path{api.path};
    const instant sent = to_.time.now();
    const http_answer answer = co_await post(to_, std::move(path), std::move(body), limit);
    answered out{.connected = !answer.connected.failed};
    out.refused = to_.time.now() - sent < limit;
    if (!answer.complete || answer.head.status != 200) co_return out;
    out.refused = false;
    out.took = to_.time.now() - sent;
    learn(*out.took);
    co_return out;
}

void idle_wait::learn(nanoseconds took) {
    ++seen_;
    if (!base_ || took < *base_) base_ = took;
    if (!judged_by_ || !is_far_above(*judged_by_, *base_)) return;
    earlier_were_busy_ = true;
    judged_by_.reset();
}

bool idle_wait::tells_idle(const answered& a) const {
    return a.took && seen_ >= first_probes && is_like(*a.took, *base_);
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
    earlier_were_busy_ = false;
    const instant end = to_.time.now() + limit;
    if (who_.native) {
        const auto told = co_await by_its_word(limit);
        if (told) co_return *told;
    }
    net::sleeper nap{to_.time};
    for (std::uint32_t refused = 0; to_.time.now() < end;) {
        const nanoseconds left = std::max<nanoseconds>(end - to_.time.now(), between_probes);
        const answered a = co_await probe(left);
        if (!a.connected) co_return outcome::gone;
        if (a.refused && !base_ && ++refused == first_probes) co_return outcome::unknown;
        if (tells_idle(a)) {
            judged_by_ = std::max(judged_by_.value_or(*a.took), *a.took);
            co_return outcome::idle;
        }
        if (a.took && seen_ < first_probes) continue;
        const instant next = to_.time.now() + between_probes;
        const bool passed = co_await nap.until(next);
        static_cast<void>(passed);
    }
    co_return outcome::still_busy;
}

}  // namespace lmstress::server
