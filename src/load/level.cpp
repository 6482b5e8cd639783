#include "load/level.hpp"

#include "measure/distribution.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace lmstress::load {

namespace asio = boost::asio;

namespace {

/// An arrival that this process is later for than this is not sent: several at once would be a
/// burst that nobody asked for. Ten times the send lag with which a run is valid, so that what a
/// busy machine does now and then costs no arrival.
constexpr nanoseconds longest_lateness = std::chrono::milliseconds{100};

}  // namespace

level::level(run_context& run, std::vector<level_setup> lanes,
             std::optional<std::vector<nanoseconds>> arrivals)
    : run_(run),
      lanes_(std::move(lanes)),
      begin_(run.time.now()),
      arrivals_(std::move(arrivals)),
      schedule_({.begin = begin_,
                 .warmup = run.settings.load.warmup_in_effect(),
                 .think_time = run.settings.load.think_time,
                 .workers = lanes_.front().concurrency}),
      self_(run.time, window_),
      window_over_(run.time, [this] { drain(); }),
      grace_over_(run.time, [this] { stop(); }),
      all_ended_(run.time),
      dispatcher_(run.time),
      read_lag_(lanes_.size()),
      in_flight_time_(lanes_.size()),
      ended_(lanes_.size()),
      fastest_(lanes_.size(), nanoseconds::max()) {}

level::~level() = default;

asio::awaitable<void> level::run(std::span<const request_record> earlier) {
    const load_settings& load = run_.settings.load;
    wanted_ = wanted_by_settings();
    if (!draining_) window_.begin = begin_ + load.warmup_in_effect();
    if (!draining_ && !load.ends_with_arrivals()) {
        window_.end = window_.begin + load.duration_in_effect();
        // In an open loop those that are due before it go first, however late.
        if (!arrivals_) window_over_.set(window_.end);
    }
    show_begin();
    run_.results.on_level_begin(lanes_, course());
    for (const request_record& record : earlier) run_.results.on_record(record);
    self_.begin();
    start_workers();
    const bool never = co_await all_ended_.until_interrupted();
    static_cast<void>(never);
    window_over_.cancel();
    grace_over_.cancel();
    const client_figures self = self_.end();
    if (fault_) std::rethrow_exception(fault_);
    level_course over = course();
    over.client = self;
    std::vector<level_course> courses(lanes_.size(), over);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        courses[lane].client->read_lag = measure::sparse_of(read_lag_[lane]);
        courses[lane].in_flight_time = in_flight_time_[lane];
    }
    run_.results.on_level_end(lanes_, courses);
}

void level::start_workers() {
    working_ = 1;  // this: none of them is the last before all have begun
    if (arrivals_) {
        set_going(dispatch(), nullptr);
    } else {
        for (std::uint32_t i = 0; i < lanes_.front().concurrency; ++i) {
            set_going(hire().run(), nullptr);
        }
    }
    on_worker_ended();
}

worker& level::hire() {
    const exchange::surroundings s = run_.surroundings();
    worker::employer& employed = *this;
    const auto number = static_cast<std::uint32_t>(workers_.size());
    workers_.push_back(std::make_unique<worker>(number, s, schedule_, employed));
    if (run_.settings.request.response_cache) workers_.back()->remember_in(run_.answered);
    return *workers_.back();
}

void level::set_going(asio::awaitable<void> work, worker* idle_after) {
    ++working_;
    asio::co_spawn(run_.executor, std::move(work),
                   [this, idle_after](const std::exception_ptr& failed) {
                       // What a server does is an outcome; what throws is a fault of this program.
                       // The others are ended first, so that nothing they use goes before them.
                       if (failed && !fault_) fault_ = failed;
                       if (failed) stop();
                       if (idle_after != nullptr) idle_.push_back(idle_after);
                       on_worker_ended();
                   });
}

void level::on_worker_ended() {
    if (--working_ == 0) all_ended_.interrupt();
}

asio::awaitable<void> level::dispatch() {
    std::size_t next = 0;
    for (; next < arrivals_->size(); ++next) {
        const instant intended = begin_ + (*arrivals_)[next];
        const bool in_time = co_await dispatcher_.until(intended);
        if (!in_time) break;
        arrive(intended);
    }
    // Somebody ended it: what was due by then was offered, and nothing comes of it.
    for (; next < arrivals_->size() && begin_ + (*arrivals_)[next] < run_.time.now(); ++next) {
        arrive(begin_ + (*arrivals_)[next]);
    }
    if (wanted_ == 0) drain();  // all of them came in the warm-up
    if (draining_ || window_.end == instant::max()) co_return;
    const bool over = co_await dispatcher_.until(window_.end);
    if (over) drain();
}

void level::arrive(instant intended) {
    run_.live.request_arrived();
    const instant now = run_.time.now();
    ticket right = next_ticket(intended, true);
    talk begun = begin_talk(right.phase);
    right.lane = begun.lane;
    arrival who{right, std::move(begun), intended};
    if (draining_) return leave_unsent(who, outcome::censored, now);
    const bool late = now - intended > longest_lateness;
    if (late && !run_.settings.load.arrivals.catch_up) {
        return leave_unsent(who, outcome::shed, now);
    }
    worker* const free = free_worker();
    if (free == nullptr) return leave_unsent(who, outcome::shed, std::nullopt);
    set_going(free->serve(std::move(who)), free);
}

worker* level::free_worker() {
    if (!idle_.empty()) {
        worker* const last = idle_.back();
        idle_.pop_back();
        return last;
    }
    return workers_.size() < lanes_.front().concurrency ? &hire() : nullptr;
}

