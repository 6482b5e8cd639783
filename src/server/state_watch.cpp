#include "server/state_watch.hpp"

#include "api/json_frame.hpp"
#include "server/sdk_settings.hpp"

#include <boost/json/value.hpp>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr nanoseconds between = std::chrono::seconds{1};
/// A server under full load may be slow to say so.
constexpr nanoseconds state_patience = std::chrono::seconds{5};

error without_it(const error& why) {
    std::string advice = "Leave it out for a server that is no LM Studio.";
    if (why.code == errc::unauthorized) advice = why.advice;
    if (why.code == errc::model_not_there) advice = "The model must be in memory: --load loads it.";
    return {why.code, "--server-state asks LM Studio over the socket of its SDK: " + why.message,
            advice};
}

}  // namespace

state_watch::state_watch(way to, std::string instance)
    : time_(to.time),
      instance_(std::move(instance)),
      sdk_(to.time, to.transport, to.at, to.target),
      sleeper_(to.time) {}

asio::awaitable<result<processing_state>> state_watch::look() {
    const json::value parameter = instance_query(instance_);
    const auto answer = co_await sdk_.call("getInstanceProcessingState", parameter, state_patience);
    if (!answer) co_return answer.error();
    const json::object* o = answer->if_object();
    const auto queued = o != nullptr ? api::count_at(*o, "queued") : std::nullopt;
    if (!queued)
        co_return error{errc::not_understood,
                        "the server does not say what " + instance_ + " is doing"};
    co_return processing_state{std::string{api::string_at(*o, "status")}, *queued};
}

asio::awaitable<result<void>> state_watch::open() {
    const auto opened = co_await sdk_.open("llm", state_patience);
    if (!opened) co_return without_it(opened.error());
    const auto first = co_await look();
    if (!first) co_return without_it(first.error());
    co_return result<void>{};
}

asio::awaitable<void> state_watch::run(std::function<void(const processing_state&)> seen) {
    instant next = time_.now();
    for (;;) {
        const bool go_on = co_await sleeper_.until(next);
        if (!go_on) co_return;
        const auto now = co_await look();
        if (!now) co_return;
        seen(*now);
        next = std::max(next + between, time_.now());
    }
}

}  // namespace lmstress::server
