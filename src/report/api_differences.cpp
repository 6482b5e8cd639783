#include "report/api_differences.hpp"

#include "report/level_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

namespace lmstress::report {
namespace {

/// Answers or prompts that differ by more are not the same work.
constexpr double same_work = 0.02;

struct compared {
    std::string_view metric;
    std::string_view name;
    std::string_view unit;
};
constexpr compared ttft{"ttft_ms", "TTFT p50", " ms"};
constexpr compared e2e{"e2e_ms", "E2E p50", " ms"};
constexpr compared rate{"stream_tokens_per_second", "tok/s of a stream", ""};

/// "TTFT p50 +2.1 ms (+5 %)"
std::string difference(const compared& c, const level_summary& one, const level_summary& other) {
    const distribution* a = one.metric(c.metric);
    const distribution* b = other.metric(c.metric);
    if (a == nullptr || b == nullptr) return {};
    if (!std::isfinite(a->p50) || !std::isfinite(b->p50)) return {};  // cut before
    const double by = b->p50 - a->p50;
    const std::string share =
        a->p50 > 0 ? fmt::format(" ({:+.1f} %)", 100 * by / a->p50) : std::string{};
    return fmt::format("{} {:+.{}f}{}{}", c.name, by, std::abs(by) < 10 ? 2 : 0, c.unit, share);
}

/// Of a request, where all of them have the same fate.
std::optional<double> tokens_each(const level_summary& l, std::uint64_t token_counts::* of) {
    const bool all = l.requests.completed > 0 && l.requests.completed == l.requests.offered;
    if (!all || l.tokens.*of == 0) return std::nullopt;
    return static_cast<double>(l.tokens.*of) / static_cast<double>(l.requests.completed);
}

/// "35.0 and 31.0", where they are not about the same.
std::string unlike(const level_summary& one, const level_summary& other,
                   std::uint64_t token_counts::* of) {
    const auto a = tokens_each(one, of);
    const auto b = tokens_each(other, of);
    if (!a || !b || std::abs(*a - *b) <= same_work * *a) return {};
    return fmt::format("{:.1f} and {:.1f}", *a, *b);
}

std::string compare(const level_summary& one, const level_summary& other) {
    const std::string answers = unlike(one, other, &token_counts::output);
    std::vector<std::string> parts;
    const auto add = [&](std::string part) {
        if (!part.empty()) parts.push_back(std::move(part));
    };
    add(difference(ttft, one, other));
    if (answers.empty()) {
        add(difference(e2e, one, other));
    } else {
        add("E2E not compared, for the answers have " + answers + " tokens on average");
    }
    add(difference(rate, one, other));
    if (const auto prompts = unlike(one, other, &token_counts::input); !prompts.empty()) {
        add("the same prompts are " + prompts + " tokens to the server, which TTFT shows");
    }
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return fmt::format("{}, {} against {}: {}.", level_name(one.setup), other.setup.target.api,
                       one.setup.target.api, text.empty() ? "nothing to compare" : text);
}

/// Levels that shared their streams stand behind one another, the first API first.
std::span<const level_summary> group_at(const std::vector<level_summary>& levels,
                                        std::size_t begin) {
    std::size_t end = begin + 1;
    const std::string& first = levels[begin].setup.target.api;
    while (end < levels.size() && levels[end].setup.target.api != first) ++end;
    return std::span{levels}.subspan(begin, end - begin);
}

}  // namespace

std::vector<std::string_view> apis_of(const run_summary& run) {
    std::vector<std::string_view> apis;
    for (const level_summary& l : run.levels) {
        const std::string_view api = l.setup.target.api;
        if (std::find(apis.begin(), apis.end(), api) == apis.end()) apis.push_back(api);
    }
    return apis;
}

std::vector<std::string> api_differences(const run_summary& run) {
    if (apis_of(run).size() < 2) return {};
    std::vector<std::string> out;
    for (std::size_t i = 0; i < run.levels.size();) {
        const auto group = group_at(run.levels, i);
        i += group.size();
        double all = 0;
        for (const level_summary& l : group) {
            all += l.output_tokens_per_second;
            if (&l != &group.front()) out.push_back(compare(group.front(), l));
        }
        out.push_back(
            fmt::format("{}: {:.0f} tok/s in all.", level_name(group.front().setup), all));
    }
    out.emplace_back(
        "The APIs took turns on the same streams with the same prompts, so their latencies and the "
        "rate of a stream compare. Throughput does not: it is that of all of them together. Nor "
        "does what one API alone would carry: each waited behind the others' requests.");
    return out;
}

}  // namespace lmstress::report
