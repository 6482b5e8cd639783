#include "analyze/merged_run.hpp"

#include "analyze/likeness.hpp"
#include "analyze/shifted.hpp"
#include "measure/client_quality.hpp"
#include "measure/validity.hpp"
#include "wire/json_value.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <tuple>
#include <unordered_set>

namespace lmstress::analyze {
namespace {

namespace json = boost::json;

double seconds(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e9;
}

error refused(std::string message, std::string advice = {}) {
    return {errc::usage, "these results cannot be merged: " + std::move(message),
            std::move(advice)};
}

nanoseconds length_of(const level_course& c) {
    return *c.window_end - *c.window_begin;
}

/// By how much later than that of the first part its window began, by the machines' clocks.
nanoseconds apart(const run_part& first, const run_part& part, std::size_t level) {
    const nanoseconds started{part.summary.setup.started_unix_ns -
                              first.summary.setup.started_unix_ns};
    return started + *part.summary.levels[level].course.window_begin -
           *first.summary.levels[level].course.window_begin;
}

result<void> check_whole(const run_part& part) {
    if (!part.summary.setup.parts.empty()) {
        return refused(part.name + " is itself a merged one", "Merge all of its parts at once.");
    }
    for (const level_summary& level : part.summary.levels) {
        if (!level.course.client || !level.course.window_begin || !level.course.window_end) {
            return refused(
                fmt::format("level {} of {} did not come to its end", level.setup.index, part.name),
                "lmstress report shows what it left behind.");
        }
    }
    return {};
}

/// Whether they are two that ran beside each other, and not one twice.
result<void> check_different(const run_part& a, const run_part& b) {
    const run_setup& one = a.summary.setup;
    const run_setup& other = b.summary.setup;
    if (one.id == other.id && one.started_unix_ns == other.started_unix_ns &&
        one.started_monotonic_ns == other.started_monotonic_ns) {
        return refused(a.name + " and " + b.name + " are the same run",
                       "Its requests would count twice.");
    }
    return {};
}

std::string kind_of(const level_setup& s) {
    if (!s.open) return "a closed loop";
    return "an open loop, arrivals " + s.open->arrivals + (s.open->steady ? "" : ", changing");
}

result<void> check_level(const run_part& first, const run_part& part, std::size_t i) {
    const level_summary& a = first.summary.levels[i];
    const level_summary& b = part.summary.levels[i];
    const auto differ = [&](std::string_view what, const std::string& one,
                            const std::string& other) -> result<void> {
        if (one == other) return {};
        return refused(fmt::format("level {}: {} is {} in {} and {} in {}", i, what, one,
                                   first.name, other, part.name));
    };
    const std::array checks = {
        differ("the API", a.setup.target.api, b.setup.target.api),
        differ("the model", a.setup.target.model, b.setup.target.model),
        differ("the load", kind_of(a.setup), kind_of(b.setup)),
    };
    for (const auto& check : checks) {
        if (!check) return check.error();
    }
    if (!(a.setup.slo == b.setup.slo)) {
        return refused(first.name + " and " + part.name + " hold their requests to different SLOs");
    }
    const nanoseconds one = length_of(a.course);
    const nanoseconds other = length_of(b.course);
    if (std::abs((one - other).count()) * 1000 > one.count()) {
        return refused(
            fmt::format("the window of level {} lasted {:.3f} s in {} and {:.3f} s in {}", i,
                        seconds(one), first.name, seconds(other), part.name),
            "Windows that end by time (--duration) have one length.");
    }
    const nanoseconds distance = apart(first, part, i);
    if (std::abs(distance.count()) * 10 > one.count()) {
        return refused(
            fmt::format(
                "by the clocks of their machines the windows of level {} in {} and {} began "
                "{:.1f} s apart, more than a tenth of their length",
                i, first.name, part.name, std::abs(seconds(distance))),
            "Results of one after another are compared with lmstress compare. Of several machines "
            "the clocks must agree (NTP).");
    }
    return {};
}

result<void> check_alike(const run_part& first, const run_part& part) {
    const auto different = check_different(first, part);
    if (!different) return different.error();
    const unlikeness unlike = unlikeness_of(first.summary.setup, part.summary.setup);
    if (!unlike.other_work.empty()) {
        return refused(fmt::format("{} did other work than {} ({}, A being the first)", part.name,
                                   first.name, unlike.other_work.front()));
    }
    if (first.summary.levels.size() != part.summary.levels.size()) {
        return refused(fmt::format("{} has {} levels and {} has {}", first.name,
                                   first.summary.levels.size(), part.name,
                                   part.summary.levels.size()));
    }
    for (std::size_t i = 0; i < first.summary.levels.size(); ++i) {
        const auto alike = check_level(first, part, i);
        if (!alike) return alike.error();
    }
    return {};
}

void remark_on(const run_part& first, const run_part& part, std::vector<std::string>& remarks) {
    unlikeness unlike = unlikeness_of(first.summary.setup, part.summary.setup);
    for (std::size_t i = 0; i < part.summary.levels.size(); ++i) {
        unlikeness here;
        add_unlikeness(first.summary.levels[i], part.summary.levels[i], here);
        for (auto* list : {&here.other_server, &here.other_work}) {
            unlike.other_server.insert(unlike.other_server.end(), list->begin(), list->end());
        }
    }
    std::unordered_set<std::string> said;
    for (const std::string& sentence : unlike.other_server) {
        if (!said.insert(sentence).second) continue;
        remarks.push_back(
            fmt::format("{} (A) and {} (B) differ: {}.", first.name, part.name, sentence));
    }
    const run_setup& a = first.summary.setup;
    const run_setup& b = part.summary.setup;
    if (a.thresholds != b.thresholds) {
        remarks.push_back("The thresholds are those of " + first.name + "; " + part.name +
                          " has others.");
    }
    if (!(a.validity == b.validity)) {
        remarks.push_back("The bounds of validity are those of " + first.name + "; " + part.name +
                          " has others.");
    }
    if (a.seed == b.seed) {
        remarks.push_back(fmt::format(
            "{} and {} have the same seed, so they sent the same prompts; a server that keeps "
            "prefixes may have answered some of them from its cache.",
            first.name, part.name));
    }
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

/// Like that of a run, and the same for the same parts: by FNV-1a.
std::string id_of(std::span<const run_part> parts) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const run_part& part : parts) {
        const run_setup& setup = part.summary.setup;
        for (const char c : fmt::format("{} {};", setup.id, setup.started_unix_ns)) {
            hash = (hash ^ std::uint64_t{static_cast<unsigned char>(c)}) * 1'099'511'628'211U;
        }
    }
    return fmt::format("{:010x}", hash & 0xFF'FFFF'FFFFU);
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
            const nanoseconds moved = apart(first_, part, i);
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
        out_.killed = out_.killed || !part.summary.exit_code;
        out_.interrupted = out_.interrupted || part.summary.exit_code == interrupted;
        if (part.summary.ended_early.empty()) return;
        if (!out_.ended_early.empty()) out_.ended_early += ' ';
        out_.ended_early += part.name + ": " + part.summary.ended_early;
    }

