#include "load/response_cache.hpp"

#include <algorithm>
#include <chrono>

namespace lmstress::load {

std::optional<nanoseconds> response_cache::find(const outgoing& request) const {
    const auto found = took_.find({request.api, request.body});
    return found == took_.end() ? std::nullopt : std::optional{found->second};
}

void response_cache::keep(const outgoing& request, const request_record& ended) {
    const auto took = ended.moments.between(moment::send_start, moment::end);
    if (ended.ended != outcome::completed || !took || took_.size() == most) return;
    // A server that answers in no time would have its repetitions take none.
    constexpr nanoseconds least = std::chrono::milliseconds{1};
    took_.try_emplace({request.api, request.body}, std::max(*took, least));
}

}  // namespace lmstress::load
