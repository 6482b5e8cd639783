#include "load/level.hpp"

#include "net/platform.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace lmstress::load {

namespace asio = boost::asio;

level::level(run_context& run, std::vector<level_setup> lanes)
    : run_(run),
      lanes_(std::move(lanes)),
      begin_(run.time.now()),
      schedule_({.begin = begin_,
                 .warmup = run.settings.load.warmup_in_effect(),
                 .think_time = run.settings.load.think_time,
                 .workers = lanes_.front().concurrency}),
      window_over_(run.time, [this] { drain(); }),
      grace_over_(run.time, [this] { stop(); }),
      all_ended_(run.time),
      read_lag_(lanes_.size()) {}

level::~level() = default;

asio::awaitable<void> level::run(std::span<const request_record> earlier) {
    const load_settings& load = run_.settings.load;
    if (!draining_) window_.begin = begin_ + load.warmup_in_effect();
    if (!draining_ && !load.requests) {
        window_.end = window_.begin + load.duration;
        window_over_.set(window_.end);
    }
    show_begin();
    run_.results.on_level_begin(lanes_, course());
    for (const request_record& record : earlier) run_.results.on_record(record);
    const auto before = net::platform::process_now();
    start_workers();
    if (working_ > 0) {
        const bool never = co_await all_ended_.until_interrupted();
        static_cast<void>(never);
    }
    window_over_.cancel();
    grace_over_.cancel();
    if (fault_) std::rethrow_exception(fault_);
    const auto after = net::platform::process_now();
    std::vector<level_course> courses(lanes_.size(), course());
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        courses[lane].client = client_figures{.cpu = after.cpu - before.cpu,
                                              .wall = run_.time.now() - begin_,
                                              .max_rss_bytes = after.max_rss_bytes,
                                              .read_lag = read_lag_[lane]};
    }
    run_.results.on_level_end(lanes_, courses);
}

void level::start_workers() {
    const exchange::surroundings s = run_.surroundings();
    worker::employer& employed = *this;
    working_ = lanes_.front().concurrency;
    for (std::uint32_t i = 0; i < lanes_.front().concurrency; ++i) {
        workers_.push_back(std::make_unique<worker>(i, s, schedule_, employed));
        if (run_.settings.request.response_cache) workers_.back()->remember_in(run_.answered);
        asio::co_spawn(run_.executor, workers_.back()->run(),
                       [this](const std::exception_ptr& failed) {
                           // What a server does is an outcome; what throws is a fault of this
                           // program. The others are ended first, so that nothing they use goes
                           // before them.
                           if (failed && !fault_) fault_ = failed;
                           if (failed) stop();
                           on_worker_ended();
                       });
    }
}

void level::on_worker_ended() {
    if (--working_ == 0) all_ended_.interrupt();
}

std::optional<ticket> level::admit(std::optional<talk>& under_way) {
    const instant now = run_.time.now();
    if (draining_ || now >= window_.end) return std::nullopt;
    ticket t{.index = run_.next_index,
             .phase = now < window_.begin ? run_phase::warmup : run_phase::measured};
    if (const auto wanted = wanted_requests(); wanted && t.phase == run_phase::measured) {
        if (measured_ == *wanted) return std::nullopt;
        if (++measured_ == *wanted) last_index_ = t.index;
    }
    ++run_.next_index;
    if (!under_way) under_way = begin_talk(t.phase);
    t.lane = under_way->lane;
    return t;
}

/// Answers of one length bring the streams into step: whoever always went first would always find
/// the server idle. So each round begins with the next lane, and the window with a whole round.
talk level::begin_talk(run_phase phase) {
    const auto n = static_cast<std::uint32_t>(lanes_.size());
    if (phase == run_phase::measured && !std::exchange(in_window_, true) && in_round_ > 0) {
        in_round_ = 0;
        ++round_;
    }
    const auto lane = static_cast<std::uint32_t>((round_ + in_round_) % n);
    talk begun{.number = run_.talks++,
               .lane = lane,
               .says = {script_of(run_, run_.lanes[lane], lanes_[lane].index, round_),
                        run_.lanes[lane].history}};
    if (++in_round_ < n) return begun;
    in_round_ = 0;
    ++round_;
    return begun;
}

outgoing level::request_for(const ticket& t, const talk& in) {
    return make_request(run_, run_.lanes[t.lane], in.says, t.index);
}

measure::recorder::options level::recording() const {
    return {.run_start = run_.run_start,
            .measured = &window_,
            .asked_model = run_.model,
            .keep_event_times = run_.settings.output.events,
            .hidden = &run_.hidden,
            .live = &run_.live};
}

void level::fill(const ticket& t, const talk& in, request_record& record) const {
    record.index = t.index;
    record.request_id = request_id(run_, t.index);
    record.level = lanes_[t.lane].index;
    record.phase = t.phase;
    record.inputs = inputs_of(run_, run_.lanes[t.lane]);
    if (in.says.asked_tokens() > 0) record.asked_tokens = in.says.asked_tokens();
    if (in.says.turns() > 1) {
        record.turn = conversation_turn{in.number, in.says.turn(), in.says.turns()};
    }
}

void level::on_sent(std::uint64_t index, instant at) {
    if (last_index_ != index || draining_) return;
    end_window(at);
    drain();
}

void level::on_read(std::uint32_t lane, const net::stamped_bytes& bytes) {
    if (bytes.source == clock_source::kernel) read_lag_[lane].record(bytes.lag);
}

void level::on_ended(const request_record& record) {
    run_.results.on_record(record);
    note_end(run_, record);
    if (run_.hopeless) stop();
    if (run_.given_up) drain();
    // The last one may never have been sent.
    if (last_index_ == record.index) drain();
}

void level::end_window(instant at) {
    if (at < window_.begin) window_.begin = instant::max();  // cut in the warm-up: no window
    window_.end = std::min(window_.end, at);
}

void level::drain() {
    if (draining_) return;
    draining_ = true;
    end_window(run_.time.now());
    for (const auto& w : workers_) w->drain();
    const instant cut = run_.time.now() + run_.settings.load.grace;
    grace_over_.set(cut);
    run_.live.begin_drain(cut - run_.run_start);
}

void level::stop() {
    drain();
    for (const auto& w : workers_) w->stop();
}

std::optional<std::uint64_t> level::wanted_requests() const {
    const auto each = run_.settings.load.requests;
    return each ? std::optional{*each * lanes_.size()} : std::nullopt;
}

void level::show_begin() {
    const level_course planned = course();
    const auto apis = static_cast<std::uint32_t>(lanes_.size());
    run_.live.begin_level({.level = lanes_.front().index / apis + 1,
                           .levels = static_cast<std::uint32_t>(run_.levels.size()),
                           .streams = lanes_.front().concurrency,
                           .begin = begin_ - run_.run_start,
                           .window_begin = planned.window_begin,
                           .window_end = planned.window_end,
                           .wanted_requests = wanted_requests()});
}

level_course level::course() const {
    level_course c;
    if (window_.begin != instant::max()) c.window_begin = window_.begin - run_.run_start;
    if (c.window_begin && window_.end != instant::max())
        c.window_end = window_.end - run_.run_start;
    return c;
}

}  // namespace lmstress::load
