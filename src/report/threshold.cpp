#include "report/threshold.hpp"

#include "measure/level_fold.hpp"
#include "report/summary_json.hpp"
#include "wire/letters.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace lmstress::report {
namespace {

namespace json = boost::json;
using order = threshold::order;

struct sign {
    std::string_view text;
    order means;
};
// The longer ones first: "<=" begins with "<".
constexpr std::array signs = {sign{"<=", order::less_or_equal}, sign{">=", order::greater_or_equal},
                              sign{"<", order::less}, sign{">", order::greater}};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string> parts_of(std::string_view path) {
    constexpr std::string_view implied = "levels.*.";
    if (path.starts_with(implied)) path.remove_prefix(implied.size());
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t dot = path.find('.');
        parts.emplace_back(path.substr(0, dot));
        if (dot == std::string_view::npos) return parts;
        path.remove_prefix(dot + 1);
    }
}

const json::value* value_at(const json::value& root, const std::vector<std::string>& path) {
    const json::value* at = &root;
    for (const std::string& part : path) {
        const json::object* o = at->if_object();
        at = o != nullptr ? o->if_contains(part) : nullptr;
        if (at == nullptr) return nullptr;
    }
    return at;
}

const json::value* value_below_level(const json::value& level,
                                     const std::vector<std::string>& path) {
    if (const json::value* v = value_at(level, path)) return v;
    const json::value* metrics = level.as_object().if_contains("metrics");
    return metrics != nullptr ? value_at(*metrics, path) : nullptr;
}

/// In the place of a tool's name: any may come.
constexpr std::string_view any_name = "*";

/// A run that has every figure there is.
run_summary fullest() {
    level_setup setup;
    setup.slo.below.fill(nanoseconds{1});
    level_summary level = measure::level_fold{setup}.result({});
    for (named_metric& m : level.metrics) m.values = distribution{.count = 1000};
    level.tokens_per_event = 0;
    level.inputs_per_second = 0;
    level.course.client =
        client_figures{.cpu = nanoseconds{1}, .wall = std::chrono::seconds{1}, .read_lag = {}};
    constexpr std::uint32_t many = 1000;
    level.course.client->read_lag.record(nanoseconds{1}, many);
    level.course.client->loop_lag.record(nanoseconds{1}, many);
    level.load = load_figures{.achieved_rate = 0, .in_flight_growth = 0, .littles_residual = 0};
    level.network.emplace();
    level.steady.emplace();
    level.draft.emplace();
    level.vector_size = 0;
    level.lengths = prompt_lengths{.requests = 1};
    level.by_turn.emplace_back();
    level.setup.server.parallel.confirmed = 1;
    level.setup.server.context_length.confirmed = 1;
    level.setup.server.loaded_instances = 1;
    level.setup.calibration.emplace();
    level.tools[std::string{any_name}].ms = distribution{.count = 1000};
    run_summary run;
    run.setup.scenario_json = "{}";
    run.levels = {level, level};
    run.levels.back().setup.open.emplace();
    return run;
}

void collect(const json::value& v, const std::string& path, std::vector<std::string>& out) {
    if (v.is_number()) out.push_back(path);
    if (const json::object* o = v.if_object()) {
        for (const auto& member : *o) {
            collect(
                member.value(),
                path.empty() ? std::string{member.key()} : path + '.' + std::string{member.key()},
                out);
        }
    }
}

/// Every path that a threshold may name, in its shortest form.
const std::vector<std::string>& known_paths() {
    static const std::vector<std::string> paths = [] {
        std::vector<std::string> out;
        const json::value all = json::parse(summary_json(fullest()));
        for (const json::value& level : all.at("levels").as_array()) {
            collect(level.at("metrics"), "", out);
            for (const auto& member : level.as_object()) {
                const std::string_view key = member.key();
                if (key == "metrics" || key == "errors") continue;
                collect(member.value(), std::string{key}, out);
            }
        }
        collect(all.at("validity"), "validity", out);
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }();
    return paths;
}

/// The kinds of failure are a map: any may come.
bool is_of_errors(const std::vector<std::string>& path) {
    if (path.size() != 3 || path[0] != "errors" || path[2] != "count") return false;
    constexpr std::string_view timeout = "timeout_";
    const std::string_view kind = path[1];
    if (kind.starts_with(timeout)) return phase_named(kind.substr(timeout.size())).has_value();
    return failure_kind_named(kind).has_value();
}

/// What did not happen is not in the file: an error that nothing had, a tool that nobody called.
bool is_count_by_name(const std::vector<std::string>& path) {
    if (path.size() != 3) return false;
    const bool of_a_tool = path[0] == "tools" && (path[2] == "calls" || path[2] == "failed");
    return of_a_tool || is_of_errors(path);
}

