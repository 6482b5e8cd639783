#include "report/length_lines.hpp"

#include "report/api_differences.hpp"
#include "report/level_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace lmstress::report {
namespace {

constexpr double allowed = 0.05;

/// Once for each API: its levels have it in common.
std::string fits(const run_summary& run, bool several) {
    std::string out;
    for (const std::string_view api : apis_of(run)) {
        const auto its = [&](const level_summary& l) { return l.setup.target.api == api; };
        const auto first = std::find_if(run.levels.begin(), run.levels.end(), its);
        const auto& c = first->setup.calibration;
        if (!c) continue;
        out += fmt::format(
            "{}{}a word has {:.2f} tokens, {:.0f} are the template's and the like: {} counts "
            "before the load, at most {:.0f} off\n",
            several ? api : "", several ? ": " : "", c->tokens_per_word, c->overhead, c->requests,
            c->largest_residual);
    }
    return out;
}

}  // namespace

std::string length_lines(const run_summary& run) {
    const bool several = apis_of(run).size() > 1;
    std::string out;
    for (const level_summary& level : run.levels) {
        if (!level.lengths || level.lengths->requests == 0) continue;
        const prompt_lengths& l = *level.lengths;
        out += fmt::format(
            "{:>7}{}{}  prompts asked {:.0f} tokens, achieved {:.0f} (medians of {})\n",
            level_number(level.setup), several ? "  " : "", several ? level.setup.target.api : "",
            l.asked_p50, l.achieved_p50, l.requests);
    }
    return out.empty() ? out : out + fits(run, several);
}

std::optional<std::string> length_warning(const level_summary& level) {
    if (!level.lengths) return std::nullopt;
    const prompt_lengths& l = *level.lengths;
    if (l.requests == 0) {
        return "the server counts no prompt tokens, so the lengths of made-up prompts are a guess "
               "at four characters a token.";
    }
    if (std::abs(l.ratio_p50 - 1) <= allowed) return std::nullopt;
    const auto& c = level.setup.calibration;
    std::string why = "no count of the server's was there to fit them to";
    if (c) {
        // Half a word beside what was asked for is as near as whole words come.
        const bool by_words = std::abs(l.achieved_p50 - l.asked_p50) <= c->tokens_per_word;
        why = c->overhead >= l.asked_p50
                  ? fmt::format("the template, the system prompt and the like alone have {:.0f}",
                                c->overhead)
              : by_words ? fmt::format("a word has {:.1f} tokens, and a prompt is made of words",
                                       c->tokens_per_word)
                         : "the server counted otherwise than before the load";
    }
    return fmt::format(
        "prompts had {:.0f} tokens where {:.0f} were asked for ({:+.0f} %, medians): "
        "{}.",
        l.achieved_p50, l.asked_p50, 100 * (l.ratio_p50 - 1), why);
}

}  // namespace lmstress::report
