#include "report/csv.hpp"

#include "measure/request_metrics.hpp"
#include "measure/validity.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ctime>

namespace lmstress::report {
namespace {

/// What a row is about.
struct row {
    const source_run& run;
    const level_summary& level;
    bool valid;
};

template <class T>
std::string text_of(const std::optional<T>& v) {
    return v ? fmt::format("{}", *v) : std::string{};
}
std::string text_of(const std::optional<bool>& v) {
    return v ? (*v ? "on" : "off") : "";
}
/// The shortest that reads back to the same value; what is not known, or beyond all that is known,
/// is empty.
std::string number(double v) {
    return std::isfinite(v) ? fmt::format("{}", v) : std::string{};
}

std::string start_of(const row& r) {
    const auto seconds =
        static_cast<std::time_t>(r.run.summary.setup.started_unix_ns / 1'000'000'000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

struct column {
    std::string_view name;
    std::string (*cell)(const row& r);
};

constexpr std::array columns = {
    column{"run", [](const row& r) { return r.run.name; }},
    column{"run_id", [](const row& r) { return r.run.summary.setup.id; }},
    column{"started", start_of},
    column{"valid", [](const row& r) { return std::string{r.valid ? "true" : "false"}; }},
    column{"level", [](const row& r) { return fmt::format("{}", r.level.setup.index); }},
    column{"url", [](const row& r) { return r.level.setup.target.url; }},
    column{"api", [](const row& r) { return r.level.setup.target.api; }},
    column{"model", [](const row& r) { return r.level.setup.target.model; }},
    column{"quantization", [](const row& r) { return r.level.setup.server.quantization; }},
    column{"parallel",
           [](const row& r) { return text_of(r.level.setup.server.parallel.confirmed); }},
    column{"unified_kv",
           [](const row& r) { return text_of(r.level.setup.server.unified_kv.confirmed); }},
    column{"context_length",
           [](const row& r) { return text_of(r.level.setup.server.context_length.confirmed); }},
    column{"load",
           [](const row& r) { return std::string{r.level.setup.open ? "open" : "closed"}; }},
    column{"concurrency",
           [](const row& r) { return fmt::format("{}", r.level.setup.concurrency); }},
    column{"requested_rate",
           [](const row& r) {
               return r.level.setup.open ? number(r.level.setup.open->requested_rate) : "";
           }},
    column{"window_seconds", [](const row& r) { return number(r.level.window_seconds); }},
    column{"requests.offered",
           [](const row& r) { return fmt::format("{}", r.level.requests.offered); }},
    column{"requests.completed",
           [](const row& r) { return fmt::format("{}", r.level.requests.completed); }},
    column{"requests.failed",
           [](const row& r) { return fmt::format("{}", r.level.requests.failed); }},
    column{"requests.timed_out",
           [](const row& r) { return fmt::format("{}", r.level.requests.timed_out); }},
    column{"requests.shed", [](const row& r) { return fmt::format("{}", r.level.requests.shed); }},
    column{"requests.censored",
           [](const row& r) { return fmt::format("{}", r.level.requests.censored); }},
    column{"tokens.input", [](const row& r) { return fmt::format("{}", r.level.tokens.input); }},
    column{"tokens.output", [](const row& r) { return fmt::format("{}", r.level.tokens.output); }},
    column{"throughput.output_tokens_per_second",
           [](const row& r) { return number(r.level.output_tokens_per_second); }},
    column{"throughput.requests_per_second",
           [](const row& r) { return number(r.level.requests_per_second); }},
    column{"tokens_per_event", [](const row& r) { return text_of(r.level.tokens_per_event); }},
    column{"load.in_flight.mean",
           [](const row& r) { return r.level.load ? number(r.level.load->in_flight_mean) : ""; }},
    column{"slo.attainment",
           [](const row& r) { return r.level.slo ? number(r.level.slo->attainment) : ""; }},
    column{"slo.goodput_per_second",
           [](const row& r) { return r.level.slo ? number(r.level.slo->goodput_per_second) : ""; }},
};

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

/// A line of a table as it is put together (RFC 4180).
class line {
  public:
    explicit line(std::string& out) : out_(out) {}
    void add(std::string_view cell) {
        if (!first_) out_ += ',';
        first_ = false;
        // A minus begins figures too, which are no text.
        const bool formula = !cell.empty() && std::string_view{"=+@\t\r"}.find(cell.front()) !=
                                                  std::string_view::npos;
        std::string text{formula ? "'" : ""};
        text += cell;
        if (text.find_first_of(",\"\r\n") == std::string::npos) {
            out_ += text;
            return;
        }
        out_ += '"';
        for (const char c : text) out_ += c == '"' ? "\"\"" : std::string(1, c);
        out_ += '"';
    }
    void end() { out_ += '\n'; }

  private:
    std::string& out_;
    bool first_ = true;
};

void add_head(std::string& out) {
    line head{out};
    for (const column& c : columns) head.add(c.name);
    for (const measure::request_metric& m : measure::request_metrics()) {
        for (const char* figure : {"count", "censored", "mean", "min"}) {
            head.add(fmt::format("{}.{}", m.name, figure));
        }
        for (const quantile& q : quantiles) {
            head.add(fmt::format("{}.{}", m.name, q.name));
            head.add(fmt::format("{}.{}.low", m.name, q.name));
            head.add(fmt::format("{}.{}.high", m.name, q.name));
        }
        head.add(fmt::format("{}.max", m.name));
    }
    head.end();
}

void add_metric(line& cells, const distribution* d) {
    constexpr std::size_t figures = 5 + 3 * quantiles.size();
    if (d == nullptr) {
        for (std::size_t i = 0; i < figures; ++i) cells.add("");
        return;
    }
    cells.add(fmt::format("{}", d->count));
    cells.add(fmt::format("{}", d->cut));
    cells.add(number(d->mean));
    cells.add(number(d->min));
    for (const quantile& q : quantiles) {
        cells.add(number(d->*q.value));
        const auto& around = d->ci95.*q.around;
        cells.add(around ? number(around->low) : "");
        cells.add(around ? number(around->high) : "");
    }
    cells.add(number(d->max));
}

}  // namespace

std::string csv(std::span<const source> sources) {
    std::string out;
    add_head(out);
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            const bool valid = measure::judge(run.summary).valid();
            for (const level_summary& level : run.summary.levels) {
                line cells{out};
                for (const column& c : columns) cells.add(c.cell({run, level, valid}));
                for (const measure::request_metric& m : measure::request_metrics()) {
                    add_metric(cells, level.metric(m.name));
                }
                cells.end();
            }
        }
    }
    return out;
}

}  // namespace lmstress::report
