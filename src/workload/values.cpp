#include "workload/values.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace lmstress::workload {
namespace {

struct unit {
    std::string_view name;
    std::int64_t ns;
};
constexpr std::array units = {
    unit{"h", 3'600'000'000'000}, unit{"m", 60'000'000'000}, unit{"s", 1'000'000'000},
    unit{"ms", 1'000'000},        unit{"us", 1'000},         unit{"ns", 1}};

constexpr double longest = 365.0 * 24 * 3600 * 1e9;  // a year: sums of several stay in range
constexpr std::uint32_t most_streams = 100'000;
constexpr double most_tokens = 1e6;

/// A finite number that is not negative, and what stands behind it.
struct leading_number {
    double value;
    std::string_view rest;
};
std::optional<leading_number> number_in(std::string_view text) {
    // Neither signs nor exponents, inf or nan.
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (ec != std::errc{} || !std::isfinite(value) || std::signbit(value)) return std::nullopt;
    return leading_number{value, {rest, static_cast<std::size_t>(end - rest)}};
}

struct form {
    std::string_view name;
    token_lengths::law law;
    std::string_view separator;  ///< empty: one number
};
using law = token_lengths::law;
constexpr std::array forms = {form{"fixed:", law::fixed, ""}, form{"uniform:", law::uniform, ".."},
                              form{"normal:", law::normal, ","},
                              form{"lognormal:", law::lognormal, ","}};

std::optional<token_lengths> lengths_of(const form& f, std::string_view numbers) {
    token_lengths lengths{.follows = f.law};
    const std::size_t at = f.separator.empty() ? numbers.size() : numbers.find(f.separator);
    if (at == std::string_view::npos) return std::nullopt;
    const auto a = parse_number(numbers.substr(0, at));
    if (!a || *a < 1 || *a > most_tokens) return std::nullopt;
    lengths.a = *a;
    if (f.separator.empty()) return lengths;
    const auto b = parse_number(numbers.substr(at + f.separator.size()));
    if (!b || *b > most_tokens || (f.law == law::uniform && *b < *a)) return std::nullopt;
    if (f.law == law::lognormal && *b > 10) return std::nullopt;
    lengths.b = *b;
    return lengths;
}

std::string_view without_blanks(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
    const auto n = number_in(text);
    return n && n->rest.empty() ? std::optional{n->value} : std::nullopt;
}

std::optional<nanoseconds> parse_duration(std::string_view text) {
    const auto n = number_in(text);
    if (!n) return std::nullopt;
    if (n->rest.empty() && n->value == 0) return nanoseconds{0};
    for (const unit& u : units) {
        if (n->rest != u.name) continue;
        const double ns = std::round(n->value * static_cast<double>(u.ns));
        if (ns > longest) return std::nullopt;
        return nanoseconds{static_cast<std::int64_t>(ns)};
    }
    return std::nullopt;
}

std::string duration_text(nanoseconds d) {
    if (d == nanoseconds{0}) return "0s";
    for (const unit& u : units) {
        if (d.count() % u.ns == 0) return fmt::format("{}{}", d.count() / u.ns, u.name);
    }
    return {};
}

std::optional<stream_count> parse_streams(std::string_view text) {
    const auto n = number_in(text);
    if (!n || n->value <= 0 || n->value > most_streams) return std::nullopt;
    if (n->rest == "x") return stream_count::of_slots(n->value);
    // Digits only: "1e2" is a number to others, but nobody's number of streams.
    const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits) return std::nullopt;
    return stream_count{static_cast<std::uint32_t>(n->value)};
}

std::string streams_text(const stream_count& c) {
    return fmt::format("{}{}", c.n, c.is_multiple ? "x" : "");
}

std::optional<std::vector<stream_count>> parse_levels(std::string_view text) {
    std::vector<stream_count> levels;
    for (;;) {
        const std::size_t end = std::min(text.find(','), text.size());
        const auto level = parse_streams(text.substr(0, end));
        if (!level) return std::nullopt;
        levels.push_back(*level);
        if (end == text.size()) return levels;
        text.remove_prefix(end + 1);
    }
}

std::optional<slo_limits> parse_slo(std::string_view text) {
    slo_limits slo;
    for (;;) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string_view clause = text.substr(0, end);
        const std::size_t below = clause.find('<');
        const auto word = std::find(slo_metric_words.begin(), slo_metric_words.end(),
                                    without_blanks(clause.substr(0, below)));
        if (below == std::string_view::npos || word == slo_metric_words.end()) return std::nullopt;
        auto& limit = slo.below[static_cast<std::size_t>(word - slo_metric_words.begin())];
        const auto time = parse_duration(without_blanks(clause.substr(below + 1)));
        if (limit || !time || *time <= nanoseconds{0}) return std::nullopt;
        limit = time;
        if (end == text.size()) return slo;
        text.remove_prefix(end + 1);
    }
}

std::string slo_text(const slo_limits& slo) {
    std::string text;
    for (std::size_t i = 0; i < slo_metric_count; ++i) {
        if (!slo.below[i]) continue;
        text += fmt::format("{}{}<{}", text.empty() ? "" : ",", slo_metric_words[i],
                            duration_text(*slo.below[i]));
    }
    return text;
}

std::optional<token_lengths> parse_lengths(std::string_view text) {
    for (const form& f : forms) {
        if (text.starts_with(f.name)) return lengths_of(f, text.substr(f.name.size()));
    }
    return std::nullopt;
}

std::string lengths_text(const token_lengths& lengths) {
    for (const form& f : forms) {
        if (f.law != lengths.follows) continue;
        if (f.separator.empty()) return fmt::format("{}{}", f.name, lengths.a);
        return fmt::format("{}{}{}{}", f.name, lengths.a, f.separator, lengths.b);
    }
    return {};
}

}  // namespace lmstress::workload
