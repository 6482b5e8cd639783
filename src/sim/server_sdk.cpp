// What the SDK's socket asks of the server (sdk_session speaks for it), and the loads it waits for.

#include "sim/request_json.hpp"
#include "sim/server.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace lmstress::sim {

namespace {

constexpr int quarters = 4;  // a load tells its progress so many times

}  // namespace

bool server::admits(std::string_view name, std::string_view key) const {
    // The token that a user gets is both of them: lms-shared-types/src/lmstudioAPIToken.ts.
    return settings_.api_token.empty() ||
           settings_.api_token == "sk-lm-" + std::string{name} + ":" + std::string{key};
}

void server::begin_load(const model_entry& model, const std::string& id, const engine_settings& s,
                        const instance_settings& set, load_listener& to, std::uint64_t channel,
                        instant now) {
    instance& made = models_.load(model, s, now + load_time(), settings_.load_seconds, id);
    made.set = set;
    sdk_loads_.push_back({&to, channel, made.id, now});
}

instant server::due_of(const sdk_load& l, const instance& on) {
    return l.began + (on.ready_at - l.began) / quarters * l.quarter +
           (l.quarter == quarters ? (on.ready_at - l.began) % quarters : nanoseconds{0});
}

void server::tell_loads(instant now) {
    std::vector<std::pair<sdk_load, const instance*>> ended;
    for (sdk_load& l : sdk_loads_) {
        const instance* on = models_.find_instance(l.instance_id);
        while (l.quarter <= quarters && due_of(l, *on) <= now) {
            l.to->on_load_progress(l.channel, static_cast<double>(l.quarter) / quarters);
            ++l.quarter;
        }
        if (l.quarter > quarters) ended.emplace_back(l, on);
    }
    std::erase_if(sdk_loads_, [](const sdk_load& l) { return l.quarter > quarters; });
    for (const auto& [l, on] : ended) l.to->on_loaded(l.channel, *on);
}

/// A model with a time to live goes when nobody has asked it for so long.
void server::evict_unused(instant now) {
    std::vector<std::string> unused;
    for (const instance& i : models_.instances()) {
        const auto at = i.evicted_at();
        if (at && *at <= now) unused.push_back(i.id);
    }
    for (const std::string& id : unused) unload(id, now);
}

void server::cancel_load(const load_listener& to, std::uint64_t channel) {
    const auto found = std::find_if(sdk_loads_.begin(), sdk_loads_.end(), [&](const sdk_load& l) {
        return l.to == &to && l.channel == channel;
    });
    if (found == sdk_loads_.end()) return;
    const sdk_load cancelled = *found;
    sdk_loads_.erase(found);
    unload(cancelled.instance_id, latest_);
    cancelled.to->on_load_failed(cancelled.channel, "Model loading aborted.");
}

void server::predict(std::unique_ptr<generation> answer, const std::string& instance_id,
                     instant now, std::optional<fault> struck_by) {
    const auto delay = struck_by ? delay_of(*struck_by, now) : std::nullopt;
    if (delay) {
        // The reply is that of whoever owns it; the generation only refers to it.
        delayed_chat& late = delayed_.emplace_back();
        late.to = answer->to();
        late.struck_by = *struck_by;
        late.due = *delay;
        late.answer = std::move(answer);
        late.instance_id = instance_id;
        return;
    }
    if (struck_by && befall(*answer, *struck_by, next_job_, now)) return;
    begin_prediction(std::move(answer), instance_id, now, struck_by);
}

void server::begin_prediction(std::unique_ptr<generation> answer, const std::string& instance_id,
                              instant now, std::optional<fault> struck_by) {
    instance* on = models_.find_instance(instance_id);
    if (on == nullptr) return answer->fail(model_unloaded, now);  // while a fault delayed it
    const job_id id = next_job_++;
    answer->runs_with(on->runs.settings().context_length);
    answer->open(struck_by == fault::wrong_model ? std::string{another_model} : instance_id, now);
    generations_.emplace(id, running{instance_id, std::move(answer), struck_by});
    submit(id, *on, now);
}

void server::cancel_prediction(const reply& to, instant now) {
    for (auto& [id, r] : generations_) {
        if (r.answer->to() != &to) continue;
        if (instance* on = models_.find_instance(r.instance_id)) on->runs.cancel(id);
        r.answer->cancel(now);
        generations_.erase(id);
        return;
    }
    std::erase_if(delayed_, [&](const delayed_chat& d) {
        if (d.to != &to) return false;
        d.answer->cancel(now);
        return true;
    });
}

void server::hear_messages(chat& c, const boost::json::value& messages) const {
    listen(c, {}, messages, template_tokens);
}

void server::hear_text(chat& c, const boost::json::value& text) const {
    listen(c, {}, text, 0);
}

std::string server::keep_file(std::string_view name) {
    std::string identifier = fmt::format("{}-{}", next_file_++, name);
    files_.insert(identifier);
    return identifier;
}

bool server::has_file(std::string_view identifier) const {
    return files_.contains(identifier);
}

void server::forget_load(const load_listener& to) {
    // A client that goes away ends the load that it wanted.
    std::vector<std::string> given_up;
    std::erase_if(sdk_loads_, [&](const sdk_load& l) {
        if (l.to != &to) return false;
        given_up.push_back(l.instance_id);
        return true;
    });
    for (const std::string& id : given_up) unload(id, latest_);
}

}  // namespace lmstress::sim
