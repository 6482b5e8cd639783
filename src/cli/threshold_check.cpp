#include "cli/threshold_check.hpp"

#include "api/api.hpp"
#include "report/threshold.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <string_view>

namespace lmstress::cli {
namespace {

bool embeds(const scenario& s) {
    const auto apis = api::find_apis(s.target.api);
    return std::any_of(apis.begin(), apis.end(), [](const api::api* a) { return a->embeds; });
}

/// Figures that only some scenarios have, by the beginnings of their paths.
struct absent_figures {
    std::string_view paths;  ///< with a blank between them
    bool (*has)(const scenario& s);
    std::string_view why;
};

constexpr std::array some_have = {
    absent_figures{"load.achieved_rate load.requested_rate load.shed_late",
                   [](const scenario& s) { return s.load.arrivals.is_open(); },
                   "only an open loop has it (--rate, --trace ...)"},
    absent_figures{"conversations",
                   [](const scenario& s) {
                       const conversation_settings& c = s.workload.conversation;
                       return c.turns > 1 || !c.file.empty();
                   },
                   "the run has no conversations (--turns, --conversations)"},
    absent_figures{"calibration prompt_lengths",
                   [](const scenario& s) { return s.workload.synthetic.has_value(); },
                   "only made-up prompts have it (--synthetic)"},
    absent_figures{"vector_size throughput.inputs_per_second", embeds,
                   "only embeddings have it (--api openai-embeddings)"},
    absent_figures{"ttft_ms ttft_intended_ms ttfa_ms event_gap_ms itl_ms tpot_ms queue_ms "
                   "prefill_ms stream_tokens_per_second tokens_per_event "
                   "throughput.output_tokens_per_second slo.clauses.ttft slo.clauses.ttfa "
                   "slo.clauses.tpot slo.clauses.itl_max steady_state",
                   [](const scenario& s) { return !embeds(s); },
                   "embeddings come in one piece, with no tokens to be timed"},
};

/// Whether `path` is `beginning` or below it.
bool is_below(const std::string& path, const std::string& beginning) {
    return path == beginning || path.starts_with(beginning + '.');
}

std::optional<std::string_view> why_absent(std::vector<std::string> parts, const scenario& s) {
    if (parts.front() == "metrics") parts.erase(parts.begin());
    const std::string path = fmt::format("{}", fmt::join(parts, "."));
    for (const absent_figures& some : some_have) {
        std::istringstream beginnings{std::string{some.paths}};
        for (std::string one; beginnings >> one;) {
            if (is_below(path, one) && !some.has(s)) return some.why;
        }
    }
    return std::nullopt;
}

/// Of "slo.clauses.tpot.attainment" the "tpot", where requests are not held to one.
std::optional<std::string> clause_not_asked(const std::vector<std::string>& path,
                                            const slo_limits& slo) {
    if (path.size() < 3 || path[0] != "slo" || path[1] != "clauses") return std::nullopt;
    for (std::size_t i = 0; i < slo_metric_count; ++i) {
        if (path[2] == slo_metric_words[i] && slo.below[i]) return std::nullopt;
    }
    return path[2];
}

/// No number of requests shows that all would meet an objective: the interval of a share ends above
/// its lower end for ever.
bool never_passes(const report::threshold& t) {
    using order = report::threshold::order;
    const bool wants_more = t.wanted == order::greater || t.wanted == order::greater_or_equal;
    return t.path.back() == "attainment" && wants_more && t.limit >= 1;
}

/// What no result could change: but for changes and growths, which have a sign, no figure is below
/// zero.
std::string_view decided_before(const report::threshold& t) {
    using order = report::threshold::order;
    const std::string& name = t.path.back();
    if (name == "growth" || name.ends_with("_change")) return {};
    switch (t.wanted) {
        case order::less:
            return t.limit <= 0 ? "cannot pass" : "";
        case order::less_or_equal:
            return t.limit < 0 ? "cannot pass" : "";
        case order::greater:
            return t.limit < 0 ? "cannot fail" : "";
        case order::greater_or_equal:
            return t.limit <= 0 ? "cannot fail" : "";
    }
    return {};
}

result<void> check_threshold(const std::string& text, const scenario& s) {
    const auto parsed = report::parse_threshold(text);
    if (!parsed) return parsed.error();
    if (parsed->path.front() == "slo" && !s.limits.slo.any()) {
        return error{errc::usage,
                     fmt::format("\"{}\" is about an objective, and the run has none", text),
                     "Say with --slo what each request is held to: --slo 'ttft<2s,tpot<50ms'"};
    }
    if (const auto why = why_absent(parsed->path, s)) {
        return error{
            errc::usage,
            fmt::format("\"{}\" is about a figure that this run cannot have: {}", text, *why)};
    }
    if (const auto absent = clause_not_asked(parsed->path, s.limits.slo)) {
        return error{errc::usage,
                     fmt::format("\"{}\" is about a clause that --slo does not have", text),
                     fmt::format("Add it: --slo '{}<...'", *absent)};
    }
    if (const auto always = decided_before(*parsed); !always.empty()) {
        return error{errc::usage,
                     fmt::format("\"{}\" {}: the figure is never below 0", text, always)};
    }
    if (never_passes(*parsed)) {
        return error{errc::usage,
                     fmt::format("\"{}\" cannot pass: no number of requests shows that every "
                                 "further one would meet the objective",
                                 text),
                     "Ask for a share below 1, like 0.99, or for those that were sent: "
                     "requests.failed < 1 ..."};
    }
    return {};
}

/// Embeddings have one moment, the end.
result<void> check_clauses(const scenario& s) {
    if (!embeds(s)) return {};
    for (std::size_t i = 0; i < slo_metric_count; ++i) {
        if (!s.limits.slo.below[i] || slo_metric_words[i] == "e2e") continue;
        return error{errc::usage,
                     fmt::format("--slo holds embeddings to {}, which they cannot have: they come "
                                 "in one piece, with no tokens to be timed",
                                 slo_metric_words[i]),
                     "Hold them to the whole answer: --slo 'e2e<1s'"};
    }
    return {};
}

}  // namespace

result<void> check_thresholds(const scenario& s) {
    const auto clauses = check_clauses(s);
    if (!clauses) return clauses.error();
    for (const std::string& text : all_thresholds(s.limits)) {
        const auto good = check_threshold(text, s);
        if (!good) return good.error();
    }
    return {};
}

std::vector<std::string> all_thresholds(const limit_settings& limits) {
    std::vector<std::string> all = limits.thresholds;
    for (const std::string& text : limits.abort_on) {
        if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
    }
    return all;
}

}  // namespace lmstress::cli
