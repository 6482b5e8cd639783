#include "workload/field_row.hpp"
#include "workload/field_rules.hpp"
#include "workload/field_tables.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace lmstress::workload::fields {
namespace {

constexpr value_rule share{.types = value_rule::number, .least = 0, .most = 1};
constexpr value_rule slo{
    .types = value_rule::string,
    .pattern =
        "^ *(ttft|ttfa|tpot|itl_max|e2e) *< *[0-9.]+(h|m|s|ms|us|ns) *"
        "(, *(ttft|ttfa|tpot|itl_max|e2e) *< *[0-9.]+(h|m|s|ms|us|ns) *)*$",
    .form =
        "clauses like ttft<2s,tpot<50ms,e2e<30s, each of ttft, ttfa, tpot, itl_max and e2e at "
        "most once"};
constexpr value_rule threshold{.types = value_rule::string,
                               .pattern = "^[^<>]+(<|<=|>|>=)[^<>=]+$",
                               .form = "a threshold like ttft_ms.p95 < 2000"};
constexpr value_rule thresholds{.types = value_rule::string | value_rule::array,
                                .form = "a threshold like ttft_ms.p95 < 2000, or a list of them",
                                .items = &threshold};

/// Adds to those that are there: a file's and a flag's hold both.
bool take_thresholds(const json::value& v, std::vector<std::string>& into) {
    const auto add = [&](const json::value& one) {
        if (!one.is_string() || one.get_string().empty()) return false;
        const std::string text{std::string_view{one.get_string()}};
        if (std::find(into.begin(), into.end(), text) == into.end()) into.push_back(text);
        return true;
    };
    if (!v.is_array()) return add(v);
    const json::array& all = v.get_array();
    return std::all_of(all.begin(), all.end(), add);
}

// clang-format off
constexpr std::array rows = {
    row("/limits/max_error_rate", "--max-error-rate", "SHARE", share,
        "share of failed and timed out requests above which the exit code is 4",
        [](auto& s) -> auto& { return s.limits.max_error_rate; }),
    row("/limits/max_failures", "--max-failures", "N", number_of_requests,
        "end the run once this many requests have failed or timed out; the exit code is then 4",
        [](auto& s) -> auto& { return s.limits.max_failures; }),
    row("/limits/slo", "--slo", "CLAUSES", slo,
        "what each request is held to: ttft<2s,tpot<50ms,e2e<30s; also ttfa and itl_max. Those that "
        "meet all of it are the goodput",
        [](auto& s) -> auto& { return s.limits.slo; }),
    scenario_field{.pointer = "/limits/thresholds",
              .flag = "--threshold",
              .value_name = "BOUND",
              .flag_json = {},
              .rule = thresholds,
              .text = "a bound on a figure of summary.json, like ttft_ms.p95 < 2000; may be repeated",
              .instead = {},
              .stored = true,
              .secret = false,
              .read = [](const json::value& v, scenario& s) {
                  return take_thresholds(v, s.limits.thresholds);
              },
              .write = [](const scenario& s, json_writer& w) {
                  return put(w, s.limits.thresholds);
              },
                   .repeated = true},
    scenario_field{.pointer = "/limits/abort_on",
              .flag = "--abort-on",
              .value_name = "BOUND",
              .flag_json = {},
              .rule = thresholds,
              .text = "a bound as of --threshold that also ends the run, as soon as it can only fail; may be repeated",
              .instead = {},
              .stored = true,
              .secret = false,
              .read = [](const json::value& v, scenario& s) {
                  return take_thresholds(v, s.limits.abort_on);
              },
              .write = [](const scenario& s, json_writer& w) {
                  return put(w, s.limits.abort_on);
              },
                   .repeated = true},
    row("/limits/max_read_lag", "--max-read-lag", "TIME", duration,
        "p99 of the time that bytes may lie in the kernel before they are read, in a valid run (or 5 % of the median gap); 0 is off, here and below",
        [](auto& s) -> auto& { return s.limits.validity.read_lag; }),
    row("/limits/max_event_loop_lag", "--max-event-loop-lag", "TIME", duration,
        "p99 of how late the event loop may be in a valid run",
        [](auto& s) -> auto& { return s.limits.validity.event_loop_lag; }),
    row("/limits/max_send_lag", "--max-send-lag", "TIME", duration,
        "p99 of how late requests may be sent in a valid run, in an open loop",
        [](auto& s) -> auto& { return s.limits.validity.send_lag; }),
    row("/limits/max_client_cpu", "--max-client-cpu", "PERCENT",
        {.types = value_rule::integer, .least = 0, .most = 1000},
        "of a core that this process may use in a valid run",
        [](auto& s) -> auto& { return s.limits.validity.client_cpu_percent; }),
    row("/limits/timeout_connect", "--timeout-connect", "TIME", duration,
        "for a connection; 0 is off, here and below",
        [](auto& s) -> auto& { return s.deadlines.connect; }),
    row("/limits/timeout_headers", "--timeout-headers", "TIME", duration, "from the send to the header",
        [](auto& s) -> auto& { return s.deadlines.headers; }),
    row("/limits/timeout_first_token", "--timeout-first-token", "TIME", duration,
        "from the send to the first token",
        [](auto& s) -> auto& { return s.deadlines.first_token; }),
    row("/limits/timeout_gap", "--timeout-gap", "TIME", duration, "between two events of an answer",
        [](auto& s) -> auto& { return s.deadlines.gap; }),
    row("/limits/timeout_tool_gap", "--timeout-tool-gap", "TIME", duration,
        "the same while tool arguments are made",
        [](auto& s) -> auto& { return s.deadlines.tool_gap; }),
    row("/limits/timeout_request", "--timeout-request", "TIME", duration, "for a whole request",
        [](auto& s) -> auto& { return s.deadlines.whole; }),
    row("/limits/timeout_server", "--timeout-server", "TIME", duration,
        "for the server that --server-command starts, until it answers",
        [](auto& s) -> auto& { return s.deadlines.server_start; }),
};
// clang-format on

}  // namespace

std::span<const scenario_field> limits_fields() noexcept {
    return rows;
}

}  // namespace lmstress::workload::fields
