#include "measure/length_fold.hpp"

#include "measure/distribution.hpp"

namespace lmstress::measure {

void length_fold::add(const request_record& r) {
    if (!r.asked_tokens) return;
    if (!r.input_tokens) {
        uncounted_ += r.ended == outcome::completed;
        return;
    }
    const auto asked = static_cast<double>(*r.asked_tokens);
    const auto achieved = static_cast<double>(*r.input_tokens);
    asked_.push_back(asked);
    achieved_.push_back(achieved);
    ratios_.push_back(achieved / asked);
}

std::optional<prompt_lengths> length_fold::result() const {
    if (asked_.empty() && uncounted_ == 0) return std::nullopt;
    prompt_lengths l{.requests = asked_.size(), .uncounted = uncounted_};
    const auto median = [](const std::vector<double>& of) {
        return distribution_of({.known = of, .cut = {}}).value_or(distribution{}).p50;
    };
    if (asked_.empty()) return l;
    l.asked_p50 = median(asked_);
    l.achieved_p50 = median(achieved_);
    l.ratio_p50 = median(ratios_);
    return l;
}

}  // namespace lmstress::measure