bool is_known(const std::vector<std::string>& path) {
    std::string joined;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool of_a_tool = i == 1 && path[0] == "tools";
        joined += (joined.empty() ? "" : ".") + (of_a_tool ? std::string{any_name} : path[i]);
    }
    constexpr std::string_view of_metrics = "metrics.";
    if (joined.starts_with(of_metrics)) joined.erase(0, of_metrics.size());
    const auto& known = known_paths();
    return std::find(known.begin(), known.end(), joined) != known.end() || is_of_errors(path);
}

/// The figure that was meant: without the level before it, with the unit behind the metric, in
/// small letters; else the one that is spelled most alike. Empty where none is.
std::string nearest_path(std::string_view said) {
    std::string plain;
    for (const char c : said) plain += wire::lower(c);
    std::vector<std::string> parts = parts_of(plain);
    if (parts.size() > 2 && parts[0] == "levels") parts.erase(parts.begin(), parts.begin() + 2);
    const auto joined = [&] {
        std::string all;
        for (const std::string& part : parts) all += (all.empty() ? "" : ".") + part;
        return all;
    };
    if (is_known(parts)) return joined();
    const std::string as_said = joined();
    const std::string first = parts.front();
    for (const std::string& metric : {first, first + "_ms"}) {
        parts.front() = metric;
        if (is_known(parts)) return joined();
        // A metric by itself: the quantile that one asks for most.
        if (parts.size() == 1 && is_known({metric, "p95"})) return metric + ".p95";
    }
    // Within a group another figure of it is meant, not one of another group.
    const std::string group = first + '.';
    std::vector<std::string_view> in_group;
    std::vector<std::string_view> all;
    for (const std::string_view path : known_paths()) {
        all.push_back(path);
        if (path.starts_with(group)) in_group.push_back(path.substr(group.size()));
    }
    if (in_group.empty() && first != "errors") return std::string{wire::nearest(as_said, all)};
    const std::string_view rest = std::string_view{as_said}.substr(first.size());
    const std::string_view near = wire::nearest(rest.substr(rest.empty() ? 0 : 1), in_group);
    return near.empty() ? std::string{} : group + std::string{near};
}

error unknown_path(std::string_view path, std::string_view text) {
    const std::string near = nearest_path(path);
    return {errc::usage,
            "summary.json has no figure \"" + std::string{path} + "\" (threshold \"" +
                std::string{text} + "\")",
            near.empty() ? std::string{"docs/results.md lists them: ttft_ms.p95, slo.attainment, "
                                       "throughput.output_tokens_per_second ..."}
                         : "Did you mean " + near + "?"};
}

std::optional<double> figure_at(const json::value& root, const std::vector<std::string>& path) {
    const json::value* v = value_below_level(root, path);
    if (v == nullptr || !v->is_number()) return std::nullopt;
    return v->to_number<double>();
}

/// The interval beside a quantile: {"p95": .., "ci95": {"p95": [low, high]}}, or beside an
/// objective: {"attainment": .., "ci95": [low, high]}, of which `met` is that share of what was
/// offered. A side that is not known is null.
std::optional<interval> interval_beside(const json::value& root, std::vector<std::string> path) {
    const std::string name = path.back();
    path.back() = name == "goodput_per_second" ? "goodput_ci95" : "ci95";
    const json::value* around = value_below_level(root, path);
    const bool of_objective = around != nullptr && around->is_array();
    if (around != nullptr && around->is_object()) around = around->as_object().if_contains(name);
    if (around == nullptr || !around->is_array() || around->as_array().size() != 2)
        return std::nullopt;
    constexpr double open = std::numeric_limits<double>::infinity();
    const auto side = [](const json::value& v, double otherwise) {
        return v.is_number() ? v.to_number<double>() : otherwise;
    };
    const json::array& sides = around->as_array();
    const interval found{side(sides[0], -open), side(sides[1], open)};
    if (!of_objective || name == "attainment" || name == "goodput_per_second") return found;
    if (name != "met") return std::nullopt;
    const double times = figure_at(root, {"requests", "offered"}).value_or(0);
    return interval{times * found.low, times * found.high};
}

/// A quantile and a rate of single requests are known from a sample; other figures are what they
/// are.
bool is_estimate(const std::string& name) {
    return name == "goodput_per_second" || name == "p50" || name == "p90" || name == "p95" ||
           name == "p99";
}

/// A figure beside the one that is judged: {"count": .., "p95": ..}.
double beside(const json::value& root, std::vector<std::string> path, const char* name) {
    path.back() = name;
    return figure_at(root, path).value_or(0);
}

/// This client's own lags are no sample of what it would do: as the bounds of validity have it,
/// they are what they are from a hundred on.
bool is_of_this_client(const threshold& t, const json::value& root) {
    constexpr double enough = 100;
    const bool own = t.path.front() == "client" || t.path.front() == "validity";
    return own && beside(root, t.path, "count") >= enough;
}

