#include "report/csv_columns.hpp"

#include "measure/client_quality.hpp"
#include "measure/request_metrics.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace lmstress::report {
namespace {

/// The shortest that reads back to the same value; what is not known, or beyond all that is known,
/// is empty.
std::string text_of(double v) {
    return std::isfinite(v) ? fmt::format("{}", v) : std::string{};
}
std::string text_of(std::uint64_t v) {
    return fmt::format("{}", v);
}
std::string text_of(std::uint32_t v) {
    return fmt::format("{}", v);
}
std::string text_of(const std::string& v) {
    return v;
}
std::string yes_or_no(bool v) {
    return v ? "true" : "false";
}
std::string on_or_off(const std::optional<bool>& v) {
    return v ? (*v ? "on" : "off") : "";
}
template <class T>
std::string text_of(const std::optional<T>& v) {
    return v ? text_of(*v) : std::string{};
}

std::string start_of(const csv_row& r) {
    const auto seconds =
        static_cast<std::time_t>(r.run->summary.setup.started_unix_ns / 1'000'000'000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

struct quantile {
    std::string_view name;
    double distribution::* value;
    std::optional<interval> quantile_intervals::* around;
};
constexpr std::array quantiles = {
    quantile{"p50", &distribution::p50, &quantile_intervals::p50},
    quantile{"p90", &distribution::p90, &quantile_intervals::p90},
    quantile{"p95", &distribution::p95, &quantile_intervals::p95},
    quantile{"p99", &distribution::p99, &quantile_intervals::p99},
};

class column_list {
  public:
    template <class F>
    void add(std::string name, F of) {
        all_.push_back({std::move(name), [of](const csv_row& r) { return text_of(of(r)); }});
    }
    /// Of a part of a level that not every one has: `part` points to it or is null.
    template <class Part, class F>
    void of_part(std::string name, Part part, F of) {
        all_.push_back({std::move(name), [part, of](const csv_row& r) {
                            const auto* there = part(*r.level);
                            return there == nullptr ? std::string{} : text_of(of(*there));
                        }});
    }
    /// A rate of the whole server, which an API that shared it has none of.
    template <class F>
    void rate(std::string name, F of) {
        all_.push_back({std::move(name), [of](const csv_row& r) {
                            return r.shared ? std::string{} : text_of(of(*r.level));
                        }});
    }
    /// All that is known of a distribution; `of` gives it as a pointer or as an optional.
    template <class F>
    void distribution_of(const std::string& name, F of) {
        const auto figure = [&](std::string_view part, auto value) {
            all_.push_back({fmt::format("{}.{}", name, part), [of, value](const csv_row& r) {
                                const auto d = of(*r.level);
                                return d ? text_of(value(*d)) : std::string{};
                            }});
        };
        figure("count", [](const distribution& d) { return d.count; });
        figure("censored", [](const distribution& d) { return d.cut; });
        figure("mean", [](const distribution& d) { return d.mean; });
        figure("min", [](const distribution& d) { return d.min; });
        for (const quantile& q : quantiles) {
            figure(q.name, [at = q.value](const distribution& d) { return d.*at; });
            const auto end = [&](const char* which, double interval::* side) {
                figure(fmt::format("{}.{}", q.name, which),
                       [at = q.around, side](const distribution& d) {
                           const auto& i = d.ci95.*at;
                           return i ? std::optional{(*i).*side} : std::nullopt;
                       });
            };
            end("low", &interval::low);
            end("high", &interval::high);
        }
        figure("max", [](const distribution& d) { return d.max; });
    }
    std::vector<csv_column> done() { return std::move(all_); }

  private:
    std::vector<csv_column> all_;
};

template <class T>
auto part_of(std::optional<T> level_summary::* member) {
    return [member](const level_summary& l) { return l.*member ? &*(l.*member) : nullptr; };
}

template <class F>
bool any_of(std::span<const csv_row> rows, F has) {
    return std::any_of(rows.begin(), rows.end(), [&](const csv_row& r) { return has(*r.level); });
}

void add_place(column_list& c) {
    c.add("run", [](const csv_row& r) { return r.run->name; });
    c.add("run_id", [](const csv_row& r) { return r.run->summary.setup.id; });
    c.add("started", start_of);
    c.add("valid", [](const csv_row& r) { return yes_or_no(r.valid); });
    c.add("exit_code", [](const csv_row& r) {
        const auto& code = r.run->summary.exit_code;
        return code ? fmt::format("{}", *code) : std::string{};
    });
    c.add("level", [](const csv_row& r) {
        return r.together ? std::string{"together"} : text_of(r.level->setup.index);
    });
    c.add("url", [](const csv_row& r) { return r.level->setup.target.url; });
    c.add("api", [](const csv_row& r) { return r.level->setup.target.api; });
    c.add("model", [](const csv_row& r) { return r.level->setup.target.model; });
    c.add("quantization", [](const csv_row& r) { return r.level->setup.server.quantization; });
    c.add("parallel", [](const csv_row& r) { return r.level->setup.server.parallel.confirmed; });
    c.add("unified_kv",
          [](const csv_row& r) { return on_or_off(r.level->setup.server.unified_kv.confirmed); });
    c.add("context_length",
          [](const csv_row& r) { return r.level->setup.server.context_length.confirmed; });
    c.add("loaded_instances",
          [](const csv_row& r) { return r.level->setup.server.loaded_instances; });
    c.add("load",
          [](const csv_row& r) { return std::string{r.level->setup.open ? "open" : "closed"}; });
    c.add("concurrency", [](const csv_row& r) { return r.level->setup.concurrency; });
    c.add("requested_rate", [](const csv_row& r) {
        const auto& open = r.level->setup.open;
        return open ? std::optional{open->requested_rate} : std::nullopt;
    });
    c.add("window_seconds", [](const csv_row& r) { return r.level->window_seconds; });
}

void add_counts(column_list& c, std::span<const csv_row> rows) {
    const auto count = [&](const char* name, std::uint64_t request_counts::* of) {
        c.add(fmt::format("requests.{}", name),
              [of](const csv_row& r) { return r.level->requests.*of; });
    };
    count("offered", &request_counts::offered);
    count("completed", &request_counts::completed);
    count("failed", &request_counts::failed);
    count("timed_out", &request_counts::timed_out);
    count("shed", &request_counts::shed);
    count("censored", &request_counts::censored);
    count("retried", &request_counts::retried);
    count("from_cache", &request_counts::from_cache);
    count("model_mismatch", &request_counts::model_mismatch);
    count("not_sent", &request_counts::not_sent);
    std::set<std::string> kinds;
    for (const csv_row& r : rows) {
        for (const auto& [kind, e] : r.level->errors) kinds.insert(kind);
    }
    for (const std::string& kind : kinds) {
        c.add(fmt::format("errors.{}.count", kind), [kind](const csv_row& r) {
            const auto at = r.level->errors.find(kind);
            return at == r.level->errors.end() ? std::uint64_t{0} : at->second.count;
        });
    }
    if (!any_of(rows, [](const level_summary& l) { return !l.by_turn.empty(); })) return;
    const auto conversations = [&](const char* name, std::uint64_t conversation_counts::* of) {
        c.add(fmt::format("conversations.{}", name),
              [of](const csv_row& r) { return r.level->conversations.*of; });
    };
    conversations("begun", &conversation_counts::begun);
    conversations("completed", &conversation_counts::completed);
    conversations("broken", &conversation_counts::broken);
}

void add_tokens(column_list& c, std::span<const csv_row> rows) {
    const auto tokens = [&](const char* name, std::uint64_t token_counts::* of) {
        c.add(fmt::format("tokens.{}", name),
              [of](const csv_row& r) { return r.level->tokens.*of; });
    };
    tokens("input", &token_counts::input);
    tokens("cached", &token_counts::cached);
    if (any_of(rows, [](const level_summary& l) { return l.tokens.cache_creation > 0; })) {
        tokens("cache_creation", &token_counts::cache_creation);
    }
    tokens("output", &token_counts::output);
    tokens("reasoning", &token_counts::reasoning);
    c.add("tokens.source", [](const csv_row& r) { return r.level->tokens.source; });
    if (any_of(rows, [](const level_summary& l) { return l.lengths.has_value(); })) {
        const auto lengths = [&](const char* name, auto of) {
            c.of_part(fmt::format("prompt_lengths.{}", name), part_of(&level_summary::lengths), of);
        };
        lengths("requests", [](const prompt_lengths& l) { return l.requests; });
        lengths("uncounted", [](const prompt_lengths& l) { return l.uncounted; });
        lengths("asked_p50", [](const prompt_lengths& l) { return l.asked_p50; });
        lengths("achieved_p50", [](const prompt_lengths& l) { return l.achieved_p50; });
        lengths("ratio_p50", [](const prompt_lengths& l) { return l.ratio_p50; });
    }
    if (any_of(rows, [](const level_summary& l) { return l.draft.has_value(); })) {
        const auto draft = [&](const char* name, auto of) {
            c.of_part(fmt::format("draft.{}", name), part_of(&level_summary::draft), of);
        };
        draft("total", [](const draft_counts& d) { return d.total; });
        draft("accepted", [](const draft_counts& d) { return d.accepted; });
        draft("rejected", [](const draft_counts& d) { return d.rejected; });
        draft("ignored", [](const draft_counts& d) { return d.ignored; });
    }
    c.add("tokens_per_event", [](const csv_row& r) { return r.level->tokens_per_event; });
    c.add("itl_is_average", [](const csv_row& r) { return yes_or_no(r.level->itl_is_average); });
}

void add_rates(column_list& c, std::span<const csv_row> rows) {
    c.rate("throughput.output_tokens_per_second",
           [](const level_summary& l) { return l.output_tokens_per_second; });
    c.rate("throughput.requests_per_second",
           [](const level_summary& l) { return l.requests_per_second; });
    if (any_of(rows, [](const level_summary& l) { return l.inputs_per_second.has_value(); })) {
        c.rate("throughput.inputs_per_second",
               [](const level_summary& l) { return l.inputs_per_second; });
        c.add("vector_size", [](const csv_row& r) { return r.level->vector_size; });
    }
    const auto load = [&](const char* name, auto of) {
        c.of_part(fmt::format("load.{}", name), part_of(&level_summary::load), of);
    };
    load("achieved_rate", [](const load_figures& f) { return f.achieved_rate; });
    load("shed_late", [](const load_figures& f) { return f.shed_late; });
    load("overload", [](const load_figures& f) { return yes_or_no(f.grows); });
    load("in_flight.mean", [](const load_figures& f) { return f.in_flight_mean; });
    load("in_flight.max", [](const load_figures& f) { return f.in_flight_max; });
    load("in_flight.growth", [](const load_figures& f) { return f.in_flight_growth; });
    load("littles_law_residual", [](const load_figures& f) { return f.littles_residual; });
}

void add_slo(column_list& c, std::span<const csv_row> rows) {
    const auto slo = [&](const std::string& name, auto of) {
        c.of_part("slo." + name, part_of(&level_summary::slo), of);
    };
    slo("met", [](const slo_summary& s) { return s.met; });
    slo("attainment", [](const slo_summary& s) { return s.attainment; });
    slo("ci95.low",
        [](const slo_summary& s) { return s.ci95 ? std::optional{s.ci95->low} : std::nullopt; });
    slo("ci95.high",
        [](const slo_summary& s) { return s.ci95 ? std::optional{s.ci95->high} : std::nullopt; });
    c.rate("slo.goodput_per_second", [](const level_summary& l) {
        return l.slo ? std::optional{l.slo->goodput_per_second} : std::nullopt;
    });
    for (const std::string_view metric : slo_metric_words) {
        const auto clause = [metric](const level_summary& l) -> const slo_clause* {
            if (!l.slo) return nullptr;
            const auto& all = l.slo->clauses;
            const auto at = std::find_if(all.begin(), all.end(),
                                         [&](const slo_clause& one) { return one.name == metric; });
            return at == all.end() ? nullptr : &*at;
        };
        if (!any_of(rows, [&](const level_summary& l) { return clause(l) != nullptr; })) continue;
        const auto add = [&](const char* name, auto of) {
            c.of_part(fmt::format("slo.clauses.{}.{}", metric, name), clause, of);
        };
        add("below_ms", [](const slo_clause& s) { return s.below_ms; });
        add("met", [](const slo_clause& s) { return s.met; });
        add("attainment", [](const slo_clause& s) { return s.attainment; });
    }
}

/// What stands behind the figures.
void add_circumstances(column_list& c) {
    const auto steady = [&](const char* name, auto of) {
        c.of_part(fmt::format("steady_state.{}", name), part_of(&level_summary::steady), of);
    };
    steady("transient_seconds", [](const steadiness& s) { return s.transient_seconds; });
    steady("ttft_change", [](const steadiness& s) { return s.ttft_change; });
    steady("drifts", [](const steadiness& s) { return yes_or_no(s.drifts); });
    const auto events = [&](const char* name, std::uint64_t level_summary::* of) {
        c.add(fmt::format("events.{}", name), [of](const csv_row& r) { return r.level->*of; });
    };
    events("count", &level_summary::events);
    events("coalesced", &level_summary::coalesced_events);
    events("user_clock", &level_summary::user_events);
    events("unknown", &level_summary::unknown_events);
    c.distribution_of("client.read_lag_ms",
                      [](const level_summary& l) { return measure::client_of(l).read_lag_ms; });
    c.distribution_of("client.event_loop_lag_ms", [](const level_summary& l) {
        return measure::client_of(l).event_loop_lag_ms;
    });
    c.add("client.cpu_share",
          [](const csv_row& r) { return measure::client_of(*r.level).cpu_share; });
    const auto network = [&](const char* name, std::uint64_t network_figures::* of) {
        c.of_part(fmt::format("network.{}", name), part_of(&level_summary::network),
                  [of](const network_figures& n) { return n.*of; });
    };
    network("requests", &network_figures::requests);
    network("disturbed", &network_figures::disturbed);
    network("retransmits", &network_figures::retransmits);
    network("out_of_order", &network_figures::out_of_order);
    network("delayed_connects", &network_figures::delayed_connects);
    network("connect_retransmits", &network_figures::connect_retransmits);
}

}  // namespace

std::vector<csv_column> csv_columns(std::span<const csv_row> rows) {
    column_list c;
    add_place(c);
    add_counts(c, rows);
    add_tokens(c, rows);
    add_rates(c, rows);
    add_slo(c, rows);
    for (const measure::request_metric& m : measure::request_metrics()) {
        c.distribution_of(m.name,
                          [name = m.name](const level_summary& l) { return l.metric(name); });
    }
    add_circumstances(c);
    return c.done();
}

}  // namespace lmstress::report
