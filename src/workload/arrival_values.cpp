#include "workload/arrival_values.hpp"

#include "workload/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::workload {
namespace {

constexpr double most_rate = 1e6;    // a second
constexpr double least_rate = 1e-6;  // one in eleven days
constexpr double most_variation = 100;
constexpr double least_variation = 0.01;
constexpr std::string_view gamma = "gamma:";

std::optional<double> number(std::string_view text, double least, double most) {
    const auto n = parse_number(text);
    return n && *n >= least && *n <= most ? n : std::nullopt;
}

std::optional<double> rate_or_pause(std::string_view text) {
    const auto n = parse_number(text);
    if (n && *n == 0) return n;
    return number(text, least_rate, most_rate);
}

/// Hands over what stands between the commas, until `take` says no.
template <class Take>
bool each_item(std::string_view text, const Take& take) {
    for (;;) {
        const std::size_t end = std::min(text.find(','), text.size());
        if (!take(text.substr(0, end))) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

std::optional<std::vector<double>> parse_rates(std::string_view text) {
    std::vector<double> rates;
    const bool good = each_item(text, [&](std::string_view item) {
        const auto rate = number(item, least_rate, most_rate);
        if (rate) rates.push_back(*rate);
        return rate.has_value();
    });
    return good ? std::optional{rates} : std::nullopt;
}

std::optional<std::vector<rate_step>> parse_rate_steps(std::string_view text) {
    std::vector<rate_step> steps;
    bool any = false;
    const bool good = each_item(text, [&](std::string_view item) {
        const std::size_t colon = item.find(':');
        if (colon == std::string_view::npos) return false;
        const auto rate = rate_or_pause(item.substr(0, colon));
        const auto length = parse_duration(item.substr(colon + 1));
        if (!rate || !length || *length <= nanoseconds{0}) return false;
        steps.push_back({*rate, *length});
        any = any || *rate > 0;
        return true;
    });
    return good && any ? std::optional{steps} : std::nullopt;
}

std::string rate_steps_text(const std::vector<rate_step>& steps) {
    std::string text;
    for (const rate_step& s : steps) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", s.rate, duration_text(s.length));
    }
    return text;
}

std::optional<rate_ramp> parse_ramp(std::string_view text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos) return std::nullopt;
    const auto from = rate_or_pause(text.substr(0, dots));
    const auto to = rate_or_pause(text.substr(dots + 2));
    if (!from || !to || *from + *to <= 0) return std::nullopt;
    return rate_ramp{*from, *to};
}

std::string ramp_text(const rate_ramp& ramp) {
    return fmt::format("{}..{}", ramp.from, ramp.to);
}

std::optional<arrival_law> parse_arrivals(std::string_view text) {
    using law = arrival_law::law;
    if (text == "constant") return arrival_law{.follows = law::constant, .variation = 0};
    if (text == "poisson") return arrival_law{.follows = law::poisson};
    if (!text.starts_with(gamma)) return std::nullopt;
    const auto cv = number(text.substr(gamma.size()), least_variation, most_variation);
    if (!cv) return std::nullopt;
    return arrival_law{.follows = law::gamma, .variation = *cv};
}

std::string arrivals_text(const arrival_law& law) {
    switch (law.follows) {
        case arrival_law::law::constant:
            return "constant";
        case arrival_law::law::poisson:
            return "poisson";
        case arrival_law::law::gamma:
            return fmt::format("{}{}", gamma, law.variation);
    }
    return {};
}

}  // namespace lmstress::workload
