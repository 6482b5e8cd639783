#include "support/folded_level.hpp"

#include "measure/level_fold.hpp"

#include <utility>

namespace test {

using namespace lmstress;

analyze::measured_level folded_level(const level_setup& setup, std::vector<request_record> requests,
                                     nanoseconds end) {
    measure::level_fold fold{setup};
    for (std::size_t i = 0; i < requests.size(); ++i) {
        requests[i].index = i;
        fold.add(requests[i]);
    }
    analyze::measured_level level;
    level.summary = fold.result({.window_begin = nanoseconds{0}, .window_end = end});
    level.requests = std::move(requests);
    return level;
}

}  // namespace test
