#include "measure/level_fold.hpp"

#include "measure/distribution.hpp"
#include "measure/error_kind.hpp"
#include "measure/request_metrics.hpp"
#include "measure/tpot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>

namespace lmstress::measure {
namespace {

using value = std::optional<double>;

bool completed(const request_record& r) {
    return r.ended == outcome::completed;
}

void add_draft(const draft_counts& of, level_summary& to) {
    draft_counts& sum = to.draft ? *to.draft : to.draft.emplace();
    sum.total += of.total;
    sum.accepted += of.accepted;
    sum.rejected += of.rejected;
    sum.ignored += of.ignored;
    if (sum.model.empty()) sum.model = of.model;
}

std::optional<steadiness> steadiness_of(std::vector<timed_value> series,
                                        const level_course& course) {
    if (!course.window_begin || !course.window_end) return std::nullopt;
    // As they were sent, for they came as they ended: sums depend on the order.
    for (timed_value& v : series) v.at -= *course.window_begin;
    std::sort(series.begin(), series.end(), [](const timed_value& a, const timed_value& b) {
        return std::tie(a.at, a.value) < std::tie(b.at, b.value);
    });
    const batch_means batches{series, *course.window_end - *course.window_begin};
    const auto unlike = transient(batches);
    const auto trend = drift_of(batches);
    if (!unlike || !trend) return std::nullopt;
    return steadiness{.transient_seconds = static_cast<double>(unlike->count()) / 1e9,
                      .ttft_change = trend->change,
                      .drifts = trend->significant};
}

std::optional<distribution> with_intervals(const dense_histogram& all, const gap_groups& groups) {
    auto d = distribution_of(all);
    if (d) d->ci95 = groups.intervals();
    return d;
}

void add_connection(const connection_figures& c, level_summary& s) {
    if (!s.network) s.network.emplace();
    ++s.network->requests;
    s.network->disturbed += c.retransmits > c.connect_retransmits || c.out_of_order > 0;
    s.network->retransmits += c.retransmits;
    s.network->out_of_order += c.out_of_order;
    s.network->delayed_connects += c.connect_retransmits > 0;
    s.network->connect_retransmits += c.connect_retransmits;
}

std::string example_of(const request_error& e) {
    if (e.timed_out_in) {
        const std::string_view waited_for = to_string(*e.timed_out_in);
        if (*e.timed_out_in == phase::whole) return "the request was not over by --timeout-request";
        return "the deadline of " + std::string{waited_for} + " passed";
    }
    if (e.http_status == 0 || e.http_status == 200) return e.message;
    return "HTTP " + std::to_string(e.http_status) + ": " + e.message;
}

}  // namespace

level_fold::level_fold(level_setup setup)
    : samples_(request_metrics().size()), slo_(setup.slo, setup.open.has_value()) {
    sum_.setup = std::move(setup);
}

void level_fold::add(const request_record& r) {
    if (r.from_cache) {
        sum_.requests.from_cache += r.phase == run_phase::measured;
        return;
    }
    count_tokens(r);
    if (completed(r)) {
        if (const auto end = r.moments.get(moment::end)) completions_.push_back({*end, r.inputs});
    }
    add_metrics(r);
    slo_.note_end(r);
    conversations_.add(r);
    in_flight_.add(r);
    if (r.phase == run_phase::measured) count(r);
}

void level_fold::count(const request_record& r) {
    request_counts& c = sum_.requests;
    ++c.offered;
    slo_.add(r);
    lengths_.add(r);
    switch (r.ended) {
        case outcome::completed:
            ++c.completed;
            break;
        case outcome::failed:
            ++c.failed;
            break;
        case outcome::timed_out:
            ++c.timed_out;
            break;
        case outcome::shed:
            ++c.shed;
            break;
        case outcome::censored:
            ++c.censored;
            break;
    }
    c.retried += r.retries > 0;
    embeds_ = embeds_ || r.inputs > 0;
    if (r.vector_size && completed(r)) {
        vector_sizes_differ_ =
            vector_sizes_differ_ || sum_.vector_size.value_or(*r.vector_size) != *r.vector_size;
        sum_.vector_size = r.vector_size;
    }
    c.model_mismatch += r.model_mismatch;
    if (r.error) {
        const std::string kind = error_kind(*r.error);
        error_count& e = sum_.errors[kind];
        if (e.count++ == 0 || r.index < example_index_[kind]) {
            e.example = example_of(*r.error);
            example_index_[kind] = r.index;
        }
    }
    if (!r.answered_by.empty() && (sum_.answered_by.empty() || r.index < answered_index_)) {
        sum_.answered_by = r.answered_by;
        answered_index_ = r.index;
    }
    if (r.engine && (!sum_.engine || r.index < engine_index_)) {
        sum_.engine = r.engine;
        engine_index_ = r.index;
    }
    if (r.draft) add_draft(*r.draft, sum_);
    sum_.kernel_stamps += r.kernel_stamps;
    sum_.user_stamps += r.user_stamps;
    sum_.events += r.events;
    sum_.user_events += r.user_events;
    sum_.coalesced_events += r.coalesced_events;
    if (r.connection) add_connection(*r.connection, sum_);
    sum_.unknown_events += r.unknown_events;
    sum_.tokens.input += r.input_tokens.value_or(0);
    sum_.tokens.cached += r.cached_tokens.value_or(0);
    sum_.tokens.cache_creation += r.cache_creation_tokens.value_or(0);
    sum_.tokens.output += r.output_tokens.value_or(0);
    sum_.tokens.reasoning += r.reasoning_tokens.value_or(0);
    if (!r.output_tokens) measured_uncounted_events_ += r.events;
}

/// Tokens of a request are spread evenly over its events: which of them fell into the window is
/// known by event. What warm-up requests still stream inside the window arrived in it all the same.
void level_fold::count_tokens(const request_record& r) {
    if (r.output_tokens && r.events > 0) {
        counted_tokens_ += *r.output_tokens;
        counted_events_ += r.events;
        window_tokens_.push_back(static_cast<double>(r.window_events) *
                                 static_cast<double>(*r.output_tokens) /
                                 static_cast<double>(r.events));
    } else {
        window_uncounted_events_ += r.window_events;
    }
}

void level_fold::add_metrics(const request_record& r) {
    const auto metrics = request_metrics();
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (metrics[i].of == nullptr) continue;
        if (r.phase != run_phase::measured && !metrics[i].in_warmup_too) continue;
        if (const value v = metrics[i].of(r)) {
            samples_[i].known.push_back(*v);
        } else if (const value cut = cut_ms(r, metrics[i])) {
            samples_[i].cut.push_back(*cut);
        }
    }
    if (r.phase != run_phase::measured) return;
    const auto sent = r.moments.get(moment::send_start);
    const value ttft = ttft_ms_of(r);
    if (sent && ttft) ttft_by_time_.push_back({*sent, *ttft});
    gaps_.merge(r.gaps);
    gap_groups_.add(r.index, r.gaps);
    add_itl(r);
    add_tools(r);
}