    /// Rates that stand in the words for the arrivals are those of each part.
    void name_arrivals(level_setup& s) const {
        if (!s.open || s.open->arrivals.find(" (") == std::string::npos) return;
        s.open->arrivals = fmt::format("{} times {}", parts_.size(), s.open->arrivals);
    }

    void remark_on_level(std::size_t i) {
        nanoseconds furthest{0};
        for (const run_part& part : parts_) {
            const nanoseconds here = apart(first_, part, i);
            if (std::abs(here.count()) > std::abs(furthest.count())) furthest = here;
        }
        out_.remarks.push_back(fmt::format(
            "Level {}: {} windows of {:.3f} s are laid over one another; by the clocks of their "
            "machines they began at most {:.3f} s apart, and what was in flight together is right "
            "to that.",
            i, parts_.size(), seconds(length_of(out_.levels[i].course)),
            std::abs(seconds(furthest))));
    }

    std::span<const run_part> parts_;
    const run_part& first_;
    merged_run out_;
    std::uint64_t next_conversation_ = 0;
};

}  // namespace

result<merged_run> merged(std::span<const run_part> parts) {
    for (const run_part& part : parts) {
        const auto whole = check_whole(part);
        if (!whole) return whole.error();
    }
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto alike = check_alike(parts.front(), parts[i]);
        if (!alike) return alike.error();
        for (std::size_t k = 1; k < i; ++k) {
            const auto different = check_different(parts[k], parts[i]);
            if (!different) return different.error();
        }
    }
    return merging{parts}.done();
}

}  // namespace lmstress::analyze
