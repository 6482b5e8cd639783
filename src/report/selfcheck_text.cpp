#include "report/selfcheck_text.hpp"

#include "lmstress/version.hpp"
#include "measure/quantile_interval.hpp"
#include "measure/setup_json.hpp"
#include "wire/json_writer.hpp"
#include "wire/plural.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace lmstress::report {
namespace {

std::string with_thousands(std::uint64_t n) {
    std::string out = std::to_string(n);
    for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
    return out;
}

/// From so few a p99 has no 95 % interval.
bool is_enough_for_p99(std::uint64_t n) {
    return measure::ranks_around(0.99, n).high.has_value();
}

std::string figure(const std::optional<distribution>& d, double distribution::* at, bool sign) {
    if (!d) return "-";
    const std::string number =
        sign ? fmt::format("{:+.3f}", *d.*at) : fmt::format("{:.3f}", *d.*at);
    const bool bare = at == &distribution::p99 && !is_enough_for_p99(d->count);
    return bare ? '(' + number + ')' : number;
}

std::string row(const analyze::selfcheck_level& l) {
    const analyze::own_error& e = l.error;
    const std::string cpu =
        l.client_cpu_share ? fmt::format("{:.0f} %", 100 * *l.client_cpu_share) : std::string{"-"};
    return fmt::format("{:>7}{:>11}{:>10}{:>11}{:>9}{:>11}{:>9}{:>9}  {}\n", l.streams,
                       with_thousands(static_cast<std::uint64_t>(e.events_per_second)), e.requests,
                       figure(e.ttft_error_ms, &distribution::p50, true),
                       figure(e.ttft_error_ms, &distribution::p99, true),
                       figure(e.gap_error_ms, &distribution::p50, false),
                       figure(e.gap_error_ms, &distribution::p99, false), cpu,
                       l.holds() ? "holds" : "does not hold");
}

void write(wire::json_writer& w, std::string_view key, const std::optional<distribution>& d) {
    w.key(key);
    if (!d) {
        w.null();
        return;
    }
    w.begin_object().field("count", d->count).field("min", d->min).field("p50", d->p50);
    w.field("p90", d->p90).field("p95", d->p95).field("p99", d->p99).field("max", d->max);
    w.end_object();
}

void write(wire::json_writer& w, const analyze::selfcheck_level& l) {
    w.begin_object().field("api", l.api).field("streams", l.streams);
    w.field("events_per_second_each", l.wanted_events_per_second);
    w.field("events_per_second", l.error.events_per_second).field("requests", l.error.requests);
    w.field("gaps", l.error.gaps);
    write(w, "ttft_error_ms", l.error.ttft_error_ms);
    write(w, "gap_error_ms", l.error.gap_error_ms);
    write(w, "true_ttft_ms", l.error.true_ttft_ms);
    write(w, "true_gap_ms", l.error.true_gap_ms);
    w.field("client_cpu_share", l.client_cpu_share).field("holds", l.holds());
    w.key("reasons").begin_array();
    for (const std::string& reason : l.reasons) w.value(reason);
    w.end_array().end_object();
}

}  // namespace

std::string selfcheck_sentence(const selfcheck_note& n) {
    if (!n.held) {
        return "at none of the loads that it tried do the figures hold on this host (lmstress "
               "selfcheck says why)";
    }
    const selfcheck_note::load& held = *n.held;
    const bool few = held.requests > 0 && !is_enough_for_p99(held.requests);
    return fmt::format(
        "TTFT {:+.2f} ms p99{}, gaps ±{:.2f} ms p99, up to {} stream{} × {:.0f} "
        "events/s on this host",
        held.ttft_error_p99_ms,
        few ? fmt::format(" (n too small: {})", wire::plural(held.requests, "request")) : "",
        held.gap_error_p99_ms, with_thousands(held.streams), held.streams == 1 ? "" : "s",
        held.events_per_second);
}

std::string selfcheck_line(const selfcheck_note& n, std::uint32_t streams) {
    const auto seconds = static_cast<std::time_t>(n.started_unix_ns / 1'000'000'000);
    const bool beyond = n.held && streams > n.held->streams;
    return fmt::format("own error, by the self-check of {:%Y-%m-%d}:\n  {}{}", fmt::gmtime(seconds),
                       selfcheck_sentence(n),
                       beyond ? fmt::format("\n  this run's {} are more than it has tried or held",
                                            wire::plural(streams, "stream"))
                              : "");
}

std::string selfcheck_table(const analyze::selfcheck& all) {
    std::string out =
        fmt::format("{:>7}{:>11}{:>10}{:>20}{:>20}\n{:>7}{:>11}{:>10}{:>11}{:>9}{:>11}{:>9}{:>9}\n",
                    "", "", "", "TTFT error ms", "gap error ms", "streams", "events/s", "requests",
                    "p50", "p99", "p50", "p99", "CPU");
    for (const analyze::selfcheck_level& l : all.levels) {
        out += row(l);
        for (const std::string& reason : l.reasons) out += "        " + reason + '\n';
    }
    const bool bare = std::any_of(all.levels.begin(), all.levels.end(), [](const auto& l) {
        return l.error.ttft_error_ms && !is_enough_for_p99(l.error.ttft_error_ms->count);
    });
    if (bare) out += "(in brackets: n too small for a 95 % interval)\n";
    return out + '\n' + selfcheck_sentence(all.note()) + '\n';
}

std::string selfcheck_json(const analyze::selfcheck& all) {
    std::string out;
    wire::json_writer w{out, wire::json_writer::style::indented};
    w.begin_object().field("schema", "lmstress.selfcheck/1");
    w.key("tool").begin_object().field("name", "lmstress").field("version", version).end_object();
    w.field("started_unix_ns", all.started_unix_ns).key("host").begin_object();
    w.field("name", all.host).field("cpu", all.cpu).field("cores", all.cores).end_object();
    w.field("scenario", all.scenario.empty() ? std::nullopt : std::optional{all.scenario});
    w.key("held");
    measure::write(w, all.note());
    w.key("levels").begin_array();
    for (const analyze::selfcheck_level& l : all.levels) write(w, l);
    w.end_array().end_object();
    return out + '\n';
}

}  // namespace lmstress::report
