#include "workload/trace.hpp"

#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace lmstress::workload {
namespace {

namespace json = boost::json;

/// Sixteen bytes each. The longest published trace, a week of Azure's, has 27 million.
constexpr std::uint64_t most_entries = 30'000'000;
constexpr double most_tokens = 1e6;
constexpr double longest = 10.0 * 365 * 24 * 3600;  // seconds, of a time in a trace

std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> cells;
    for (;;) {
        const std::size_t end = std::min(line.find(','), line.size());
        cells.push_back(line.substr(0, end));
        if (end == line.size()) return cells;
        line.remove_prefix(end + 1);
    }
}

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, value);
    if (ec != std::errc{} || rest != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

/// A request without a token is none, but BurstGPT has failed ones with an answer of 0.
std::optional<std::uint32_t> tokens_of(std::optional<double> n) {
    if (!n || *n < 0 || *n > most_tokens || *n != std::floor(*n)) return std::nullopt;
    return std::max<std::uint32_t>(static_cast<std::uint32_t>(*n), 1);
}

std::optional<nanoseconds> time_of(std::optional<double> seconds) {
    if (!seconds || *seconds < 0 || *seconds > longest) return std::nullopt;
    return nanoseconds{std::llround(*seconds * 1e9)};
}

/// Digits that fill the text, up to as many as fit an int.
std::optional<int> digits_of(std::string_view text) {
    int value = 0;
    const char* const end = text.data() + text.size();
    const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
    const auto [rest, ec] = std::from_chars(text.data(), end, value);
    return digits && ec == std::errc{} && rest == end ? std::optional{value} : std::nullopt;
}

/// "2023-11-16 18:17:03.9799600", also with "+00:00" behind it, since 1970.
std::optional<nanoseconds> date_time_of(std::string_view text) {
    constexpr std::string_view shape = "2023-11-16 18:17:03";
    constexpr std::array<std::string_view, 3> zones = {"+00:00", "Z", " UTC"};
    for (const std::string_view zone : zones) {
        if (text.ends_with(zone)) text.remove_suffix(zone.size());
    }
    if (text.size() < shape.size()) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool digit = shape[i] >= '0' && shape[i] <= '9';
        if (!digit && text[i] != shape[i] && !(shape[i] == ' ' && text[i] == 'T')) {
            return std::nullopt;
        }
    }
    std::array<int, 6> part{};
    constexpr std::array<std::pair<std::size_t, std::size_t>, 6> where = {
        {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
    for (std::size_t i = 0; i < part.size(); ++i) {
        const auto n = digits_of(text.substr(where[i].first, where[i].second));
        if (!n) return std::nullopt;
        part[i] = *n;
    }
    const std::chrono::year_month_day day{std::chrono::year{part[0]},
                                          std::chrono::month{static_cast<unsigned>(part[1])},
                                          std::chrono::day{static_cast<unsigned>(part[2])}};
    if (!day.ok() || part[3] > 23 || part[4] > 59 || part[5] > 60) return std::nullopt;
    // Nanoseconds since 1970 end in 2262.
    if (part[0] < 1970 || part[0] > 2200) return std::nullopt;
    nanoseconds fraction{0};
    if (std::string_view rest = text.substr(shape.size()); !rest.empty()) {
        if (rest.front() != '.' || rest.size() < 2 || rest.size() > 10) return std::nullopt;
        std::string nine{rest.substr(1)};
        nine.resize(9, '0');
        const auto n = digits_of(nine);
        if (!n) return std::nullopt;
        fraction = nanoseconds{*n};
    }
    return std::chrono::sys_days{day}.time_since_epoch() + std::chrono::hours{part[3]} +
           std::chrono::minutes{part[4]} + std::chrono::seconds{part[5]} + fraction;
}

std::optional<double> number_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr || !v->is_number()) return std::nullopt;
    return v->to_number<double>();
}

std::optional<trace_entry> entry(std::optional<nanoseconds> at, std::optional<std::uint32_t> in,
                                 std::optional<std::uint32_t> out) {
    if (!at || !in || !out) return std::nullopt;
    return trace_entry{*at, *in, *out};
}

