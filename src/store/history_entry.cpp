#include "store/history_entry.hpp"

#include "measure/quantile_interval.hpp"
#include "measure/request_sums.hpp"
#include "measure/validity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

namespace lmstress::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array kinds = {std::pair{run_kind::run, "run"}, std::pair{run_kind::sweep, "sweep"},
                              std::pair{run_kind::capacity, "capacity"},
                              std::pair{run_kind::compare, "compare"}};

/// sweep/cells/003, search/steps/01, comparison/A/02
void place(const fs::path& directory, history_entry& e) {
    const fs::path parent = directory.parent_path();
    const std::string name = parent.filename().string();
    if (name == "cells") e.kind = run_kind::sweep;
    if (name == "steps") e.kind = run_kind::capacity;
    const std::string own = directory.filename().string();
    const bool number = !own.empty() && own.find_first_not_of("0123456789") == std::string::npos;
    if ((name == "A" || name == "B") && number) e.kind = run_kind::compare;
    if (e.kind != run_kind::run) e.group = parent.parent_path().string();
}

std::optional<double> known(double v) {
    return std::isfinite(v) ? std::optional{v} : std::nullopt;
}

std::optional<double> quantile(const level_summary& level, std::string_view metric,
                               double distribution::* of) {
    const distribution* d = level.metric(metric);
    return d == nullptr ? std::nullopt : known(d->*of);
}

history_level level_of(const level_summary& level) {
    const level_setup& setup = level.setup;
    history_level out{.index = setup.index, .api = setup.target.api, .model = setup.target.model};
    if (setup.open) {
        out.rate = setup.open->requested_rate;
    } else {
        out.streams = setup.concurrency;
    }
    out.offered = level.requests.offered;
    out.completed = level.requests.completed;
    out.failed = level.requests.failed + level.requests.timed_out;
    if (level.window_seconds > 0 && !measure::rates_are_unknown(level)) {
        if (!level.inputs_per_second && level.tokens.output > 0) {
            out.output_tokens_per_second = known(level.output_tokens_per_second);
        }
        out.requests_per_second = known(level.requests_per_second);
    }
    out.ttft_p50_ms = quantile(level, "ttft_ms", &distribution::p50);
    out.ttft_p95_ms = quantile(level, "ttft_ms", &distribution::p95);
    out.itl_p50_ms = quantile(level, "itl_ms", &distribution::p50);
    out.e2e_p50_ms = quantile(level, "e2e_ms", &distribution::p50);
    out.tpot_p50_ms = quantile(level, "tpot_ms", &distribution::p50);
    if (level.slo) out.slo_attainment = known(level.slo->attainment);
    return out;
}

std::string server_text(const server_facts& f) {
    return f.version.empty() ? f.software : f.software + ' ' + f.version;
}

std::optional<std::int64_t> in_force(const server_setting<std::uint64_t>& s) {
    return s.confirmed ? std::optional{static_cast<std::int64_t>(*s.confirmed)} : std::nullopt;
}

/// Null where no level that is wanted made a token.
template <class Wanted>
const history_level* fastest_of(const history_entry& e, Wanted wanted) noexcept {
    const history_level* best = nullptr;
    for (const history_level& level : e.levels) {
        if (!level.output_tokens_per_second || !wanted(level)) continue;
        if (best == nullptr || *level.output_tokens_per_second > *best->output_tokens_per_second) {
            best = &level;
        }
    }
    return best;
}

}  // namespace

bool is_together(const history_level& level) noexcept {
    return level.api.find(',') != std::string::npos;
}

bool too_few_for(const history_level& level, double p) {
    const auto ranks = measure::ranks_around(p, level.completed);
    return !ranks.low || !ranks.high;
}

std::string_view to_string(run_kind k) noexcept {
    const auto* at =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.first == k; });
    return at->second;
}

std::optional<run_kind> run_kind_named(std::string_view name) noexcept {
    const auto* at = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const auto& one) { return one.second == name; });
    return at == kinds.end() ? std::nullopt : std::optional{at->first};
}

const history_level* fastest_level(const history_entry& e) noexcept {
    return fastest_of(e, [](const history_level&) { return true; });
}

const history_level* fastest_full_level(const history_entry& e) noexcept {
    constexpr std::uint64_t one_of = 20;
    return fastest_of(e, [](const history_level& level) {
        return level.streams.has_value() && level.failed * one_of <= level.offered;
    });
}

std::string setting_text(const history_entry& e) {
    std::string out;
    const auto part = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
    if (e.parallel) part(fmt::format("parallel {}", *e.parallel));
    if (e.unified_kv) part(*e.unified_kv ? "unified KV on" : "unified KV off");
    if (e.context_length) part(fmt::format("context {}", *e.context_length));
    return out;
}

history_entry entry_of(const run_summary& run, const std::string& directory,
                       std::string_view state) {
    history_entry e{.directory = directory, .run_id = run.setup.id};
    place(directory, e);
    e.started_unix_ns = run.setup.started_unix_ns;
    if (run.exit_code) e.exit_code = *run.exit_code;
    e.valid = measure::judge(run).valid();
    e.state = state;
    e.ended_early = run.ended_early;
    e.server = server_text(run.setup.server);
    e.labels = run.setup.labels;
    e.about_model = run.setup.model;
    for (const level_summary& level : run.levels) e.levels.push_back(level_of(level));
    if (run.levels.empty()) return e;
    const level_setup& first = run.levels.front().setup;
    e.url = first.target.url;
    e.api = first.target.api;
    e.model = first.target.model;
    e.quantization = first.server.quantization;
    e.parallel = in_force(first.server.parallel);
    e.unified_kv = first.server.unified_kv.confirmed;
    e.context_length = in_force(first.server.context_length);
    return e;
}

void add_together(history_entry& e, std::span<const level_summary> together) {
    std::uint32_t index = e.levels.empty() ? 0 : e.levels.back().index + 1;
    for (const level_summary& sum : together) {
        history_level all = level_of(sum);
        // Where one API alone was measured the rates are its own.
        if (!is_together(all)) continue;
        for (history_level& own : e.levels) {
            if (is_together(own) || own.streams != all.streams || own.rate != all.rate) continue;
            own.output_tokens_per_second.reset();
            own.requests_per_second.reset();
        }
        all.index = index++;
        e.levels.push_back(std::move(all));
    }
}

}  // namespace lmstress::store
