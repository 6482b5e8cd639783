#include "load/run.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace lmstress::load {

run::run(run_context& context, level_setup common)
    : context_(context), common_(std::move(common)) {}

boost::asio::awaitable<std::vector<request_record>> run::prepare() {
    std::vector<request_record> records;
    lone_request alone{context_};
    alone_ = &alone;
    if (context_.cold) {
        context_.live.begin_model_load(context_.time.now() - context_.run_start);
        workload::script first = script_of(context_, context_.lanes.front(), 0, 0);
        request_record loaded = co_await alone.go(0, std::move(first));
        records.push_back(std::move(loaded));
        if (context_.after_load && !over_early()) co_await context_.after_load(common_.server);
    }
    const std::function<bool()> go_on = [this] { return !over_early(); };
    std::vector<request_record> counted = co_await calibrate(context_, alone, go_on);
    std::move(counted.begin(), counted.end(), std::back_inserter(records));
    alone_ = nullptr;
    // They belong to a level, whatever they came to.
    if (!records.empty() && context_.levels.empty()) context_.levels = {1};
    co_return records;
}

boost::asio::awaitable<void> run::go() {
    std::vector<request_record> earlier = co_await prepare();
    std::uint32_t index = 0;
    for (std::size_t i = 0; i < context_.levels.size(); ++i) {
        std::optional<arrival_plan> plan;
        if (context_.settings.load.arrivals.is_open()) plan = plan_of(i);
        std::vector<level_setup> lanes;
        for (const lane& l : context_.lanes) {
            lanes.push_back(common_);
            lanes.back().target.api = l.api->name;
            lanes.back().left_out = l.left_out;
            lanes.back().calibration = l.calibration;
            lanes.back().index = index++;
            lanes.back().concurrency = context_.levels[i];
            if (plan) lanes.back().open = plan->load;
        }
        std::optional<std::vector<nanoseconds>> arrivals;
        if (plan) arrivals = std::move(plan->at);
        level here{context_, std::move(lanes), std::move(arrivals)};
        current_ = &here;
        if (over_early()) here.drain();
        co_await here.run(earlier);
        current_ = nullptr;
        earlier.clear();
        const bool last = index == context_.levels.size() * context_.lanes.size();
        if (!last && context_.lost.empty() && context_.lost_after_levels) {
            context_.lost = context_.lost_after_levels(context_.lanes.size());
        }
        if (over_early()) break;
    }
    state_ = state::reporting;
}

arrival_plan run::plan_of(std::size_t level) const {
    return plan_arrivals(context_.settings.load, level, context_.settings.workload.seed,
                         context_.lanes.size(), context_.prompts.trace());
}

bool run::over_early() const {
    return state_ != state::running || context_.hopeless || context_.given_up ||
           !context_.lost.empty() || context_.ended_by.has_value();
}

void run::interrupt() {
    interrupted_ = true;
    switch (state_) {
        case state::running:
            state_ = state::draining;
            if (current_ != nullptr) current_->drain();
            if (alone_ != nullptr) alone_->drain();
            break;
        case state::draining:
            state_ = state::stopping;
            if (current_ != nullptr) current_->stop();
            if (alone_ != nullptr) alone_->abort();
            break;
        case state::stopping:
        case state::reporting:
            break;
    }
}

}  // namespace lmstress::load
