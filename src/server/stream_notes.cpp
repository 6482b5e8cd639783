#include "server/probe.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

namespace lmstress::server {
namespace {

/// A server that sends both at once may use two segments for it.
constexpr nanoseconds told_apart = std::chrono::milliseconds{1};

double ms_between(instant from, instant to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

void stream_notes::on_event(const stream_event& e) {
    if (std::holds_alternative<event::text>(e)) {
        ++events_;
        if (last_ != at_) ++reads_;
        if (!first_) first_ = at_;
        last_ = at_;
    } else if (const auto* usage = std::get_if<event::usage>(&e)) {
        if (usage->output_tokens) output_tokens_ = usage->output_tokens;
    } else if (const auto* failure = std::get_if<event::failure>(&e)) {
        if (failure_.empty()) {
            failure_ =
                fmt::format("{}: {}", to_string(failure->kind), failure->message.substr(0, 200));
        }
    }
}

finding stream_notes::streaming() const {
    finding f{.about = "streams", .needed = true};
    if (!failure_.empty()) {
        f.is = verdict::no;
        f.detail = "the answer failed: " + failure_;
    } else if (events_ == 0) {
        f.detail = "the answer holds no token";
    } else if (events_ == 1) {
        f.detail = "the answer is one event";
    } else if (reads_ == 1) {
        f.is = verdict::no;
        f.detail = fmt::format(
            "{} events all at once, {:.0f} ms after the request: something "
            "keeps them back",
            events_, ms_between(sent_, *first_));
    } else {
        f.is = verdict::ok;
        f.detail = fmt::format("{} events, the first after {:.0f} ms, the last {:.0f} ms later",
                               events_, ms_between(sent_, *first_), ms_between(*first_, *last_));
    }
    return f;
}

finding stream_notes::headers() const {
    finding f{.about = "headers first"};
    if (!head_ || !first_) {
        f.detail = "no token came";
    } else if (*first_ - *head_ >= told_apart) {
        f.is = verdict::ok;
        f.detail = fmt::format("{:.0f} ms before the first token", ms_between(*head_, *first_));
    } else {
        f.is = verdict::no;
        f.detail = "they come with the first token: a deadline for them must allow for the prompt";
    }
    return f;
}

finding stream_notes::counts() const {
    finding f{.about = "usage"};
    if (output_tokens_) {
        f.is = verdict::ok;
        f.detail = wire::plural(*output_tokens_, "output token") + ", by the server's count";
    } else if (first_) {
        f.is = verdict::no;
        f.detail = "the answer does not say how many tokens it has: events are counted instead";
    } else {
        f.detail = "no token came";
    }
    return f;
}

std::vector<finding> stream_notes::judge() const {
    return {streaming(), headers(), counts()};
}

}  // namespace lmstress::server
