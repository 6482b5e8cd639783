#include "analyze/server_view.hpp"

#include "measure/distribution.hpp"
#include "measure/request_metrics.hpp"

#include <array>

namespace lmstress::analyze {
namespace {

struct pair_of_figures {
    std::string_view name;
    std::string_view unit;
    std::string_view meaning;
    std::string_view ours;  // names of metrics
    std::string_view server;
};

constexpr std::array pairs = {
    pair_of_figures{"TTFT", "ms",
                    "What ours has more is the way to the server and back, and what the server "
                    "does not count: mostly the wait for a slot.",
                    "ttft_ms", "server_ttft_ms"},
    pair_of_figures{"rate of a stream", "tokens/s",
                    "Ours leaves the first token out, for the wait for it is TTFT; a server may "
                    "count it in.",
                    "stream_tokens_per_second", "server_tokens_per_second"},
};

}  // namespace

std::vector<server_against_ours> against_server(const measured_level& level) {
    std::vector<server_against_ours> out;
    for (const pair_of_figures& p : pairs) {
        const auto ours = measure::request_metric_named(p.ours)->of;
        const auto servers = measure::request_metric_named(p.server)->of;
        measure::metric_sample a;
        measure::metric_sample b;
        measure::metric_sample difference;
        for (const request_record& r : level.requests) {
            if (r.phase != run_phase::measured || r.from_cache) continue;
            const auto here = ours(r);
            const auto there = servers(r);
            if (!here || !there) continue;
            a.known.push_back(*here);
            b.known.push_back(*there);
            difference.known.push_back(*here - *there);
        }
        if (a.known.empty()) continue;
        out.push_back({p.name, p.unit, p.meaning, *measure::distribution_of(std::move(a)),
                       *measure::distribution_of(std::move(b)),
                       *measure::distribution_of(std::move(difference))});
    }
    return out;
}

}  // namespace lmstress::analyze
