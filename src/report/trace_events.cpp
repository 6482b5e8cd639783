#include "report/trace_events.hpp"

#include "analyze/batch.hpp"
#include "analyze/request_phases.hpp"
#include "analyze/timeline.hpp"
#include "measure/error_kind.hpp"
#include "measure/in_flight.hpp"
#include "report/level_name.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::report {
namespace {

using wire::json_writer;

/// A request in flight, and the line that it is drawn on: requests on one must not overlap.
struct drawn {
    const request_record* request;
    measure::flight flight;
    std::size_t line = 0;
};

/// A stream has one request at a time; arrivals of an open loop take the first line that is free.
std::vector<drawn> lines_of(const analyze::measured_level& level) {
    std::vector<drawn> all;
    for (const request_record& r : level.requests) {
        if (const auto f = measure::flight_of(r)) {
            const auto connecting = r.moments.get(moment::connect_start);
            all.push_back({&r, {connecting.value_or(f->begin), f->end}});
        }
    }
    std::sort(all.begin(), all.end(), [](const drawn& a, const drawn& b) {
        return std::pair{a.flight.begin, a.request->index} <
               std::pair{b.flight.begin, b.request->index};
    });
    std::vector<nanoseconds> free_from;
    for (drawn& d : all) {
        auto at = free_from.end();
        if (!level.summary.setup.open) {
            d.line = d.request->worker;
            continue;
        }
        at = std::find_if(free_from.begin(), free_from.end(),
                          [&](nanoseconds t) { return t <= d.flight.begin; });
        if (at == free_from.end()) at = free_from.insert(at, nanoseconds{0});
        *at = d.flight.end;
        d.line = static_cast<std::size_t>(at - free_from.begin());
    }
    return all;
}

class trace_writer {
  public:
    explicit trace_writer(json_writer& w) : w_(w) {}

    /// `offset` is what the run began after the trace.
    void add_level(const std::string& name, const analyze::measured_level& level,
                   nanoseconds offset) {
        ++process_;
        offset_ = offset;
        metadata("process_name", 0, name);
        const auto all = lines_of(level);
        std::size_t lines = 0;
        for (const drawn& d : all) lines = std::max(lines, d.line + 1);
        for (std::size_t i = 0; i < lines; ++i) {
            metadata("thread_name", i + 1, fmt::format("stream {}", i + 1));
        }
        const auto limit = analyze::stall_limit(level.summary);
        for (const drawn& d : all) add_request(d, limit);
        add_counters(level, all);
        const level_course& c = level.summary.course;
        if (c.window_begin) instant("the window begins", 1, *c.window_begin, "p", {});
        if (c.window_end) instant("the window ends", 1, *c.window_end, "p", {});
    }

  private:
    json_writer& begin(std::string_view name, std::string_view phase, std::size_t line) {
        w_.begin_object().field("name", name).field("ph", phase).field("pid", process_);
        return w_.field("tid", line);
    }
    void time(std::string_view key, nanoseconds t) {
        w_.field(key, static_cast<double>(t.count()) / 1e3);
    }
    void metadata(std::string_view what, std::size_t line, const std::string& name) {
        begin(what, "M", line).key("args").begin_object().field("name", name).end_object();
        w_.end_object();
    }
    void begin_span(std::string_view name, const drawn& d, nanoseconds from, nanoseconds to) {
        begin(name, "X", d.line + 1).field("cat", "request");
        time("ts", from + offset_);
        time("dur", to - from);
    }
    void span(std::string_view name, const drawn& d, nanoseconds from, nanoseconds length) {
        if (length <= nanoseconds{0}) return;
        begin_span(name, d, from, from + length);
        w_.end_object();
    }
    void instant(std::string_view name, std::size_t line, nanoseconds at, std::string_view scope,
                 std::optional<nanoseconds> length) {
        begin(name, "i", line).field("s", scope);
        time("ts", at + offset_);
        if (length) {
            w_.key("args").begin_object();
            w_.field("gap_ms", static_cast<double>(length->count()) / 1e6).end_object();
        }
        w_.end_object();
    }

