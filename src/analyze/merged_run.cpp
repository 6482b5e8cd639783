#include "analyze/merged_run.hpp"

#include "analyze/mergeable.hpp"
#include "analyze/shifted.hpp"
#include "measure/client_quality.hpp"
#include "measure/validity.hpp"
#include "wire/fnv1a.hpp"
#include "wire/json_value.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <unordered_set>

namespace lmstress::analyze {
namespace {

namespace json = boost::json;

double seconds(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e9;
}

void add_labels(const run_setup& from, run_setup& to) {
    for (const auto& [key, value] : from.labels) {
        const auto at = std::find_if(to.labels.begin(), to.labels.end(),
                                     [&](const auto& l) { return l.first == key; });
        if (at == to.labels.end()) {
            to.labels.emplace_back(key, value);
        } else if (at->second != value) {
            at->second += ", " + value;
        }
    }
}

/// A part of an older version has none, and nobody knows what its files held.
void keep_common_hashes(const run_setup& from, run_setup& to) {
    const auto& others = from.file_hashes;
    std::erase_if(to.file_hashes, [&](const auto& one) {
        return std::find(others.begin(), others.end(), one) == others.end();
    });
}

/// The scenario as one process would have had it: its loads are the sums.
std::string scenario_with(const std::string& scenario_json,
                          const std::vector<merged_run::level>& levels) {
    boost::system::error_code ec;
    json::value v = json::parse(scenario_json, ec);
    json::object* all = ec ? nullptr : v.if_object();
    json::value* load = all == nullptr ? nullptr : all->if_contains("load");
    if (load == nullptr || !load->is_object()) return scenario_json;
    json::object& o = load->get_object();
    json::array loads;
    for (const merged_run::level& level : levels) {
        if (level.setup.target.api != levels.front().setup.target.api) continue;
        if (level.setup.open) {
            loads.emplace_back(level.setup.open->requested_rate);
        } else {
            loads.emplace_back(level.setup.concurrency);
        }
    }
    for (const char* key : {"concurrency", "rate"}) {
        if (json::value* there = o.if_contains(key)) *there = loads;
    }
    return wire::json_text(v);
}

/// A share of one core is that of the process that had the most.
double cpu_share(const client_figures& c) {
    return c.wall.count() > 0
               ? static_cast<double>(c.cpu.count()) / static_cast<double>(c.wall.count())
               : 0.0;
}

void add_course(const level_course& from, level_course& to) {
    client_figures& sum = *to.client;
    const client_figures& more = *from.client;
    if (cpu_share(more) > cpu_share(sum)) {
        sum.cpu = more.cpu;
        sum.wall = more.wall;
    }
    sum.max_rss_bytes = std::max(sum.max_rss_bytes, more.max_rss_bytes);
    sum.read_lag.merge(more.read_lag);
    sum.loop_lag.merge(more.loop_lag);
    if (to.in_flight_time && from.in_flight_time) {
        *to.in_flight_time += *from.in_flight_time;
    } else {
        to.in_flight_time.reset();
    }
}

/// Requests of several processes have numbers that repeat. They are numbered anew in the order in
/// which they were to be sent, as one process numbers them.
void number_anew(std::vector<merged_run::level>& levels) {
    std::uint64_t index = 0;
    for (merged_run::level& level : levels) {
        const auto order = [](const request_record& r) {
            const auto sent = r.moments.get(moment::send_start);
            return std::tuple{
                r.moments.get(moment::intended).value_or(sent.value_or(nanoseconds{0})), r.worker,
                r.index};
        };
        std::sort(level.requests.begin(), level.requests.end(),
                  [&](const auto& a, const auto& b) { return order(a) < order(b); });
        for (request_record& r : level.requests) r.index = index++;
    }
}

/// Ids repeat where two processes draw them from the same seed.
void tell_ids_apart(std::vector<merged_run::level>& levels) {
    std::unordered_set<std::string> seen;
    for (merged_run::level& level : levels) {
        for (request_record& r : level.requests) {
            const std::string sent_as = r.request_id;
            for (int i = 2; !seen.insert(r.request_id).second; ++i) {
                r.request_id = fmt::format("{}-{}", sent_as, i);
            }
        }
    }
}

/// Like that of a run, and the same for the same parts.
std::string id_of(std::span<const run_part> parts) {
    std::string named;
    for (const run_part& part : parts) {
        const run_setup& setup = part.summary.setup;
        named += fmt::format("{} {};", setup.id, setup.started_unix_ns);
    }
    return fmt::format("{:010x}", wire::fnv1a(named) & 0xFF'FFFF'FFFFU);
}

class merging {
  public:
    explicit merging(std::span<const run_part> parts) : parts_(parts), first_(parts.front()) {
        out_.setup = first_.summary.setup;
        out_.setup.parts.clear();
        out_.setup.id = id_of(parts);
        for (const level_summary& level : first_.summary.levels) {
            out_.levels.push_back({level.setup, level.course, {}});
        }
    }

