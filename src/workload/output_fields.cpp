#include "workload/field_row.hpp"
#include "workload/field_rules.hpp"
#include "workload/field_tables.hpp"

#include <array>

namespace lmstress::workload::fields {
namespace {

constexpr value_rule port{.types = value_rule::integer, .least = 0, .most = 65535};

// clang-format off
constexpr std::array rows = {
    unstored(row("/output/directory", "--out", "DIR", text,
        "directory for the results, missing or empty; default: lmstress-results/<time>-<run>",
        [](auto& s) -> auto& { return s.output.directory; })),
    unstored(row("/output/labels", "--label", "K=V", texts_by_name,
        "note to store with the results; may be repeated",
        [](auto& s) -> auto& { return s.output.labels; })),
    unstored(row("/output/history", "--history", "FILE", text,
        "database of all runs; default: ~/.local/share/lmstress/history.db",
        [](auto& s) -> auto& { return s.output.history; })),
    unstored(sets(row("/output/keep_history", "--no-history", "", truth,
        "leave the run out of the history",
        [](auto& s) -> auto& { return s.output.keep_history; }), "false")),
    unstored(row("/output/progress", "--progress", "FILE", text,
        "file or pipe to write to, once a second, what the run is at, as lines of JSON",
        [](auto& s) -> auto& { return s.output.progress; })),
    unstored(row("/output/metrics_port", "--metrics-port", "N", port,
        "port of 127.0.0.1 where Prometheus reads what the run is at; 0: a free one",
        [](auto& s) -> auto& { return s.output.metrics_port; })),
    sets(row("/output/server_state", "--server-state", "", truth,
        "ask LM Studio once a second what the model is doing and how many requests it has",
        [](auto& s) -> auto& { return s.output.server_state; }), "true"),
    sets(row("/output/events", "--events", "", truth, "store when every token arrived (event_ns)",
        [](auto& s) -> auto& { return s.output.events; }), "true"),
};
// clang-format on

}  // namespace

std::span<const scenario_field> output_fields() noexcept {
    return rows;
}

}  // namespace lmstress::workload::fields
