#include "load/worker.hpp"

namespace lmstress::load {

namespace asio = boost::asio;

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
        const std::optional<ticket> t = employer_.admit();
        if (!t) co_return;
        co_await send_one(*t, intended);
        intended = schedule_.next(number_, clock_.now());
    }
}

asio::awaitable<void> worker::send_one(const ticket& t, instant intended) {
    request_record record;
    employer_.fill(t, record);
    record.worker = number_;
    index_ = t.index;
    const outgoing request = employer_.request_for(t);
    measure::recorder recorder{record, employer_.recording()};
    recorder.set(moment::intended, intended);
    co_await exchange_.run(request, recorder);
    employer_.on_ended(record);
}

}  // namespace lmstress::load