void level::leave_unsent(const arrival& who, outcome how, std::optional<instant> given_up) {
    request_record record;
    fill(who.right, who.begun, record);
    record.ended = how;
    record.moments.set(moment::intended, who.intended - run_.run_start);
    if (given_up) record.cut = *given_up - run_.run_start;
    run_.live.request_unsent(record.phase, how);
    run_.results.on_record(record);
    ask_whether_lost(record);
    if (last_index_ == record.index || !run_.lost.empty()) drain();
}

std::optional<ticket> level::admit(std::optional<talk>& under_way, instant at) {
    if (draining_ || at >= window_.end) return std::nullopt;
    const bool counts = !arrivals_;  // the number wanted is that of arrivals
    if (counts && wanted_ && at >= window_.begin && measured_ == *wanted_) return std::nullopt;
    ticket t = next_ticket(at, counts);
    if (!under_way) under_way = begin_talk(t.phase);
    t.lane = under_way->lane;
    return t;
}

ticket level::next_ticket(instant at, bool counts) {
    const ticket t{.index = run_.next_index++,
                   .phase = at < window_.begin ? run_phase::warmup : run_phase::measured};
    if (counts && wanted_ && t.phase == run_phase::measured && ++measured_ == *wanted_) {
        last_index_ = t.index;
    }
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
    if (bytes.source == clock_source::kernel && bytes.at >= window_.begin) {
        read_lag_[lane].record(bytes.lag);
    }
}

void level::on_left(std::uint32_t lane, instant sent, instant over) {
    const instant from = std::max(sent, window_.begin);
    const instant to = std::min(over, window_.end);
    if (from < to) in_flight_time_[lane] += to - from;
    fastest_[lane] = std::min(fastest_[lane], over - sent);
}

void level::on_ended(const request_record& record) {
    run_.results.on_record(record);
    note_end(run_, record);
    ask_whether_lost(record);
    if (run_.hopeless) stop();
    if (run_.given_up || !run_.lost.empty()) drain();
    // The last one may never have been sent.
    if (last_index_ == record.index) drain();
}

void level::ask_whether_lost(const request_record& record) {
    if (!run_.lost_after || record.phase != run_phase::measured || draining_) return;
    const std::uint32_t lane = record.level - lanes_.front().index;
    ++ended_[lane];
    run_.lost = run_.lost_after(record, most_of(lane));
}

/// The first requests may be slow ones, of a server that has yet to load a model or fill a cache:
/// of each stream there have to be a few before their pace says anything.
most_requests level::most_of(std::uint32_t lane) const {
    constexpr std::uint64_t few = 5;
    if (arrivals_) return {most_arrivals()};
    if (const auto each = run_.settings.load.requests) return {*each};
    const std::uint64_t streams = lanes_[lane].concurrency;
    if (ended_[lane] < few * streams) return {{}, false};
    const auto left = static_cast<double>((window_.end - run_.time.now()).count());
    const auto each = static_cast<double>(std::max<nanoseconds::rep>(fastest_[lane].count(), 1));
    const double more = static_cast<double>(streams) * std::ceil(1 + std::max(left, 0.0) / each);
    return {ended_[lane] + static_cast<std::uint64_t>(more), false};
}

/// The schedule of an open loop knows how many it has; each is a conversation.
std::uint64_t level::most_arrivals() const {
    constexpr std::uint64_t unknown = 1'000'000'000;
    if (run_.conversations != nullptr) return unknown;  // nobody has counted their turns
    const auto begin =
        std::lower_bound(arrivals_->begin(), arrivals_->end(), window_.begin - begin_);
    const auto end = window_.end == instant::max()
                         ? arrivals_->end()
                         : std::lower_bound(begin, arrivals_->end(), window_.end - begin_);
    const auto all = static_cast<std::uint64_t>(end - begin);
    return (all / lanes_.size() + 1) * run_.settings.workload.conversation.turns;
}

void level::end_window(instant at) {
    if (at < window_.begin) window_.begin = instant::max();  // cut in the warm-up: no window
    window_.end = std::min(window_.end, at);
    self_.window_over();
}

void level::drain() {
    if (draining_) return;
    draining_ = true;
    end_window(run_.time.now());
    dispatcher_.interrupt();
    for (const auto& w : workers_) w->drain();
    const instant cut = run_.time.now() + run_.settings.load.grace;
    grace_over_.set(cut);
    run_.live.begin_drain(cut - run_.run_start);
}

void level::stop() {
    drain();
    for (const auto& w : workers_) w->stop();
}

std::optional<std::uint64_t> level::wanted_by_settings() const {
    const load_settings& load = run_.settings.load;
    if (!load.ends_with_arrivals()) return std::nullopt;
    if (!arrivals_) return *load.requests * lanes_.size();
    const auto first =
        std::lower_bound(arrivals_->begin(), arrivals_->end(), load.warmup_in_effect());
    return static_cast<std::uint64_t>(arrivals_->end() - first);
}

void level::show_begin() {
    const level_course planned = course();
    const auto apis = static_cast<std::uint32_t>(lanes_.size());
    const auto& open = lanes_.front().open;
    run_.live.begin_level({.level = lanes_.front().index / apis + 1,
                           .levels = static_cast<std::uint32_t>(run_.levels.size()),
                           .streams = lanes_.front().concurrency,
                           .rate = open ? std::optional{open->requested_rate} : std::nullopt,
                           .begin = begin_ - run_.run_start,
                           .window_begin = planned.window_begin,
                           .window_end = planned.window_end,
                           .wanted_requests = wanted_});
}

level_course level::course() const {
    level_course c;
    if (window_.begin != instant::max()) c.window_begin = window_.begin - run_.run_start;
    if (c.window_begin && window_.end != instant::max())
        c.window_end = window_.end - run_.run_start;
    return c;
}

}  // namespace lmstress::load
