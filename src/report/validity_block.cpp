#include "report/validity_block.hpp"

#include "measure/request_sums.hpp"
#include "report/api_differences.hpp"
#include "report/interval_table.hpp"
#include "report/level_name.hpp"
#include "report/text_table.hpp"
#include "report/wrapped.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::report {
namespace {

using measure::bound;
using measure::validity;

/// " at 16 streams", where there are others.
std::string at_level(const bound& b, const run_summary& run) {
    if (!b.level || run.levels.size() < 2) return {};
    return " at " + level_place(run.levels[*b.level], apis_of(run).size() > 1);
}

std::string limit_text(const bound& b, double scale, std::string_view unit) {
    if (std::isinf(b.limit)) return "no limit";
    const double limit = b.limit * scale;
    constexpr double least_shown = 0.005;
    const bool tiny = limit > 0 && limit < least_shown;
    return fmt::format("limit {}{}", tiny ? fmt::format("{:g}", limit) : number_text(limit), unit);
}

/// "p99 0.11 ms (limit 1.00) at 16 streams"
std::string lag_text(const bound& b, const std::optional<distribution>& seen,
                     std::string_view value, const run_summary& run) {
    if (b.value) {
        return fmt::format("{} {} ms ({}){}", b.quantile, number_text(*b.value),
                           limit_text(b, 1, ""), at_level(b, run));
    }
    const std::uint64_t again = measure::counts_of(run.levels).retried;
    if (!seen && value == "send" && again > 0) {
        return fmt::format("not known of {} that {} sent again", wire::plural(again, "request"),
                           again == 1 ? "was" : "were");
    }
    if (!seen) return fmt::format("no {}s", value);
    return fmt::format("{} {} too few for a p99, the latest {} ms",
                       wire::plural(seen->count, value), seen->count == 1 ? "is" : "are",
                       number_text(seen->max));
}

/// Of the level with the latest of them.
std::optional<distribution> latest_sends(const run_summary& run) {
    std::optional<distribution> latest;
    for (const level_summary& level : run.levels) {
        const distribution* lag = level.metric("send_lag_ms");
        if (lag != nullptr && (!latest || lag->max > latest->max)) latest = *lag;
    }
    return latest;
}

std::string clock_text(const validity& v) {
    if (v.events == 0) return "no event";
    const std::uint64_t kernel = v.events - v.user_events;
    if (v.user_events == 0) {
        return fmt::format("the kernel timed {} of {} events", kernel, v.events);
    }
    return fmt::format("the kernel timed {} of {} events, this process the others", kernel,
                       v.events);
}

/// "15.8 (+0.1)": the mean, and by how much more they were in the end than in the beginning.
std::string in_flight_text(const load_figures& l) {
    const std::string mean = number_text(l.in_flight_mean);
    return l.in_flight_growth ? fmt::format("{} ({:+.1f})", mean, *l.in_flight_growth) : mean;
}

/// Of each level what was asked for, what of it was reached, and how many were in flight.
std::string load_text(const run_summary& run) {
    std::string asked;
    std::string achieved;
    std::string in_flight;
    const auto add = [](std::string& list, const std::string& one) {
        list += (list.empty() ? "" : ", ") + one;
    };
    for (const level_summary& level : run.levels) {
        if (level.setup.target.api != run.levels.front().setup.target.api) continue;
        add(asked, level_number(level.setup));
        if (!level.load) continue;
        add(in_flight, in_flight_text(*level.load));
        if (level.load->achieved_rate) add(achieved, number_text(*level.load->achieved_rate));
    }
    const std::string_view unit = asked == "1" && !is_open(run) ? "stream" : level_unit(run);
    std::string text = fmt::format("{} {} asked for", asked, unit);
    if (!achieved.empty()) text += ", " + achieved + " achieved";
    if (!in_flight.empty()) text += "; in flight " + in_flight;
    return text;
}

/// Of each level whether its window began with a warm-up, and how TTFT went along it.
std::string steady_text(const run_summary& run) {
    const auto unknown = [](const level_summary& level) { return !level.steady; };
    if (std::all_of(run.levels.begin(), run.levels.end(), unknown)) {
        return "too few requests to say how TTFT went over the window";
    }
    std::string text;
    for (const level_summary& level : run.levels) {
        text += text.empty() ? "TTFT over the window " : ", ";
        if (unknown(level)) {
            text += "not known";
        } else if (level.steady->transient_seconds > 0) {
            text += fmt::format("a warm-up of {:.0f} s", level.steady->transient_seconds);
        } else {
            text += fmt::format("{:+.0f} % ({})", 100 * level.steady->ttft_change,
                                level.steady->drifts ? "a drift" : "no drift");
        }
    }
    return text;
}

std::string client_text(const run_summary& run, const validity& v) {
    const bound& cpu = v.at("client_cpu_share");
    std::string text = cpu.value ? fmt::format("{:.0f} % of a core ({}){}", 100 * *cpu.value,
                                               std::isinf(cpu.limit)
                                                   ? std::string{"no limit"}
                                                   : fmt::format("limit {:.0f}", 100 * cpu.limit),
                                               at_level(cpu, run))
                                 : std::string{"less than a second, too short for a CPU share"};
    if (v.max_rss_bytes > 0) text += ", " + bytes_text(v.max_rss_bytes);
    return text;
}

std::string outcome_text(const run_summary& run) {
    const request_counts sum = measure::counts_of(run.levels);
    return fmt::format("{} offered = {} completed + {} failed + {} timed out + {} shed + {} cut",
                       sum.offered, sum.completed, sum.failed, sum.timed_out, sum.shed,
                       sum.censored);
}

std::string event_text(const run_summary& run, const validity& v) {
    std::optional<double> least;
    std::optional<double> most;
    for (const level_summary& level : run.levels) {
        if (!level.tokens_per_event) continue;
        least = std::min(least.value_or(*level.tokens_per_event), *level.tokens_per_event);
        most = std::max(most.value_or(*level.tokens_per_event), *level.tokens_per_event);
    }
    std::string text;
    if (least) {
        const std::string from = number_text(*least);
        const std::string to = number_text(*most);
        text = (from == to ? from : from + " to " + to) + " tokens each, ";
    }
    return text + fmt::format(
                      "{} of {} in one read with an earlier one, {} of unknown type, {} "
                      "gaps over an hour",
                      v.coalesced_events, v.events, v.unknown_events, v.histogram_overflow);
}

template <class T>
std::string setting_text(std::string_view name, const server_setting<T>& s) {
    if (!s.confirmed && !s.requested) return {};
    const auto word = [](const std::optional<T>& v) {
        if (!v) return std::string{"not told"};
        if constexpr (std::is_same_v<T, bool>) {
            return std::string{*v ? "on" : "off"};
        } else {
            return std::to_string(*v);
        }
    };
    std::string text = fmt::format("{} {}", name, word(s.confirmed));
    if (s.requested) text += fmt::format(" (asked for {})", word(s.requested));
    return text;
}

std::string server_text(const level_summary& level) {
    const server_settings& s = level.setup.server;
    std::string text = "model " + level.setup.target.model;
    for (const std::string& one :
         {setting_text("parallel", s.parallel), setting_text("unified KV", s.unified_kv),
          setting_text("context", s.context_length)}) {
        if (!one.empty()) text += ", " + one;
    }
    return text;
}

/// Of the slowest level's requests; empty where the platform does not say.
std::string network_text(const run_summary& run) {
    network_figures sum;
    double slowest = 0;
    for (const level_summary& level : run.levels) {
        if (!level.network) continue;
        sum.requests += level.network->requests;
        sum.retransmits += level.network->retransmits;
        sum.out_of_order += level.network->out_of_order;
        sum.connect_retransmits += level.network->connect_retransmits;
        const distribution* trips = level.metric("round_trip_ms");
        if (trips != nullptr) slowest = std::max(slowest, trips->p50);
    }
    if (sum.requests == 0) return {};
    std::string text = fmt::format("round trip {} ms (median), {} sent again, {} out of order",
                                   number_text(slowest), wire::plural(sum.retransmits, "segment"),
                                   sum.out_of_order);
    if (sum.connect_retransmits > 0) {
        text += fmt::format(", {} of them for a connection", sum.connect_retransmits);
    }
    return text;
}

}  // namespace