/// Where requests were cut before they had a value, the figures of those that have one are bounds:
/// the greatest is at least so great, the least at most so small, and the mean at least as great as
/// if those that were cut had taken no time. What such a bound does not decide is not known.
std::optional<verdict> by_bound(const threshold& t, const json::value& root, double value) {
    const std::string& name = t.path.back();
    const double cut = beside(root, t.path, "censored");
    if (cut == 0 || (name != "max" && name != "min" && name != "mean")) {
        return holds(t, value) ? verdict::pass : verdict::fail;
    }
    if (name == "mean") {
        const double known = beside(root, t.path, "count");
        value *= known / (known + cut);
    }
    const bool at_least = name != "min";
    const bool wants_less = t.wanted == order::less || t.wanted == order::less_or_equal;
    // More of what is at least so much can break a bound above, and keep one below.
    if (holds(t, value) == (at_least == wants_less)) return std::nullopt;
    return at_least == wants_less ? verdict::fail : verdict::pass;
}

judgement judge(const threshold& t, const json::value& root) {
    judgement j{.threshold = t.text, .level = {}, .value = {}, .ci95 = {}};
    const json::value* v = value_below_level(root, t.path);
    if (v != nullptr && v->is_number()) j.value = v->to_number<double>();
    if (v == nullptr && is_count_by_name(t.path)) j.value = 0;
    j.ci95 = interval_beside(root, t.path);
    if (j.ci95) {
        const bool low = holds(t, j.ci95->low);
        const bool high = holds(t, j.ci95->high);
        if (low == high) j.verdict = low ? verdict::pass : verdict::fail;
    } else if (j.value && (!is_estimate(t.path.back()) || is_of_this_client(t, root))) {
        j.verdict = by_bound(t, root, *j.value).value_or(j.verdict);
    }
    return j;
}

}  // namespace

bool holds(const threshold& t, double value) noexcept {
    switch (t.wanted) {
        case order::less:
            return value < t.limit;
        case order::less_or_equal:
            return value <= t.limit;
        case order::greater:
            return value > t.limit;
        case order::greater_or_equal:
            return value >= t.limit;
    }
    return false;
}

std::string_view to_string(verdict v) noexcept {
    switch (v) {
        case verdict::pass:
            return "pass";
        case verdict::fail:
            return "fail";
        case verdict::undecided:
            return "undecided";
    }
    return "";
}

result<threshold> parse_threshold(std::string_view text) {
    const auto form = [&] {
        return error{errc::usage, "\"" + std::string{text} +
                                      "\" is not a threshold like ttft_ms.p95 < 2000: a figure of "
                                      "summary.json, one of < <= > >=, and a number"};
    };
    for (const sign& s : signs) {
        const std::size_t at = text.find(s.text);
        if (at == std::string_view::npos) continue;
        const std::string_view path = trimmed(text.substr(0, at));
        const std::string_view number = trimmed(text.substr(at + s.text.size()));
        double limit = 0;
        const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), limit);
        if (path.empty() || ec != std::errc{} || end != number.data() + number.size() ||
            !std::isfinite(limit)) {
            return form();
        }
        threshold t{std::string{trimmed(text)}, parts_of(path), s.means, limit};
        if (!is_known(t.path)) return unknown_path(path, text);
        if (t.path.back() == "attainment" && (limit < 0 || limit > 1)) {
            return error{errc::usage,
                         "\"" + t.text + "\" bounds a share, which lies between 0 and 1",
                         "95 % is 0.95."};
        }
        return t;
    }
    return form();
}

std::vector<judgement> judge_thresholds(const run_summary& run) {
    std::vector<judgement> out;
    if (run.setup.thresholds.empty()) return out;
    const json::value all = json::parse(summary_json_without_thresholds(run));
    for (const std::string& text : run.setup.thresholds) {
        const auto t = parse_threshold(text);
        if (!t) continue;
        if (t->path.front() == "validity") {
            out.push_back(judge(*t, all));
            continue;
        }
        std::uint32_t index = 0;
        for (const json::value& level : all.at("levels").as_array()) {
            out.push_back(judge(*t, level));
            out.back().level = index++;
        }
    }
    return out;
}

std::optional<verdict> verdict_of(const std::vector<judgement>& all) {
    if (all.empty()) return std::nullopt;
    const auto any = [&](verdict v) {
        return std::any_of(all.begin(), all.end(),
                           [&](const judgement& j) { return j.verdict == v; });
    };
    if (any(verdict::fail)) return verdict::fail;
    return any(verdict::undecided) ? verdict::undecided : verdict::pass;
}

}  // namespace lmstress::report
