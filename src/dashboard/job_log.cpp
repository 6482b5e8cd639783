#include "dashboard/job_log.hpp"

#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lmstress::dashboard {

namespace json = boost::json;

namespace {

constexpr std::size_t most_messages = 100;
constexpr std::size_t longest_message = 2000;
/// Looks at a run that are kept: an hour of it, one a second. Of a longer one every second of the
/// earlier ones goes, again and again.
constexpr std::size_t most_looks = 3600;
constexpr std::size_t most_at_once = 256UL * 1024;

constexpr std::string_view name_of(job_log::state s) {
    switch (s) {
        case job_log::state::starting:
            return "starting";
        case job_log::state::running:
            return "running";
        case job_log::state::stopping:
            return "stopping";
        case job_log::state::ended:
            break;
    }
    return "ended";
}

}  // namespace

/// One page that follows it.
class job_log::reader final : public event_stream {
  public:
    reader(std::shared_ptr<job_log> of, std::uint64_t after) : of_(std::move(of)), seen_(after) {}

    std::string take() override {
        std::string out;
        auto at = std::partition_point(of_->events_.begin(), of_->events_.end(),
                                       [&](const event& e) { return e.id <= seen_; });
        for (; at != of_->events_.end() && out.size() < most_at_once; ++at) {
            out += at->text;
            seen_ = at->id;
        }
        return out;
    }
    bool ended() const override { return of_->has_ended() && seen_ >= of_->last_id_; }
    void when_there_is_more(std::function<void()> wake) override {
        of_->waiting_.push_back(std::move(wake));
    }

  private:
    std::shared_ptr<job_log> of_;
    std::uint64_t seen_;
};

std::shared_ptr<event_stream> job_log::follow(std::uint64_t after) {
    return std::make_shared<reader>(shared_from_this(), after);
}

std::string job_log::json() const {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("job", about_.number).field("scenario", about_.scenario);
    w.field("command", about_.command).field("state", name_of(state_));
    w.field("started_unix_ms", about_.started_unix_ms).field("ended_unix_ms", ended_unix_ms_);
    if (!about_.run_id.empty()) w.field("run_id", about_.run_id);
    w.field("exit_code", exit_code_);
    w.field("directory", left_nothing_ ? std::nullopt : std::optional{about_.directory});
    w.key("runs").begin_array();
    for (const std::int64_t id : runs_) w.value(id);
    w.end_array().key("messages").begin_array();
    for (const std::string& m : messages_) w.value(m);
    w.end_array().end_object();
    return out;
}

void job_log::add(std::string_view kind, std::string_view data, bool look) {
    ++last_id_;
    events_.push_back(
        {last_id_, look, fmt::format("id: {}\nevent: {}\ndata: {}\n\n", last_id_, kind, data)});
    if (look && ++looks_ > most_looks) thin_out();
    for (const auto& wake : std::exchange(waiting_, {})) wake();
}

void job_log::thin_out() {
    bool keep = false;
    std::erase_if(events_, [&](const event& e) {
        if (!e.look || e.id == last_id_) return false;
        keep = !keep;
        return !keep;
    });
    looks_ = static_cast<std::size_t>(
        std::count_if(events_.begin(), events_.end(), [](const event& e) { return e.look; }));
}

void job_log::changed() {
    add(state_ == state::ended ? "end" : "job", json());
}

void job_log::progress(std::string_view line) {
    json::error_code ec;
    const json::value v = json::parse(line, ec);
    const json::object* o = ec ? nullptr : v.if_object();
    const json::value* kind = o == nullptr ? nullptr : o->if_contains("event");
    if (kind == nullptr || !kind->is_string()) return;
    const std::string_view name{kind->get_string()};
    if (name != "begin" && name != "progress" && name != "run_end") return;
    if (state_ == state::starting) {
        state_ = state::running;
        changed();
    }
    json::object data = *o;
    data.stable_erase("event");
    add(name, wire::json_text(data), name == "progress");
    const json::value* id = name == "run_end" ? data.if_contains("id") : nullptr;
    if (id == nullptr || !id->is_int64()) return;
    runs_.push_back(id->get_int64());
    changed();
}

void job_log::message(std::string_view line) {
    messages_.emplace_back(line.substr(0, longest_message));
    if (messages_.size() > most_messages) messages_.pop_front();
    std::string data;
    wire::json_writer{data}.begin_object().field("text", messages_.back()).end_object();
    // There may be many of them as well.
    add("message", data, true);
}

void job_log::stopping() {
    if (state_ == state::ended) return;
    state_ = state::stopping;
    changed();
}

void job_log::add_runs(const std::vector<std::int64_t>& ids) {
    runs_.insert(runs_.end(), ids.begin(), ids.end());
}

void job_log::end(int exit_code, std::int64_t unix_ms) {
    state_ = state::ended;
    exit_code_ = exit_code;
    ended_unix_ms_ = unix_ms;
    changed();
}

}  // namespace lmstress::dashboard
