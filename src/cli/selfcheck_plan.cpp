#include "cli/selfcheck_plan.hpp"

#include "api/api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace lmstress::cli {
namespace {

using std::chrono::seconds;

constexpr std::array<std::uint32_t, 4> ladder = {16, 256, 1000, 4000};
constexpr std::uint32_t ladder_tokens = 40;  // two seconds of them
constexpr std::uint64_t usual_slots = 4;     // of a server that nobody asked

void make_absolute(std::string& path) {
    if (!path.empty()) path = std::filesystem::absolute(path).string();
}

/// What is sent stays as it is; what is about the real server, and about judging it, goes.
scenario adapted(scenario s) {
    if (s.target.api == "auto") s.target.api = "lmstudio";
    target_settings target;
    target.api = s.target.api;
    target.quick_ack = s.target.quick_ack;
    s.target = target;
    s.server = {};
    s.request.allow_missing = true;
    s.request.response_cache = false;
    s.workload.integrations.clear();
    s.workload.calibrate = false;
    make_absolute(s.workload.prompts_file);
    make_absolute(s.workload.conversation.file);
    make_absolute(s.workload.system_prompt_file);
    for (std::string& image : s.workload.images) make_absolute(image);
    limit_settings limits;
    limits.max_error_rate = 1;
    s.limits = limits;
    s.output = {};
    s.output.events = true;
    const bool is_trace = !s.load.arrivals.trace_file.empty();
    const bool by_time = !s.load.ends_with_arrivals();
    const nanoseconds asked = by_time ? s.load.duration_in_effect() : seconds{5};
    make_absolute(s.load.arrivals.trace_file);
    s.load.requests.reset();
    s.load.warmup = is_trace ? seconds{0} : seconds{1};
    s.load.duration = std::clamp<nanoseconds>(asked, seconds{1}, seconds{5});
    s.load.think_time = std::min<nanoseconds>(s.load.think_time, seconds{1});
    s.load.grace = std::min<nanoseconds>(s.load.grace, seconds{3});
    return s;
}

}  // namespace

bool is_ladder(const settings& effective) {
    const auto& origins = effective.about.origins;
    const auto is_of = [&](const char* block) {
        return std::any_of(origins.begin(), origins.end(),
                           [&](const auto& origin) { return origin.first.starts_with(block); });
    };
    // A search makes loads that nobody can name before.
    const bool streams_said = is_of("/load/concurrency") || is_of("/load/arrivals");
    return !is_of("/load/") || (is_of("/capacity/") && !streams_said);
}

result<std::vector<selfcheck_load>> loads_to_check(const settings& effective) {
    scenario s = adapted(effective.values);
    for (const api::api* api : api::find_apis(s.target.api)) {
        if (!api->embeds) continue;
        return error{errc::usage,
                     fmt::format("{} has no stream whose times could be compared", api->name),
                     "Name another API with --api."};
    }
    std::vector<selfcheck_load> loads;
    const auto add = [&](std::uint32_t streams) {
        s.load.concurrency = {stream_count{streams}};
        loads.push_back({streams, s});
    };
    if (is_ladder(effective)) {
        s.load.duration = seconds{3};
        s.workload.max_tokens = ladder_tokens;
        for (const std::uint32_t streams : ladder) add(streams);
        return loads;
    }
    arrival_settings& arrivals = s.load.arrivals;
    if (arrivals.is_open()) {
        const std::vector<double> rates = arrivals.rates;
        for (const double rate : rates) {
            arrivals.rates = {rate};
            loads.push_back({arrivals.max_in_flight, s});
        }
        if (rates.empty()) loads.push_back({arrivals.max_in_flight, s});
        return loads;
    }
    std::uint64_t slots = effective.values.server.parallel.value_or(usual_slots);
    // Of a sweep the setting with the most.
    for (const auto n : effective.values.sweep.parallel) slots = std::max<std::uint64_t>(slots, n);
    for (const stream_count& c : effective.values.load.concurrency) {
        const double n = c.is_multiple ? c.n * static_cast<double>(slots) : c.n;
        add(std::max(static_cast<std::uint32_t>(n), 1U));
    }
    return loads;
}

std::vector<std::string> server_flags(const selfcheck_load& load, double events_per_second) {
    return {"--parallel",
            std::to_string(load.streams),
            "--context-length",
            "1000000000",
            "--step-base",
            fmt::format("{}us", static_cast<std::uint64_t>(1e6 / events_per_second)),
            "--step-per-stream",
            "0",
            "--prefill-per-token",
            "0",
            "--prefill-chunk",
            "1000000000"};
}

}  // namespace lmstress::cli
