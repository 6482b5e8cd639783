#include "report/cut_short.hpp"

#include "report/level_name.hpp"
#include "wire/json_value.hpp"
#include "wire/plural.hpp"
#include "wire/short_number.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace lmstress::report {
namespace {

namespace json = boost::json;

constexpr int interrupted = 130;

/// The load section of the scenario as in effect. Empty where there is none to read.
json::object load_of(const run_summary& run) {
    json::error_code ec;
    const json::value all = wire::parse_nested(run.setup.scenario_json, ec);
    if (ec || !all.is_object()) return {};
    const json::value* load = all.get_object().if_contains("load");
    return load != nullptr && load->is_object() ? load->get_object() : json::object{};
}

/// "1m30s" in seconds; nothing for anything else.
std::optional<double> seconds_of(std::string_view text) {
    if (text.empty()) return std::nullopt;
    double sum = 0;
    while (!text.empty()) {
        double n = 0;
        const auto [rest, ec] =
            std::from_chars(text.data(), text.data() + text.size(), n, std::chars_format::fixed);
        if (ec != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
        const std::string_view unit =
            text.substr(0, std::min(text.find_first_of("0123456789"), text.size()));
        text.remove_prefix(unit.size());
        if (unit == "ms") {
            sum += n / 1000;
        } else if (unit == "s") {
            sum += n;
        } else if (unit == "m") {
            sum += 60 * n;
        } else if (unit == "h") {
            sum += 3600 * n;
        } else {
            return std::nullopt;
        }
    }
    return sum;
}

/// What its loads are called, as far as the scenario lists them.
std::vector<std::string> loads_of(const json::object& load) {
    std::vector<std::string> out;
    const auto each = [&](const char* name, auto text_of) {
        const json::value* all = load.if_contains(name);
        if (all == nullptr || !all->is_array()) return;
        for (const json::value& one : all->get_array()) {
            if (one.is_number()) out.push_back(text_of(one.to_number<double>()));
        }
    };
    each("rate", wire::rate_text);
    if (!out.empty()) return out;
    each("concurrency",
         [](double n) { return wire::plural(static_cast<std::uint64_t>(n), "stream"); });
    return out;
}

bool was_measured(const level_summary& level) {
    return level.window_seconds > 0 && level.requests.offered > 0;
}

std::string reason_of(const run_summary& run) {
    if (run.exit_code == interrupted) {
        return "The run was interrupted: what it has is of the time before.";
    }
    if (!run.ended_early.empty()) return run.ended_early;
    return "The run did not come to its end; this is what it left behind.";
}

/// Of the level that was under way; it is the last one.
std::string cut_level(const run_summary& run, const json::object& load) {
    if (run.levels.empty() || !was_measured(run.levels.back())) return {};
    const level_summary& last = run.levels.back();
    const json::value* duration = load.if_contains("duration");
    if (duration == nullptr || !duration->is_string()) return {};
    const std::string_view text{duration->get_string()};
    const auto wanted = seconds_of(text);
    constexpr double nearly = 0.99;
    if (!wanted || last.window_seconds >= nearly * *wanted) return {};
    return fmt::format("{}: its window was cut after {:.3g} s of {}.", level_name(last.setup),
                       last.window_seconds, text);
}

std::string missing_loads(const run_summary& run, const json::object& load) {
    std::vector<std::string> missing;
    for (const std::string& name : loads_of(load)) {
        const bool there =
            std::any_of(run.levels.begin(), run.levels.end(), [&](const level_summary& level) {
                return was_measured(level) && level_name(level.setup) == name;
            });
        if (!there) missing.push_back(name);
    }
    if (missing.empty()) return {};
    return fmt::format("Not measured at all: {}.", fmt::join(missing, ", "));
}

}  // namespace

bool came_to_its_end(const run_summary& run) noexcept {
    return run.exit_code && *run.exit_code != interrupted && run.ended_early.empty();
}

bool ended_by_threshold(const run_summary& run) noexcept {
    return run.exit_code != interrupted && run.ended_early.find(by_abort_on) != std::string::npos;
}

std::vector<std::string> cut_short(const run_summary& run) {
    if (came_to_its_end(run)) return {};
    const json::object load = load_of(run);
    std::vector<std::string> out{reason_of(run)};
    for (std::string& one : std::vector{cut_level(run, load), missing_loads(run, load)}) {
        if (!one.empty()) out.push_back(std::move(one));
    }
    return out;
}

}  // namespace lmstress::report
