#include "analyze/regression.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lmstress::analyze {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

error unlike(std::string_view text, const std::string& why) {
    return {errc::usage, "--fail-on-regression '" + std::string{text} + "': " + why,
            "Write it like 'ttft_ms.p95 > 10%' or 'throughput.output_tokens_per_second < -5%'"};
}

}  // namespace

std::string_view to_string(regression r) noexcept {
    switch (r) {
        case regression::pass:
            return "pass";
        case regression::fail:
            return "fail";
        case regression::undecided:
            return "undecided";
    }
    return {};
}

result<regression_rule> parse_regression_rule(std::string_view text) {
    const std::size_t sign = text.find_first_of("<>");
    if (sign == std::string_view::npos) return unlike(text, "it has no > or <");
    const std::string_view name = trimmed(text.substr(0, sign));
    std::string_view number = trimmed(text.substr(sign + 1));
    if (!number.ends_with('%')) return unlike(text, "the bound is no share: it wants a %");
    number = trimmed(number.substr(0, number.size() - 1));
    if (number.starts_with('+')) number.remove_prefix(1);
    regression_rule rule{.text = std::string{trimmed(text)},
                         .what = figure_named(std::string{name}),
                         .fails_above = text[sign] == '>'};
    const auto [end, ec] =
        std::from_chars(number.data(), number.data() + number.size(), rule.limit);
    if (ec != std::errc{} || end != number.data() + number.size()) {
        return unlike(text, "the bound is no number");
    }
    if (!std::isfinite(rule.limit)) return unlike(text, "the bound is not finite");
    rule.limit /= 100;
    if (sample_of(name, {}) == nullptr) {
        return unlike(text, "no figure that can be compared is called '" + std::string{name} + "'");
    }
    if (rule.fails_above != rule.what.lower_is_better) {
        return unlike(text, rule.what.lower_is_better ? "less of that is no regression"
                                                      : "more of that is no regression");
    }
    return rule;
}

regression_verdict judge(const regression_rule& rule, runs a, runs b, std::uint64_t seed) {
    regression_verdict out{.rule = rule.text, .seen = {}};
    auto seen = compare_figure(rule.what, a, b, measure::confidence, seed);
    if (!seen) return out;
    out.seen = *std::move(seen);
    if (!out.seen.ci95) return out;
    const interval& change = *out.seen.ci95;
    const bool beyond = rule.fails_above ? change.low > rule.limit : change.high < rule.limit;
    const bool within = rule.fails_above ? change.high <= rule.limit : change.low >= rule.limit;
    if (beyond) out.is = regression::fail;
    if (within) out.is = regression::pass;
    return out;
}

regression worst_of(const std::vector<regression_verdict>& all) noexcept {
    const auto any = [&](regression wanted) {
        return std::any_of(all.begin(), all.end(),
                           [&](const regression_verdict& v) { return v.is == wanted; });
    };
    if (any(regression::fail)) return regression::fail;
    return any(regression::undecided) ? regression::undecided : regression::pass;
}

}  // namespace lmstress::analyze
