#include "workload/arrival_values.hpp"
#include "workload/field_row.hpp"
#include "workload/field_rules.hpp"
#include "workload/field_tables.hpp"

#include <boost/json/value.hpp>

#include <array>

namespace lmstress::workload::fields {
namespace {

constexpr value_rule one_level{.types = value_rule::integer | value_rule::string,
                               .least = 1,
                               .most = 100'000,
                               .pattern = "^([0-9]*[1-9][0-9]*|[0-9]+(\\.[0-9]+)?x)$"};
constexpr value_rule levels{
    .types = value_rule::array | value_rule::string | value_rule::integer,
    .least = 1,
    .most = 100'000,
    .pattern =
        "^([0-9]*[1-9][0-9]*|[0-9]+(\\.[0-9]+)?x)(,([0-9]*[1-9][0-9]*|[0-9]+(\\.[0-9]+)?x))*$",
    .form = "a list of numbers of streams like 1,4,16, or of the server's slots like 0.5x,1x,2x",
    .items = &one_level};
constexpr value_rule one_rate{.types = value_rule::number, .least = 1e-6, .most = 1e6};
constexpr value_rule rates{.types = value_rule::array | value_rule::string | value_rule::number,
                           .least = 1e-6,
                           .most = 1e6,
                           .pattern = "^[0-9.]+(,[0-9.]+)*$",
                           .form = "a list of rates above 0, in requests a second, like 0.5,1,2",
                           .items = &one_rate};
constexpr value_rule rate_steps{
    .types = value_rule::string,
    .pattern = "^[0-9.]+:[0-9.]+(h|m|s|ms|us|ns)(,[0-9.]+:[0-9.]+(h|m|s|ms|us|ns))*$",
    .form = "rates and how long each holds, like 1:30s,2:30s"};
constexpr value_rule ramp{.types = value_rule::string,
                          .pattern = "^[0-9]+(\\.[0-9]+)?\\.\\.[0-9]+(\\.[0-9]+)?$",
                          .form = "two rates, in requests a second, like 1..10"};
constexpr value_rule arrivals{.types = value_rule::string,
                              .pattern = "^(constant|poisson|gamma:[0-9.]+)$",
                              .form =
                                  "constant, poisson, or gamma with the coefficient of variation "
                                  "of the gaps, like gamma:2"};

constexpr std::string_view loop = "load";  // one of these fields says which load it is

void close_loop(scenario& s) {
    arrival_settings& a = s.load.arrivals;
    a.rates.clear();
    a.steps.clear();
    a.ramp.reset();
    a.trace_file.clear();
}
constexpr auto give_concurrency = [](const json::value& v, scenario& s) {
    close_loop(s);
    return take(v, s.load.concurrency);
};
constexpr auto give_rate = [](const json::value& v, scenario& s) {
    close_loop(s);
    return take(v, s.load.arrivals.rates);
};
constexpr auto give_rate_steps = [](const json::value& v, scenario& s) {
    close_loop(s);
    return take_text(v.get_string(), parse_rate_steps, s.load.arrivals.steps);
};
constexpr auto give_trace = [](const json::value& v, scenario& s) {
    close_loop(s);
    return take(v, s.load.arrivals.trace_file) && !s.load.arrivals.trace_file.empty();
};
constexpr auto give_ramp = [](const json::value& v, scenario& s) {
    close_loop(s);
    const auto parsed = parse_ramp(std::string_view{v.get_string()});
    s.load.arrivals.ramp = parsed;
    return parsed.has_value();
};

// clang-format off
constexpr std::array rows = {
    scenario_field{"/load/concurrency", "--concurrency", "N[,N...]", "", levels,
        "concurrent streams; several levels as a list: 1,4,16; multiples of the server's slots: 0.5x,1x,2x",
        loop, true, false, give_concurrency,
        [](const scenario& s, json_writer& w) { return !s.load.arrivals.is_open() && put(w, s.load.concurrency); }},
    scenario_field{"/load/rate", "--rate", "R[,R...]", "", rates,
        "an open loop: requests arrive at this rate, in requests a second, whether or not earlier ones have ended; several levels as a list",
        loop, true, false, give_rate,
        [](const scenario& s, json_writer& w) { return put(w, s.load.arrivals.rates); }},
    scenario_field{"/load/rate_steps", "--rate-steps", "R:TIME[,...]", "", rate_steps,
        "an open loop whose rate goes up or down in steps, each for its time: 1:30s,2:30s",
        loop, true, false, give_rate_steps,
        [](const scenario& s, json_writer& w) { return put(w, rate_steps_text(s.load.arrivals.steps)); }},
    scenario_field{"/load/ramp", "--ramp", "R..R", "", ramp,
        "an open loop whose rate changes evenly over the window: 1..10",
        loop, true, false, give_ramp,
        [](const scenario& s, json_writer& w) { return s.load.arrivals.ramp && put(w, ramp_text(*s.load.arrivals.ramp)); }},
    scenario_field{"/load/trace", "--trace", "FILE", "", some_text,
        "an open loop that replays a recorded trace, each request with its time and lengths: Mooncake (JSONL), BurstGPT or Azure (CSV)",
        loop, true, false, give_trace,
        [](const scenario& s, json_writer& w) { return put(w, s.load.arrivals.trace_file); }},
    scenario_field{"/load/trace_scale", "--trace-scale", "X", "", {.types = value_rule::number, .least = 1e-6, .most = 1e6},
        "the times of the trace are multiplied by this: 0.5 is twice as fast; default: 1",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.load.arrivals.trace_scale); },
        [](const scenario& s, json_writer& w) { return !s.load.arrivals.trace_file.empty() && put(w, s.load.arrivals.trace_scale); }},
    scenario_field{"/load/trace_limit", "--trace-limit", "N", "", {.types = value_rule::integer, .least = 1, .most = 30'000'000},
        "only the first requests of the trace, in the order of its lines",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.load.arrivals.trace_limit); },
        [](const scenario& s, json_writer& w) { return !s.load.arrivals.trace_file.empty() && put(w, s.load.arrivals.trace_limit); }},
    scenario_field{"/load/arrivals", "--arrivals", "LAW", "", arrivals,
        "how the gaps between arrivals spread: constant, poisson, or gamma:CV with their coefficient of variation (above 1 arrivals come in bursts); default: poisson",
        "", true, false,
        [](const json::value& v, scenario& s) { return take_text(v.get_string(), parse_arrivals, s.load.arrivals.law); },
        [](const scenario& s, json_writer& w) { return s.load.arrivals.is_open() && s.load.arrivals.trace_file.empty() && put(w, arrivals_text(s.load.arrivals.law)); }},
    scenario_field{"/load/max_in_flight", "--max-in-flight", "N", "", {.types = value_rule::integer, .least = 1, .most = 100'000},
        "of an open loop: so many requests, or conversations, at once; an arrival that finds as many is shed, and a miss; default: 1000",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.load.arrivals.max_in_flight); },
        [](const scenario& s, json_writer& w) { return s.load.arrivals.is_open() && put(w, s.load.arrivals.max_in_flight); }},
    scenario_field{"/load/catch_up", "--catch-up", "", "true", truth,
        "of an open loop: send in a burst what this machine was over 100 ms late for, which is shed otherwise",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.load.arrivals.catch_up); },
        [](const scenario& s, json_writer& w) { return s.load.arrivals.is_open() && put(w, s.load.arrivals.catch_up); }},
    instead(row("/load/requests", "--requests", "N", number_of_requests,
        "end a level's window after this many requests of all its workers",
        [](auto& s) -> auto& { return s.load.requests; }), "length",
        [](const json::value& v, scenario& s) { return take(v, s.load.requests); }),
    scenario_field{"/load/duration", "--duration", "TIME", "", duration, "length of a level's window",
        "length", true, false,
        [](const json::value& v, scenario& s) {
            s.load.requests.reset();
            return take(v, s.load.duration);
        },
        [](const scenario& s, json_writer& w) { return !s.load.ends_with_arrivals() && put(w, s.load.duration_in_effect()); }},
    scenario_field{"/load/warmup", "--warmup", "TIME", "", duration,
        "before the window, at the level's own concurrency; default: a tenth of the duration, at most 10s, and none with --requests",
        "", true, false, [](const json::value& v, scenario& s) { return take(v, s.load.warmup); },
        [](const scenario& s, json_writer& w) { return put(w, s.load.warmup_in_effect()); }},
    row("/load/grace", "--grace", "TIME", duration, "for requests in flight when the window ends",
        [](auto& s) -> auto& { return s.load.grace; }),
    row("/load/think_time", "--think-time", "TIME", duration, "between an answer and the next request",
        [](auto& s) -> auto& { return s.load.think_time; }),

    sets(row("/load/response_cache", "--response-cache", "", truth,
        "for rehearsals: answer a request whose body was sent before from memory, in none of the figures; wants --salt none",
        [](auto& s) -> auto& { return s.request.response_cache; }), "true"),
};
// clang-format on

}  // namespace

std::span<const scenario_field> load_fields() noexcept {
    return rows;
}

}  // namespace lmstress::workload::fields