    void add_request(const drawn& d, std::optional<nanoseconds> stalls_from) {
        const request_record& r = *d.request;
        begin_span(fmt::format("request {}", r.index), d, d.flight.begin, d.flight.end);
        w_.key("args").begin_object().field("request_id", r.request_id);
        w_.field("phase", to_string(r.phase)).field("outcome", to_string(r.ended));
        if (r.error) {
            w_.field("error", measure::error_kind(*r.error)).field("message", r.error->message);
        }
        w_.field("input_tokens", r.input_tokens).field("output_tokens", r.output_tokens);
        w_.field("finish_reason", r.finish_reason).end_object().end_object();
        const auto connected = r.moments.between(moment::connect_start, moment::connect_end);
        if (connected) span("connect", d, *r.moments.get(moment::connect_start), *connected);
        if (const auto p = analyze::phases_of(r, nanoseconds{0})) {
            nanoseconds at = p->begin;
            const auto next = [&](std::string_view name, nanoseconds length) {
                span(name, d, at, length);
                at += length;
            };
            next("queue", p->queue);
            next("load", p->load);
            next("prefill", p->prefill);
            next("queue or prefill", p->unknown);
            next("decode", p->decode);
        }
        for (const tool_span& t : r.tool_calls) {
            if (t.end) span("tool " + t.name, d, t.start, *t.end - t.start);
        }
        if (!stalls_from) return;
        for (const analyze::stall& s : analyze::stalls_of(r, *stalls_from)) {
            instant("stall", d.line + 1, s.begin, "t", s.length);
        }
    }

    void add_counter(std::string_view name, const std::vector<analyze::occupancy::stay>& stays) {
        if (stays.empty()) return;
        nanoseconds begin_at = stays.front().from;
        nanoseconds end_at = stays.front().to;
        for (const auto& s : stays) {
            begin_at = std::min(begin_at, s.from);
            end_at = std::max(end_at, s.to);
        }
        const auto write = [&](nanoseconds at, std::uint32_t n) {
            begin(name, "C", 0);
            time("ts", at + offset_);
            w_.key("args").begin_object().field("requests", n).end_object().end_object();
        };
        const analyze::occupancy over_time{stays, begin_at, end_at};
        for (const auto& step : over_time.steps()) write(step.at, step.n);
        write(end_at, 0);
    }
    void add_counters(const analyze::measured_level& level, const std::vector<drawn>& all) {
        std::vector<analyze::occupancy::stay> in_flight;
        for (const drawn& d : all) {
            if (d.flight.end > d.flight.begin) in_flight.push_back({d.flight.begin, d.flight.end});
        }
        add_counter("in flight", in_flight);
        add_counter("decoding", analyze::decoding_of(level));
    }

    json_writer& w_;
    std::uint32_t process_ = 0;
    nanoseconds offset_{0};
};

}  // namespace

std::string trace_json(std::span<const source> sources) {
    std::int64_t first = 0;
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            const std::int64_t at = run.summary.setup.started_unix_ns;
            if (first == 0 || at < first) first = at;
        }
    }
    std::string out;
    json_writer w{out};
    w.begin_object().field("displayTimeUnit", "ms").key("otherData").begin_object();
    w.field("by", "lmstress").field("started_unix_ns", first).end_object();
    w.key("traceEvents").begin_array();
    trace_writer trace{w};
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            const nanoseconds offset{run.summary.setup.started_unix_ns - first};
            for (const analyze::measured_level& level : run.levels) {
                trace.add_level(run.name + ", " + level_name(level.summary.setup), level, offset);
            }
        }
    }
    w.end_array().end_object();
    return out + '\n';
}

}  // namespace lmstress::report
