#include "analyze/own_error.hpp"

#include "measure/distribution.hpp"

#include <algorithm>
#include <cmath>

namespace lmstress::analyze {
namespace {

double to_ms(std::int64_t ns) {
    return static_cast<double>(ns) / 1e6;
}

/// Over the SDK's socket a request has the number of its channel, and no id of ours.
const true_request* truth_of(const request_record& r, const truth_by_request& truth) {
    auto found = truth.find(r.request_id);
    if (found == truth.end()) found = truth.find(std::to_string(r.index + 1) + "@sdk");
    return found == truth.end() ? nullptr : &found->second;
}

}  // namespace

void own_error_fold::add(const request_record& r, const truth_by_request& truth) {
    if (r.retries > 0 || r.from_cache || r.event_times.empty()) return;
    const true_request* t = truth_of(r, truth);
    const bool whole = r.ended == outcome::completed;
    if (t == nullptr || r.event_times.size() > t->tokens.size() ||
        (whole && r.event_times.size() != t->tokens.size())) {
        ++strange_;
        return;
    }
    const auto ttft = r.moments.between(moment::send_start, moment::first_token);
    if (ttft) {
        ttft_.push_back(to_ms(ttft->count()));
        true_ttft_.push_back(to_ms(t->tokens.front() - t->kernel_ns));
        ttft_error_.push_back(ttft_.back() - true_ttft_.back());
    }
    add_gaps(r, *t);
}

void own_error_fold::add_gaps(const request_record& r, const true_request& t) {
    first_ns_ = std::min(first_ns_.value_or(t.tokens.front()), t.tokens.front());
    last_ns_ = std::max(last_ns_, t.tokens[r.event_times.size() - 1]);
    tokens_ += r.event_times.size();
    for (std::size_t i = 1; i < r.event_times.size(); ++i) {
        gaps_.push_back(to_ms((r.event_times[i] - r.event_times[i - 1]).count()));
        true_gaps_.push_back(to_ms(t.tokens[i] - t.tokens[i - 1]));
        gap_error_.push_back(std::abs(gaps_.back() - true_gaps_.back()));
    }
}

own_error own_error_fold::result() const {
    const auto of = [](const std::vector<double>& known) {
        return measure::distribution_of({.known = known, .cut = {}});
    };
    own_error e{.requests = ttft_.size(),
                .gaps = gaps_.size(),
                .strange = strange_,
                .ttft_ms = of(ttft_),
                .true_ttft_ms = of(true_ttft_),
                .ttft_error_ms = of(ttft_error_),
                .gap_ms = of(gaps_),
                .true_gap_ms = of(true_gaps_),
                .gap_error_ms = of(gap_error_)};
    if (first_ns_ && last_ns_ > *first_ns_) {
        e.events_per_second =
            static_cast<double>(tokens_) / (static_cast<double>(last_ns_ - *first_ns_) / 1e9);
    }
    return e;
}

}  // namespace lmstress::analyze
