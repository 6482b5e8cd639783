#include "cli/capacity_check.hpp"

#include "report/threshold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::cli {
namespace {

using figure_path = std::vector<std::string>;

/// A step that is undecided is measured on, and what counts its requests, tokens or seconds grows
/// with it: held to the same number it would come out otherwise.
bool grows_with_step(const figure_path& path) {
    constexpr std::array<std::string_view, 7> counts = {
        "requests", "errors", "tokens", "events", "network", "conversations", "draft"};
    constexpr std::array<std::string_view, 7> of_any = {
        "count",          "censored",          "met", "window_seconds", "coalesced_events",
        "unknown_events", "histogram_overflow"};
    constexpr std::array<std::string_view, 2> of_tool = {"calls", "failed"};
    constexpr std::array<std::string_view, 2> of_prompts = {"requests", "uncounted"};
    const auto is_in = [](const auto& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    return is_in(counts, path.front()) || is_in(of_any, path.back()) ||
           (path.front() == "tools" && is_in(of_tool, path.back())) ||
           (path.front() == "prompt_lengths" && is_in(of_prompts, path.back()));
}

bool is_lower(const report::threshold& t) {
    return t.wanted == report::threshold::order::greater ||
           t.wanted == report::threshold::order::greater_or_equal;
}

/// What the load itself makes: it holds from some load on, and not up to one.
bool grows_with_load(const figure_path& path) {
    return path.front() == "throughput" || path.back() == "goodput_per_second";
}

/// What says the same whatever the length of a step.
std::string in_its_place(const report::threshold& t) {
    figure_path path = t.path;
    if (path.back() == "met") {
        path.back() = "attainment";
        return fmt::format("{}", fmt::join(path, "."));
    }
    const std::string name = fmt::format("{}", fmt::join(path, "."));
    if ((name == "requests.completed" || name == "tokens.output") && is_lower(t)) {
        return "stream_tokens_per_second.p50 or e2e_ms.p95, for two, of what each request gets";
    }
    if (name == "requests.completed") return "throughput.requests_per_second";
    if (name == "tokens.output") return "throughput.output_tokens_per_second";
    if (name == "requests.failed" || name == "requests.timed_out" || path.front() == "errors") {
        return "--max-error-rate, the share of the requests that may fail";
    }
    return "slo.attainment or ttft_ms.p95, for two";
}

error too_little_at_first(const report::threshold& t) {
    return {errc::usage,
            "the threshold \"" + t.text +
                "\" asks for what grows with the load: it fails at small loads and holds at larger "
                "ones, so there is no largest load at which it holds",
            "Bound what each request gets, as in stream_tokens_per_second.p50 > 20; how much the "
            "server makes at each load a sweep over --concurrency tells."};
}

result<void> check_bounds(const std::vector<std::string>& thresholds) {
    for (const std::string& text : thresholds) {
        auto t = report::parse_threshold(text);
        if (!t) continue;  // that it is none is said where all thresholds are looked at
        if (t->path.front() == "metrics") t->path.erase(t->path.begin());
        if (grows_with_load(t->path) && is_lower(*t) && !grows_with_step(t->path)) {
            return too_little_at_first(*t);
        }
        if (!grows_with_step(t->path)) continue;
        return error{errc::usage,
                     "the threshold \"" + t->text +
                         "\" bounds a number that grows as a step of the search is measured on, so "
                         "its verdict would depend on how long that is",
                     "Ask for a share or a rate: " + in_its_place(*t) + '.'};
    }
    return {};
}

}  // namespace

result<void> check_search(const scenario& s) {
    if (!s.limits.slo.any() && s.limits.thresholds.empty()) {
        return error{errc::usage,
                     "a capacity is the largest load at which an objective holds, and "
                     "there is none",
                     "Say what a request is held to, like --slo 'ttft<2s,tpot<100ms', or a bound "
                     "like --threshold 'ttft_ms.p95 < 2000'."};
    }
    if (s.load.requests) {
        return error{errc::usage, "the steps of a capacity search last a time, not --requests",
                     "Give --duration; a step is measured on while it is undecided."};
    }
    if (!s.limits.abort_on.empty()) {
        return error{errc::usage,
                     "--abort-on ends a step at its first slow requests, so that its verdict would "
                     "be of those and not of the load",
                     "Give the bound to --threshold: it is what the search looks for."};
    }
    if (s.target.api.find(',') != std::string::npos) {
        return error{errc::usage, "a capacity is that of one API, and --api names several"};
    }
    if (!s.capacity.rate && s.capacity.first != std::floor(s.capacity.first)) {
        return error{errc::usage, "--first is a number of users, and those are whole",
                     "--of rate looks for requests a second."};
    }
    if (s.capacity.first > s.capacity.most) {
        return error{errc::usage,
                     fmt::format("the first load, {:g}, is larger than the largest, {:g}",
                                 s.capacity.first, s.capacity.most),
                     "--most says up to which load it looks."};
    }
    return check_bounds(s.limits.thresholds);
}

}  // namespace lmstress::cli
