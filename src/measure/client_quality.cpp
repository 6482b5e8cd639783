#include "measure/client_quality.hpp"

#include "measure/distribution.hpp"

namespace lmstress::measure {
namespace {

std::optional<distribution> in_ms(const sparse_histogram& h) {
    if (h.exact().total() == 0) return std::nullopt;
    dense_histogram dense;
    dense.merge(h);
    return distribution_of(dense);
}

}  // namespace

client_quality client_of(const level_summary& level) {
    if (!level.course.client) return {};
    const client_figures& c = *level.course.client;
    client_quality q{in_ms(c.read_lag), in_ms(c.loop_lag), {}};
    if (c.wall > nanoseconds{0}) {
        q.cpu_share = static_cast<double>(c.cpu.count()) / static_cast<double>(c.wall.count());
    }
    return q;
}

}  // namespace lmstress::measure
