#include "report/hlog.hpp"

#include "lmstress/histogram.hpp"
#include "measure/request_metrics.hpp"
#include "report/hdr_encoding.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace lmstress::report {
namespace {

/// The metrics that are times of a request, by name and without their unit.
struct logged {
    std::string name;
    dense_histogram values;
};

nanoseconds from_ms(double ms) {
    return nanoseconds{std::llround(ms * 1e6)};
}

std::vector<logged> logged_of(const analyze::measured_level& level) {
    std::vector<logged> out;
    for (const measure::request_metric& m : measure::request_metrics()) {
        const std::string_view name = m.name;
        if (!name.ends_with("_ms")) continue;
        logged one{std::string{name.substr(0, name.size() - 3)}, {}};
        for (const request_record& r : level.requests) {
            if (r.from_cache || (r.phase != run_phase::measured && !m.in_warmup_too)) continue;
            if (name == "event_gap_ms") {
                one.values.merge(r.gaps);
            } else if (name == "itl_ms") {
                one.values.merge(measure::itl_of(r));
            } else if (m.of != nullptr) {
                if (const auto v = m.of(r)) one.values.record(from_ms(*v));
            }
        }
        if (one.values.exact().total() > 0) out.push_back(std::move(one));
    }
    return out;
}

/// A tag is a word: no comma, no blank.
std::string tag_of(const source_run& run, const level_summary& level, const std::string& metric) {
    std::string out = fmt::format("{}.level{}.{}", run.name, level.setup.index, metric);
    for (char& c : out) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/';
        if (!plain) c = '_';
    }
    return out;
}

std::int64_t start_of(std::span<const source> sources) {
    std::int64_t first = 0;
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            const std::int64_t at = run.summary.setup.started_unix_ns;
            if (first == 0 || at < first) first = at;
        }
    }
    return first;
}

double seconds(std::int64_t ns) {
    return static_cast<double>(ns) / 1e9;
}

void add_level(std::string& out, const source_run& run, const analyze::measured_level& level,
               std::int64_t first) {
    const level_course& c = level.summary.course;
    if (!c.window_begin || !c.window_end) return;
    const double begin =
        seconds(run.summary.setup.started_unix_ns - first + c.window_begin->count());
    const double length = seconds((*c.window_end - *c.window_begin).count());
    for (const logged& l : logged_of(level)) {
        const exact_figures& e = l.values.exact();
        const std::string tag = tag_of(run, level.summary, l.name);
        if (e.overflow > 0) {
            out += fmt::format("#[{} values of {} above {} us are left out]\n", e.overflow, tag,
                               histogram_layout::limit_us);
        }
        // The greatest value that is in it, in milliseconds, as the reference shows it.
        const double most = hdr_maximum_us(l.values) / 1e3;
        out += fmt::format("Tag={},{:.3f},{:.3f},{:.3f},{}\n", tag, begin, length, most,
                           hdr_compressed(l.values));
    }
}

}  // namespace

std::string hlog(std::span<const source> sources) {
    const std::int64_t first = start_of(sources);
    std::string out = "#[Histogram log format version 1.3]\n";
    out +=
        fmt::format("#[StartTime: {:.3f} (seconds since epoch), {:%a %b %d %H:%M:%S} UTC {:%Y}]\n",
                    seconds(first), fmt::gmtime(static_cast<std::time_t>(first / 1'000'000'000)),
                    fmt::gmtime(static_cast<std::time_t>(first / 1'000'000'000)));
    out += "#[Values are in microseconds; Interval_Max is in milliseconds]\n";
    out +=
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_"
        "Histogram\"\n";
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            for (const analyze::measured_level& level : run.levels) {
                add_level(out, run, level, first);
            }
        }
    }
    return out;
}

}  // namespace lmstress::report