    merged_run done() {
        for (std::size_t k = 0; k < parts_.size(); ++k) add(parts_[k], k == 0);
        number_anew(out_.levels);
        tell_ids_apart(out_.levels);
        std::sort(out_.server_states.begin(), out_.server_states.end(),
                  [](const auto& a, const auto& b) {
                      return std::tie(a.at, a.status) < std::tie(b.at, b.status);
                  });
        out_.setup.scenario_json = scenario_with(out_.setup.scenario_json, out_.levels);
        for (std::size_t i = 0; i < out_.levels.size(); ++i) {
            name_arrivals(out_.levels[i].setup);
            remark_on_level(i);
        }
        return std::move(out_);
    }

  private:
    void add(const run_part& part, bool is_first) {
        const run_setup& setup = part.summary.setup;
        const measure::validity v = measure::judge(part.summary);
        merged_part noted{.name = part.name,
                          .id = setup.id,
                          .started_unix_ns = setup.started_unix_ns,
                          .valid = v.valid(),
                          .reason = {}};
        for (const measure::bound& b : v.bounds) {
            if (!b.holds && noted.reason.empty()) noted.reason = b.sentence;
        }
        std::uint64_t conversations = next_conversation_;
        for (std::size_t i = 0; i < out_.levels.size(); ++i) {
            const nanoseconds moved = window_offset(first_, part, i);
            if (std::abs(moved.count()) > std::abs(noted.moved.count())) noted.moved = moved;
            add_requests(part, i, conversations);
            if (!is_first) add_level(part.summary.levels[i], out_.levels[i]);
        }
        next_conversation_ = conversations;
        const nanoseconds started{setup.started_unix_ns - first_.summary.setup.started_unix_ns};
        for (server_state s : part.summary.server_states) {
            s.at += started;
            out_.server_states.push_back(std::move(s));
        }
        if (!is_first) {
            add_labels(setup, out_.setup);
            keep_common_hashes(setup, out_.setup);
            if (!out_.setup.server.any()) out_.setup.server = setup.server;
            if (!out_.setup.selfcheck) out_.setup.selfcheck = setup.selfcheck;
            remark_on(first_, part, out_.remarks);
        }
        add_end(part);
        out_.setup.parts.push_back(std::move(noted));
    }

    void add_requests(const run_part& part, std::size_t i, std::uint64_t& conversations) {
        merged_run::level& level = out_.levels[i];
        const nanoseconds shift = *first_.summary.levels[i].course.window_begin -
                                  *part.summary.levels[i].course.window_begin;
        // Before this part's own streams are added: those of the parts before it.
        const std::uint32_t workers = &part == &first_ ? 0 : out_.levels[i].setup.concurrency;
        for (const request_record& r : part.requests[i]) {
            request_record here = shifted(r, shift);
            here.worker += workers;
            if (here.turn) {
                here.turn->conversation += next_conversation_;
                conversations = std::max(conversations, here.turn->conversation + 1);
            }
            level.requests.push_back(std::move(here));
        }
    }

    static void add_level(const level_summary& from, merged_run::level& to) {
        to.setup.concurrency += from.setup.concurrency;
        if (to.setup.open) to.setup.open->requested_rate += from.setup.open->requested_rate;
        add_course(from.course, to.course);
    }

    /// What else an exit code says is asked of the whole: a threshold that each part fails by
    /// itself may hold for them together, and the reverse.
    void add_end(const run_part& part) {
        constexpr int interrupted = 130;
        out_.interrupted = out_.interrupted || part.summary.exit_code == interrupted;
        const std::string why = part.summary.exit_code
                                    ? part.summary.ended_early
                                    : "It was killed before it could say how it ended.";
        if (why.empty()) return;
        if (!out_.ended_early.empty()) out_.ended_early += ' ';
        out_.ended_early += part.name + ": " + why;
    }

    /// Rates that stand in the words for the arrivals are those of each part.
    void name_arrivals(level_setup& s) const {
        if (!s.open || s.open->arrivals.find(" (") == std::string::npos) return;
        s.open->arrivals = fmt::format("{} times {}", parts_.size(), s.open->arrivals);
    }

    void remark_on_level(std::size_t i) {
        nanoseconds furthest{0};
        for (const run_part& part : parts_) {
            const nanoseconds here = window_offset(first_, part, i);
            if (std::abs(here.count()) > std::abs(furthest.count())) furthest = here;
        }
        out_.remarks.push_back(fmt::format(
            "Level {}: {} windows of {:.3f} s are laid over one another; by the clocks of their "
            "machines they began at most {:.3f} s apart, and what was in flight together is right "
            "to that.",
            i, parts_.size(), seconds(window_length(out_.levels[i].course)),
            std::abs(seconds(furthest))));
    }

    std::span<const run_part> parts_;
    const run_part& first_;
    merged_run out_;
    std::uint64_t next_conversation_ = 0;
};

}  // namespace

result<merged_run> merged(std::span<const run_part> parts) {
    const auto mergeable = check_mergeable(parts);
    if (!mergeable) return mergeable.error();
    return merging{parts}.done();
}

}  // namespace lmstress::analyze
