#include "analyze/joined_level.hpp"

#include "analyze/shifted.hpp"
#include "measure/level_fold.hpp"

#include <algorithm>
#include <utility>

namespace lmstress::analyze {
namespace {

/// What was in flight is seen in each piece for itself: laid end to end, the end of one overlaps
/// the beginning of the next.
void set_in_flight(load_figures& load, const std::vector<measured_level>& pieces) {
    double sum = 0;
    double seconds = 0;
    load.in_flight_max = 0;
    for (const measured_level& piece : pieces) {
        const level_summary& s = piece.summary;
        if (!s.load) continue;
        sum += s.load->in_flight_mean * s.window_seconds;
        seconds += s.window_seconds;
        load.in_flight_max = std::max(load.in_flight_max, s.load->in_flight_max);
    }
    if (seconds > 0) load.in_flight_mean = sum / seconds;
    load.in_flight_growth.reset();
    load.grows = false;
    load.littles_residual.reset();
}

/// The process was one and the same: its time and its lags are those of all pieces together.
/// Nothing where one of them has none.
void add_client(const level_course& piece, bool first, std::optional<client_figures>& to) {
    if (first || !piece.client || !to) {
        to = first ? piece.client : std::nullopt;
        return;
    }
    to->cpu += piece.client->cpu;
    to->wall += piece.client->wall;
    to->max_rss_bytes = std::max(to->max_rss_bytes, piece.client->max_rss_bytes);
    to->read_lag.merge(piece.client->read_lag);
    to->loop_lag.merge(piece.client->loop_lag);
}

}  // namespace

measured_level joined(const std::vector<measured_level>& pieces) {
    if (pieces.size() == 1) return pieces.front();
    measured_level out;
    measure::level_fold fold{pieces.front().summary.setup};
    level_course course{.window_begin = nanoseconds{0}, .in_flight_time = nanoseconds{0}};
    nanoseconds length{0};
    std::uint64_t index = 0;
    bool first = true;
    for (const measured_level& piece : pieces) {
        const level_course& c = piece.summary.course;
        if (!c.window_begin || !c.window_end) continue;
        for (const request_record& r : piece.requests) {
            request_record here = shifted(r, length - *c.window_begin);
            here.index = index++;
            fold.add(here);
            out.requests.push_back(std::move(here));
        }
        length += *c.window_end - *c.window_begin;
        *course.in_flight_time += c.in_flight_time.value_or(nanoseconds{0});
        add_client(c, first, course.client);
        first = false;
    }
    course.window_end = length;
    out.summary = fold.result(course);
    if (out.summary.load) set_in_flight(*out.summary.load, pieces);
    return out;
}

}  // namespace lmstress::analyze
