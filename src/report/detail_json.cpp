#include "report/detail_json.hpp"

#include "analyze/batch.hpp"
#include "analyze/heatmap.hpp"
#include "analyze/interference.hpp"
#include "analyze/level_series.hpp"
#include "analyze/percentile_curve.hpp"
#include "analyze/request_phases.hpp"
#include "analyze/server_view.hpp"
#include "analyze/timeline.hpp"
#include "measure/error_kind.hpp"
#include "measure/request_metrics.hpp"
#include "report/advice.hpp"
#include "report/interference_text.hpp"
#include "report/interval_json.hpp"
#include "report/level_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lmstress::report {
namespace {

using analyze::measured_level;
using wire::json_writer;

double seconds(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e9;
}

/// Of a drawing three digits after the point are plenty.
double rounded(double v) {
    return std::round(v * 1000) / 1000;
}

/// What is drawn of a metric, and what it is called.
struct drawn_metric {
    std::string_view metric;
    std::string_view name;
};

drawn_metric ttft_of(const level_summary& level) {
    return {headline_ttft(level.setup), level.setup.open ? "TTFT from the arrival" : "TTFT"};
}
drawn_metric e2e_of(const level_summary& level) {
    return {headline_e2e(level.setup), level.setup.open ? "E2E from the arrival" : "E2E"};
}
constexpr drawn_metric gap{"event_gap_ms", "gap between events"};

void write_heatmap(json_writer& w, const drawn_metric& what,
                   const std::vector<measure::timed_value>& values, const measured_level& level,
                   const detail_size& size) {
    const level_course& c = level.summary.course;
    const auto map = analyze::heatmap_of(values, *c.window_begin, *c.window_end, size.heat_columns,
                                         size.heat_rows);
    if (map.count == 0) return;
    w.begin_object().field("metric", what.metric).field("name", what.name).field("unit", "ms");
    w.field("count", map.count).field("zeros", map.zeros).key("x").begin_object().field("from", 0);
    w.field("to", seconds(map.end - map.begin)).field("bins", map.columns).end_object();
    w.key("y").begin_object().key("edges").begin_array();
    for (const double edge : map.edges) w.value(rounded(edge));
    w.end_array().end_object().key("cells").begin_array();
    for (const auto& cell : map.cells) w.value(cell.column).value(cell.row).value(cell.count);
    w.end_array().end_object();
}

void write_heatmaps(json_writer& w, const measured_level& level, const detail_size& size) {
    w.key("heatmaps").begin_array();
    for (const drawn_metric& what : {ttft_of(level.summary), e2e_of(level.summary)}) {
        write_heatmap(w, what, analyze::by_send(level, what.metric), level, size);
    }
    write_heatmap(w, gap, analyze::gaps_by_time(level), level, size);
    w.end_array();
}

void write_means(json_writer& w, std::string_view key, const std::vector<double>& means) {
    if (means.empty()) return;
    w.key(key).begin_array();
    for (const double m : means) w.value(rounded(m));
    w.end_array();
}

void write_occupancy(json_writer& w, const measured_level& level, const detail_size& size) {
    const level_course& c = level.summary.course;
    const auto over_time = analyze::occupancy_over_time(level, size.parts);
    const analyze::occupancy decoding{analyze::decoding_of(level), *c.window_begin, *c.window_end};
    w.key("occupancy").begin_object().field("from", 0);
    w.field("to", seconds(*c.window_end - *c.window_begin)).field("bins", size.parts);
    write_means(w, "in_flight", over_time.in_flight);
    write_means(w, "decoding", over_time.decoding);
    write_means(w, "prefilling", over_time.prefilling);
    const auto& load = level.summary.load;
    w.field("in_flight_max", load ? std::optional{load->in_flight_max} : std::nullopt);
    w.field("decoding_max", decoding.most());
    w.field("slots", level.summary.setup.server.parallel.confirmed).end_object();
}

void write_points(json_writer& w, const analyze::percentile_curve& curve) {
    w.begin_array();
    for (const auto& p : curve.points) {
        w.begin_array().value(p.percent).value(rounded(p.value)).end_array();
    }
    w.end_array();
}

void write_curve(json_writer& w, const drawn_metric& what, const analyze::percentile_curve& curve) {
    if (curve.points.empty()) return;
    w.begin_object().field("metric", what.metric).field("name", what.name).field("unit", "ms");
    w.field("count", curve.count).field("cut", curve.cut).key("points");
    write_points(w, curve);
    w.end_object();
}

measure::metric_sample sample_of(const measured_level& level, std::string_view name) {
    const measure::request_metric& m = *measure::request_metric_named(name);
    measure::metric_sample out;
    for (const request_record& r : level.requests) {
        if (r.phase != run_phase::measured || r.from_cache) continue;
        if (const auto v = m.of(r)) {
            out.known.push_back(*v);
        } else if (const auto cut = measure::cut_ms(r, m)) {
            out.cut.push_back(*cut);
        }
    }
    return out;
}

void write_percentiles(json_writer& w, const measured_level& level) {
    dense_histogram gaps;
    dense_histogram itl;
    for (const request_record& r : level.requests) {
        if (r.phase != run_phase::measured || r.from_cache) continue;
        gaps.merge(r.gaps);
        itl.merge(measure::itl_of(r));
    }
    w.key("percentiles").begin_array();
    for (const drawn_metric& what :
         {ttft_of(level.summary), e2e_of(level.summary), drawn_metric{"tpot_ms", "TPOT"}}) {
        write_curve(w, what, analyze::curve_of(sample_of(level, what.metric)));
    }
    write_curve(w, {"itl_ms", level.summary.itl_is_average ? "ITL (averages)" : "ITL"},
                analyze::curve_of(itl));
    write_curve(w, gap, analyze::curve_of(gaps));
    w.end_array();
}

void write_bar(json_writer& w, const analyze::timeline_bar& bar, nanoseconds zero) {
    const request_record& r = *bar.request;
    w.begin_object().field("index", r.index).field("worker", r.worker);
    w.field("at", seconds(bar.phases.begin)).field("queue", seconds(bar.phases.queue));
    w.field("load", seconds(bar.phases.load)).field("prefill", seconds(bar.phases.prefill));
    w.field("decode", seconds(bar.phases.decode)).field("unknown", seconds(bar.phases.unknown));
    w.field("outcome", to_string(r.ended));
    w.field("kind", r.error ? std::optional{measure::error_kind(*r.error)} : std::nullopt);
    w.field("end", seconds(bar.end)).field("input_tokens", r.input_tokens);
    w.field("output_tokens", r.output_tokens).field("stall_count", bar.stall_count);
    w.field("stalled", seconds(bar.stalled)).key("stalls").begin_array();
    for (const analyze::stall& s : bar.stalls) {
        w.begin_array().value(seconds(s.begin - zero)).value(seconds(s.length)).end_array();
    }
    w.end_array().end_object();
}

void write_timeline(json_writer& w, const measured_level& level, const detail_size& size) {
    const auto bars = analyze::timeline_of(level, size.requests);
    if (bars.empty()) return;
    const auto all = static_cast<std::size_t>(
        std::count_if(level.requests.begin(), level.requests.end(), [](const request_record& r) {
            return r.phase == run_phase::measured && r.moments.has(moment::send_start);
        }));
    nanoseconds end{0};
    for (const analyze::timeline_bar& bar : bars) end = std::max(end, bar.end);
    w.key("timeline").begin_object();
    w.field("rule", bars.size() < all
                        ? fmt::format("{} requests that were sent one after another, around the "
                                      "one with the longest wait for its first token",
                                      bars.size())
                        : std::string{"all requests of the window"});
    w.field("of", all).field("from", seconds(bars.front().phases.begin));
    w.field("to", seconds(end));
    const auto limit = analyze::stall_limit(level.summary);
    w.field("stall", limit ? std::optional{fmt::format(
                                 "a gap of five times the median one or more, 50 ms at the least: "
                                 "here {:.0f} ms; of each request the {} longest are marked",
                                 seconds(*limit) * 1000, analyze::most_stalls)}
                           : std::nullopt);
    w.key("requests").begin_array();
    for (const auto& bar : bars) write_bar(w, bar, *level.summary.course.window_begin);
    w.end_array().end_object();
}

void write_interference(json_writer& w, const measured_level& level, std::uint64_t seed) {
    w.key("interference");
    const auto i = analyze::interference_of(level, seed);
    if (!i) {
        w.null();
        return;
    }
    w.begin_object().field("during_ms", i->during_ms).field("else_ms", i->else_ms);
    w.field("ratio", i->ratio);
    write_interval(w, "ci95", i->ci95);
    w.field("gaps_during", i->gaps_during).field("gaps_else", i->gaps_else);
    w.field("sentence", interference_sentence(*i));
    const auto gaps = analyze::gaps_beside_prompts(level);
    w.key("curves").begin_object().key("during");
    write_points(w, analyze::curve_of({.known = gaps.during, .cut = {}}));
    w.key("else");
    write_points(w, analyze::curve_of({.known = gaps.apart, .cut = {}}));
    w.end_object().end_object();
}

void write_phases(json_writer& w, const measured_level& level) {
    w.key("phases");
    const auto mean = analyze::mean_of(analyze::phases_of(level));
    if (!mean) {
        w.null();
        return;
    }
    w.begin_object().field("requests", mean->requests).field("queue_ms", mean->queue_ms);
    w.field("load_ms", mean->load_ms).field("prefill_ms", mean->prefill_ms);
    w.field("decode_ms", mean->decode_ms).field("unknown_ms", mean->unknown_ms).end_object();
}

void write_errors(json_writer& w, const level_summary& level) {
    w.key("errors").begin_array();
    for (const auto& [kind, error] : level.errors) {
        const std::string_view advice = advice_on(kind);
        w.begin_object().field("kind", kind).field("count", error.count);
        w.field("share",
                static_cast<double>(error.count) /
                    static_cast<double>(std::max<std::uint64_t>(level.requests.offered, 1)));
        w.field("example", error.example);
        w.field("advice", advice.empty() ? std::nullopt : std::optional{advice}).end_object();
    }
    w.end_array();
}

void write_tokens_per_event(json_writer& w, const measured_level& level) {
    w.key("tokens_per_event");
    std::array<std::uint64_t, 4> sources{};
    measure::metric_sample each;
    for (const request_record& r : level.requests) {
        if (r.phase != run_phase::measured || r.from_cache || r.events == 0) continue;
        ++sources.at(static_cast<std::size_t>(r.tokens_from));
        if (!r.output_tokens) continue;
        each.known.push_back(static_cast<double>(*r.output_tokens) / static_cast<double>(r.events));
    }
    const auto spread = measure::distribution_of(std::move(each));
    if (!spread) {
        w.null();
        return;
    }
    w.begin_object().field("mean", level.summary.tokens_per_event);
    w.field("events", level.summary.events).field("coalesced", level.summary.coalesced_events);
    w.key("sources").begin_object();
    for (const token_source s :
         {token_source::exact, token_source::events, token_source::average, token_source::none}) {
        w.field(to_string(s), sources.at(static_cast<std::size_t>(s)));
    }
    w.end_object().key("by_request").begin_object().field("min", spread->min);
    w.field("p50", spread->p50).field("p95", spread->p95).field("max", spread->max);
    w.end_object().end_object();
}

void write_server(json_writer& w, const measured_level& level) {
    w.key("server_against_ours").begin_array();
    for (const analyze::server_against_ours& s : analyze::against_server(level)) {
        w.begin_object().field("name", s.name).field("unit", s.unit);
        w.field("requests", s.ours.count).field("ours_p50", s.ours.p50);
        w.field("server_p50", s.server.p50).field("difference_p50", s.difference.p50);
        w.field("difference_p95", s.difference.p95).field("sentence", s.meaning).end_object();
    }
    w.end_array();
}

}  // namespace

void write_detail(json_writer& w, const measured_level& level, std::uint64_t seed,
                  const detail_size& size) {
    w.field("window_seconds", level.summary.window_seconds);
    write_heatmaps(w, level, size);
    write_occupancy(w, level, size);
    write_percentiles(w, level);
    write_timeline(w, level, size);
    write_interference(w, level, seed);
    write_phases(w, level);
    write_errors(w, level.summary);
    write_tokens_per_event(w, level);
    write_server(w, level);
}

}  // namespace lmstress::report
