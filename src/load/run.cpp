#include "load/run.hpp"

#include <optional>

namespace lmstress::load {

run::run(run_context& context, level_setup common)
    : context_(context), common_(std::move(common)) {}

boost::asio::awaitable<void> run::go() {
    std::optional<request_record> earlier;
    if (context_.cold) {
        model_load loads{context_};
        loading_ = &loads;
        context_.live.begin_model_load(context_.time.now() - context_.run_start);
        earlier = co_await loads.go();
        loading_ = nullptr;
        if (context_.after_load && !over_early()) co_await context_.after_load(common_.server);
        // The request belongs to a level, whatever it came to.
        if (context_.levels.empty()) context_.levels = {1};
    }
    std::uint32_t index = 0;
    for (std::size_t i = 0; i < context_.levels.size(); ++i) {
        std::optional<arrival_plan> plan;
        if (context_.settings.load.arrivals.is_open()) plan = plan_of(i);
        std::vector<level_setup> lanes;
        for (const lane& l : context_.lanes) {
            lanes.push_back(common_);
            lanes.back().target.api = l.api->name;
            lanes.back().left_out = l.left_out;
            lanes.back().index = index++;
            lanes.back().concurrency = context_.levels[i];
            if (plan) lanes.back().open = plan->load;
        }
        std::optional<std::vector<nanoseconds>> arrivals;
        if (plan) arrivals = std::move(plan->at);
        level here{context_, std::move(lanes), std::move(arrivals)};
        current_ = &here;
        if (over_early()) here.drain();
        co_await here.run(earlier ? &*earlier : nullptr);
        current_ = nullptr;
        earlier.reset();
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
           context_.ended_by.has_value();
}

void run::interrupt() {
    interrupted_ = true;
    switch (state_) {
        case state::running:
            state_ = state::draining;
            if (current_ != nullptr) current_->drain();
            if (loading_ != nullptr) loading_->drain();
            break;
        case state::draining:
            state_ = state::stopping;
            if (current_ != nullptr) current_->stop();
            if (loading_ != nullptr) loading_->abort();
            break;
        case state::stopping:
        case state::reporting:
            break;
    }
}

}  // namespace lmstress::load