std::optional<trace_entry> mooncake_entry(std::string_view line) {
    json::error_code ec;
    const json::value v = json::parse(line, ec);
    if (ec || !v.is_object()) return std::nullopt;
    const json::object& o = v.get_object();
    const auto ms = number_at(o, "timestamp");
    return entry(time_of(ms ? std::optional{*ms / 1000} : std::nullopt),
                 tokens_of(number_at(o, "input_length")), tokens_of(number_at(o, "output_length")));
}

}  // namespace

trace_reader::trace_reader(std::string name, std::optional<std::uint64_t> limit)
    : name_(std::move(name)), limit_(limit.value_or(most_entries)), limited_(limit.has_value()) {}

result<void> trace_reader::read_head(std::string_view line) {
    const auto cells = cells_of(line);
    const auto column = [&](std::string_view name, std::size_t& into) {
        const auto found = std::find(cells.begin(), cells.end(), name);
        into = static_cast<std::size_t>(found - cells.begin());
        return found != cells.end();
    };
    if (line.starts_with('{')) {
        form_ = form::mooncake;
    } else if (column("Timestamp", columns_.time) && column("Request tokens", columns_.input) &&
               column("Response tokens", columns_.output)) {
        form_ = form::burst_gpt;
    } else if (column("TIMESTAMP", columns_.time) && column("ContextTokens", columns_.input) &&
               column("GeneratedTokens", columns_.output)) {
        form_ = form::azure;
    } else {
        return error{
            errc::bad_file,
            fmt::format("{} line {} begins no trace that lmstress can read", name_, number_),
            "It reads Mooncake's JSONL, and the CSV files of BurstGPT and Azure, with the names of "
            "their columns in the first line (docs/load.md)."};
    }
    return {};
}

result<bool> trace_reader::take(std::string_view line) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    ++number_;
    if (number_ == 1 && line.starts_with(byte_order_mark)) {
        line.remove_prefix(byte_order_mark.size());
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) return true;
    if (form_ == form::unknown) {
        const auto read = read_head(line);
        if (!read) return read.error();
        if (form_ != form::mooncake) return true;
    }
    const auto read = entry_of(line);
    if (!read) return wrong(line);
    entries_.push_back(*read);
    if (entries_.size() < limit_) return true;
    if (limited_) return false;
    return error{errc::bad_file, fmt::format("{} holds more than {} requests", name_, most_entries),
                 "Take the first of them with --trace-limit."};
}

std::optional<trace_entry> trace_reader::entry_of(std::string_view line) const {
    if (form_ == form::mooncake) return mooncake_entry(line);
    const auto cells = cells_of(line);
    if (std::max({columns_.time, columns_.input, columns_.output}) >= cells.size()) {
        return std::nullopt;
    }
    const std::string_view time = cells[columns_.time];
    return entry(form_ == form::azure ? date_time_of(time) : time_of(number_of(time)),
                 tokens_of(number_of(cells[columns_.input])),
                 tokens_of(number_of(cells[columns_.output])));
}

error trace_reader::wrong(std::string_view line) const {
    std::string_view example;
    switch (form_) {
        case form::unknown:
        case form::mooncake:
            example = R"({"timestamp": 3000, "input_length": 915, "output_length": 355})";
            break;
        case form::burst_gpt:
            example = "5,ChatGPT,472,18,490,Conversation log";
            break;
        case form::azure:
            example = "2023-11-16 18:17:03.9799600,4808,10";
            break;
    }
    const std::string shown{line.substr(0, 60)};
    return {errc::bad_file,
            fmt::format("{} line {} is no request of a trace: {}{}", name_, number_, shown,
                        shown.size() < line.size() ? "..." : ""),
            fmt::format("One looks like this: {}", example)};
}

result<std::vector<trace_entry>> trace_reader::finish() {
    if (entries_.empty()) return error{errc::bad_file, name_ + " holds no request"};
    // By time, those of one time in the order of the file.
    std::vector<std::size_t> order(entries_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair{entries_[a].at, a} < std::pair{entries_[b].at, b};
    });
    const nanoseconds first = entries_[order.front()].at;
    std::vector<trace_entry> sorted;
    sorted.reserve(order.size());
    for (const std::size_t i : order) {
        sorted.push_back(entries_[i]);
        sorted.back().at -= first;
    }
    entries_.clear();
    return sorted;
}

}  // namespace lmstress::workload