void level_fold::add_tools(const request_record& r) {
    for (const tool_span& span : r.tool_calls) {
        tool& t = tools_[span.name];
        ++t.calls;
        t.failed += span.failed;
        if (span.end) t.ms.push_back(static_cast<double>((*span.end - span.start).count()) / 1e6);
    }
}

void level_fold::fill_tools(level_summary& s) const {
    std::vector<double> all;
    for (const auto& [name, t] : tools_) {
        s.tools[name] = {t.calls, t.failed, distribution_of({.known = t.ms, .cut = {}})};
        all.insert(all.end(), t.ms.begin(), t.ms.end());
    }
    s.metrics.back().values = distribution_of({.known = std::move(all), .cut = {}});
}

void level_fold::add_itl(const request_record& r) {
    if (r.tokens_from == token_source::none) return;
    if (r.tokens_from == token_source::average) sum_.itl_is_average = true;
    const sparse_histogram itl = itl_of(r);
    itl_.merge(itl);
    itl_groups_.add(r.index, itl);
}

void level_fold::fill_throughput(level_summary& s) const {
    if (!s.course.window_begin || !s.course.window_end) return;
    const nanoseconds begin = *s.course.window_begin;
    const nanoseconds end = *s.course.window_end;
    s.window_seconds = static_cast<double>((end - begin).count()) / 1e9;
    if (s.window_seconds <= 0) return;
    const double per_event = s.tokens_per_event.value_or(1.0);
    // Summed in sorted order, so that the sum does not depend on the order in which requests ended.
    std::vector<double> counted = window_tokens_;
    std::sort(counted.begin(), counted.end());
    const double tokens = std::accumulate(counted.begin(), counted.end(), 0.0) +
                          static_cast<double>(window_uncounted_events_) * per_event;
    std::uint64_t ended = 0;
    std::uint64_t inputs = 0;
    for (const completion& c : completions_) {
        if (c.at < begin || c.at >= end) continue;
        ++ended;
        inputs += c.inputs;
    }
    s.output_tokens_per_second = tokens / s.window_seconds;
    s.requests_per_second = static_cast<double>(ended) / s.window_seconds;
    if (embeds_) s.inputs_per_second = static_cast<double>(inputs) / s.window_seconds;
}

level_summary level_fold::result(const level_course& course) const {
    level_summary s = sum_;
    s.course = course;
    const auto metrics = request_metrics();
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        s.metrics.push_back({metrics[i].name, distribution_of(samples_[i])});
        if (metrics[i].name == std::string_view{"event_gap_ms"}) {
            s.metrics.back().values = with_intervals(gaps_, gap_groups_);
        }
        if (metrics[i].name == std::string_view{"itl_ms"})
            s.metrics.back().values = with_intervals(itl_, itl_groups_);
    }
    fill_tools(s);
    conversations_.fill(s);
    if (counted_events_ > 0) {
        s.tokens_per_event =
            static_cast<double>(counted_tokens_) / static_cast<double>(counted_events_);
    }
    if (s.tokens.output > 0) s.tokens.source = measured_uncounted_events_ == 0 ? "server" : "mixed";
    if (s.tokens.output == 0 && measured_uncounted_events_ > 0) s.tokens.source = "events";
    s.tokens.output += static_cast<std::uint64_t>(std::llround(
        static_cast<double>(measured_uncounted_events_) * s.tokens_per_event.value_or(1.0)));
    if (vector_sizes_differ_) s.vector_size.reset();
    s.histogram_overflow = gaps_.exact().overflow + itl_.exact().overflow;
    fill_throughput(s);
    s.slo = slo_.result(course);
    s.load = in_flight_.result(s.setup, course);
    s.lengths = lengths_.result();
    s.steady = steadiness_of(ttft_by_time_, course);
    return s;
}

}  // namespace lmstress::measure

namespace lmstress {

const distribution* level_summary::metric(std::string_view name) const {
    for (const named_metric& m : metrics) {
        if (m.name == name) return m.values ? &*m.values : nullptr;
    }
    return nullptr;
}

}  // namespace lmstress
