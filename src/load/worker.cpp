#include "load/worker.hpp"

#include <algorithm>
#include <utility>

namespace lmstress::load {

namespace asio = boost::asio;

namespace {

constexpr nanoseconds first_pause = std::chrono::milliseconds{100};
constexpr nanoseconds longest_pause = std::chrono::seconds{5};

bool was_unanswered(const request_record& r) {
    using enum failure_kind;
    if (!r.error || !r.error->kind) return false;
    const failure_kind kind = *r.error->kind;
    return kind == dns || kind == connect || kind == tls || kind == reset;
}

/// A server that says no at once would say it ten thousand times a second.
bool was_refused(const request_record& r) {
    return r.ended == outcome::failed && !r.moments.has(moment::first_token);
}

}  // namespace

worker::worker(std::uint32_t number, const exchange::surroundings& s, const schedule& when,
               employer& e)
    : number_(number),
      clock_(s.time),
      schedule_(when),
      employer_(e),
      sleeper_(s.time),
      exchange_(s, *this) {}

void worker::stop() {
    sleeper_.interrupt();
    exchange_.abort();
}

asio::awaitable<void> worker::run() {
    instant intended = schedule_.first(number_);
    for (;;) {
        const bool wanted = co_await sleeper_.until(intended);
        if (!wanted) co_return;
        if (employer_.wants_preparation()) {
            auto prepared = employer_.prepare();
            co_await std::move(prepared);
            intended = clock_.now();
        }
        const std::optional<ticket> t = employer_.admit(talk_, clock_.now());
        if (!t) co_return;
        co_await send_one(*t, intended);
        intended = schedule_.next(number_, clock_.now()) + pause_after_failures();
    }
}

asio::awaitable<void> worker::serve(arrival who) {
    talk_ = std::move(who.begun);
    co_await send_one(who.right, who.intended);
    while (talk_) {
        const instant intended = schedule_.next(number_, clock_.now());
        const bool wanted = co_await sleeper_.until(intended);
        if (!wanted) break;
        const std::optional<ticket> t = employer_.admit(talk_, clock_.now());
        if (!t) break;
        co_await send_one(*t, intended);
    }
    talk_.reset();
}

asio::awaitable<void> worker::send_one(const ticket& t, instant intended) {
    request_record record;
    employer_.fill(t, *talk_, record);
    record.worker = number_;
    index_ = t.index;
    lane_ = t.lane;
    const outgoing request = employer_.request_for(t, *talk_);
    std::string said;
    measure::recorder::options options = employer_.recording();
    options.answer = talk_->says.needs_text() ? &said : nullptr;
    options.needs_answer_id = talk_->says.needs_id();
    measure::recorder recorder{record, options};
    recorder.set(moment::intended, intended);
    co_await answer(request, recorder);
    unanswered_ = was_unanswered(record) ? unanswered_ + 1 : 0;
    refused_ = was_refused(record);
    go_on(record, std::move(said), recorder.answer_id());
    employer_.on_ended(record);
}

asio::awaitable<void> worker::answer(const outgoing& request, measure::recorder& rec) {
    const auto known = cache_ == nullptr ? std::nullopt : cache_->find(request);
    if (!known) {
        co_await exchange_.run(request, rec);
        if (cache_ != nullptr) cache_->keep(request, rec.record());
        co_return;
    }
    const bool in_time = co_await sleeper_.until(clock_.now() + *known);
    rec.remember(in_time);
    rec.finish(0, false);
}

/// A conversation goes on from an answer that came whole, and breaks off with any other.
void worker::go_on(const request_record& record, std::string said, const std::string& id) {
    if (record.ended == outcome::completed && !talk_->says.is_last()) {
        talk_->says.answered(std::move(said), id);
    } else {
        talk_.reset();
    }
}

/// A user whose server is gone does not try again a thousand times a second.
nanoseconds worker::pause_after_failures() const {
    if (unanswered_ == 0) return refused_ ? first_pause : nanoseconds{0};
    const nanoseconds doubled = first_pause * (1LL << std::min(unanswered_ - 1, 10U));
    return std::min(doubled, longest_pause);
}

}  // namespace lmstress::load