std::vector<std::string> reasons(const run_summary& run, const validity& v) {
    std::vector<std::string> out;
    const bool several = apis_of(run).size() > 1;
    for (const bound& b : v.bounds) {
        if (b.holds) continue;
        const std::string place = b.level ? level_place(run.levels[*b.level], several) + ": " : "";
        out.push_back(place + b.sentence);
    }
    return out;
}

std::string validity_block(const run_summary& run, const validity& v, int width) {
    if (run.levels.empty()) return {};
    const auto off = std::count_if(v.bounds.begin(), v.bounds.end(),
                                   [](const bound& b) { return std::isinf(b.limit); });
    std::string out = !v.valid() ? "validity: INVALID\n"
                      : off == 0
                          ? "validity: every bound holds\n"
                          : fmt::format("validity: every bound that is set holds ({} off)\n", off);
    const auto line = [&](std::string_view subject, const std::string& text) {
        if (!text.empty()) out += wrapped(text, width, fmt::format("  {:<11}", subject));
    };
    line("load", load_text(run));
    if (is_open(run))
        line("send lag", lag_text(v.at("send_lag_p99_ms"), latest_sends(run), "send", run));
    if (const bound& b = v.at("little_residual"); b.value) {
        line("Little", fmt::format("{:.1f} % off ({}){}", 100 * *b.value, limit_text(b, 100, ""),
                                   at_level(b, run)));
    }
    line("steady", steady_text(run));
    line("read lag",
         lag_text(v.at("read_lag_p99_ms"), v.read_lag_ms, "read", run) + "; " + clock_text(v));
    line("event loop", lag_text(v.at("event_loop_lag_p99_ms"), v.event_loop_lag_ms, "tick", run));
    line("client", client_text(run, v));
    line("network", network_text(run));
    line("outcomes", outcome_text(run));
    line("events", event_text(run, v));
    line("server", server_text(run.levels.front()));
    line("run",
         fmt::format("seed {}; the scenario as in effect is in summary.json", run.setup.seed));
    return out;
}

}  // namespace lmstress::report
