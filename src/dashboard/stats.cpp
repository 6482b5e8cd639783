#include "dashboard/stats.hpp"

#include "wire/json_writer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace lmstress::dashboard {
namespace {

using store::history_entry;
using wire::json_writer;

constexpr std::size_t in_a_list = 10;
constexpr std::size_t most_series = 20;
constexpr std::size_t most_points = 500;
constexpr double bytes_of_a_gb = 1e9;

struct counted_run {
    const history_entry* run;
    double speed;
};

std::vector<counted_run> counted(std::span<const history_entry> runs) {
    std::vector<counted_run> out;
    for (const history_entry& run : runs) {
        if (const auto speed = speed_of(run)) out.push_back({&run, *speed});
    }
    return out;
}

/// Of a run that counts; it has one.
const store::history_level& level_of(const counted_run& one) {
    return *store::fastest_full_level(*one.run);
}

/// Hyndman-Fan type 1, as everywhere: the smallest with at least that share at or below it.
double quantile(const std::vector<double>& sorted, double p) {
    const double rank = std::ceil(p * static_cast<double>(sorted.size()));
    return sorted.at(static_cast<std::size_t>(std::max(rank, 1.0)) - 1);
}

std::optional<std::string> said(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

std::string architecture_of(const history_entry& run) {
    return run.about_model ? run.about_model->architecture : std::string{};
}

using model_name = std::pair<std::string, std::string>;  // and its quantization
using setting_name = std::tuple<std::string, std::string, std::string>;
/// And its streams: with more of them a server is faster, and no other one.
using series_name = std::pair<setting_name, std::int64_t>;

/// The fastest run of each model, fastest first.
std::vector<counted_run> fastest_of_each(const std::vector<counted_run>& runs) {
    std::map<model_name, counted_run> best;
    for (const counted_run& one : runs) {
        const auto [at, is_new] = best.try_emplace({one.run->model, one.run->quantization}, one);
        if (!is_new && one.speed > at->second.speed) at->second = one;
    }
    std::vector<counted_run> out;
    for (const auto& [name, one] : best) out.push_back(one);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::tie(b.speed, a.run->model, a.run->quantization) <
               std::tie(a.speed, b.run->model, b.run->quantization);
    });
    return out;
}

void write_summary(json_writer& w, const std::vector<counted_run>& runs) {
    w.key("speed_summary");
    if (runs.empty()) {
        w.null();
        return;
    }
    std::vector<double> speeds;
    for (const counted_run& one : runs) speeds.push_back(one.speed);
    std::sort(speeds.begin(), speeds.end());
    const double sum = std::accumulate(speeds.begin(), speeds.end(), 0.0);
    w.begin_object().field("min", speeds.front()).field("p50", quantile(speeds, 0.5));
    w.field("avg", sum / static_cast<double>(speeds.size())).field("p95", quantile(speeds, 0.95));
    w.field("max", speeds.back()).end_object();
}

/// vram_mb stays null: no server of today measures what one model takes of it.
void write_top(json_writer& w, const std::vector<counted_run>& fastest) {
    w.key("top_models_extended").begin_array();
    for (std::size_t i = 0; i < std::min(fastest.size(), in_a_list); ++i) {
        const auto& [run, speed] = fastest[i];
        w.begin_object().field("model_name", run->model);
        w.field("quantization", said(run->quantization)).field("speed", speed).key("vram_mb");
        w.null().field("architecture", said(architecture_of(*run))).end_object();
    }
    w.end_array();
}

void write_distribution(json_writer& w, std::string_view key,
                        const std::map<std::string, std::uint64_t>& counts) {
    std::vector<std::pair<std::string, std::uint64_t>> all{counts.begin(), counts.end()};
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(b.second, a.first) < std::tie(a.second, b.first);
    });
    w.key(key).begin_array();
    for (const auto& [name, runs] : all) {
        w.begin_object().field("name", said(name)).field("runs", runs).end_object();
    }
    w.end_array();
}

void write_efficiency(json_writer& w, const std::vector<counted_run>& fastest) {
    struct row {
        const history_entry* run;
        double gb;
        double rate;
    };
    std::vector<row> rows;
    for (const auto& [run, speed] : fastest) {
        const auto size = run->about_model ? run->about_model->size_bytes : std::nullopt;
        if (!size || *size == 0) continue;
        const double gb = static_cast<double>(*size) / bytes_of_a_gb;
        rows.push_back({run, gb, speed / gb});
    }
    std::sort(rows.begin(), rows.end(), [](const row& a, const row& b) {
        return std::tie(b.rate, a.run->model) < std::tie(a.rate, b.run->model);
    });
    if (rows.size() > in_a_list) rows.resize(in_a_list);
    w.key("efficiency_top").begin_array();
    for (const row& r : rows) {
        w.begin_object().field("model_name", r.run->model);
        w.field("quantization", said(r.run->quantization)).field("tokens_per_sec_per_gb", r.rate);
        // Of its files: what it takes of memory nobody said.
        w.field("gb", r.gb).field("gb_of", "file").end_object();
    }
    w.end_array();
}

setting_name name_of_setting(const history_entry& run) {
    return {run.model, run.quantization, setting_of(run)};
}

void write_name(json_writer& w, const setting_name& name) {
    const auto& [model, quantization, setting] = name;
    w.field("model", model).field("quantization", said(quantization)).field("setting", setting);
}

}  // namespace

std::optional<double> speed_of(const history_entry& run) {
    const store::history_level* best = store::fastest_full_level(run);
    if (!run.valid || best == nullptr || *best->output_tokens_per_second <= 0) return std::nullopt;
    return best->output_tokens_per_second;
}

std::string setting_of(const history_entry& run) {
    const std::string known = store::setting_text(run);
    return known.empty() ? "as it was" : known;
}

std::string stats_json(std::span<const history_entry> runs) {
    const auto all = counted(runs);
    const auto fastest = fastest_of_each(all);
    std::map<std::string, std::uint64_t> quantizations;
    std::map<std::string, std::uint64_t> architectures;
    for (const counted_run& one : all) {
        ++quantizations[one.run->quantization];
        ++architectures[architecture_of(*one.run)];
    }
    std::string out;
    json_writer w{out};
    w.begin_object();
    write_summary(w, all);
    write_top(w, fastest);
    write_distribution(w, "quantization_distribution", quantizations);
    write_distribution(w, "architecture_distribution", architectures);
    write_efficiency(w, fastest);
    w.end_object();
    return out;
}

std::string speed_json(std::span<const history_entry> runs) {
    std::map<series_name, std::vector<counted_run>> series;
    for (const counted_run& one : counted(runs)) {
        series[{name_of_setting(*one.run), level_of(one).streams.value_or(0)}].push_back(one);
    }
    // Of too many those with the most runs.
    std::vector<std::pair<series_name, std::vector<counted_run>>> shown{series.begin(),
                                                                        series.end()};
    std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) {
        const std::size_t ours = a.second.size();
        const std::size_t theirs = b.second.size();
        return std::tie(theirs, a.first) < std::tie(ours, b.first);
    });
    if (shown.size() > most_series) shown.resize(most_series);
    std::string out;
    json_writer w{out};
    w.begin_object().key("series").begin_array();
    for (auto& [name, points] : shown) {
        std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) {
            return a.run->started_unix_ns < b.run->started_unix_ns;
        });
        const std::size_t skipped = points.size() - std::min(points.size(), most_points);
        w.begin_object();
        write_name(w, name.first);
        w.field("streams", name.second).key("points").begin_array();
        for (const counted_run& p : std::span{points}.subspan(skipped)) {
            w.begin_object().field("id", p.run->id);
            w.field("t_unix_ms", p.run->started_unix_ns / 1'000'000).field("speed", p.speed);
            w.field("ttft_p50_ms", level_of(p).ttft_p50_ms).end_object();
        }
        w.end_array().end_object();
    }
    w.end_array().end_object();
    return out;
}

std::string best_json(std::span<const history_entry> runs) {
    const auto all = counted(runs);
    std::map<setting_name, std::uint64_t> so_set;
    for (const counted_run& one : all) ++so_set[name_of_setting(*one.run)];
    std::string out;
    json_writer w{out};
    w.begin_object().key("best").begin_array();
    for (const counted_run& one : fastest_of_each(all)) {
        const setting_name name = name_of_setting(*one.run);
        w.begin_object();
        write_name(w, name);
        w.field("parallel", one.run->parallel).field("unified_kv", one.run->unified_kv);
        w.field("context_length", one.run->context_length).field("speed", one.speed);
        const store::history_level& level = level_of(one);
        w.field("streams", level.streams).field("ttft_p95_ms", level.ttft_p95_ms);
        w.field("ttft_p95_few", level.ttft_p95_ms && store::too_few_for(level, 0.95));
        w.field("runs", so_set.at(name)).field("id", one.run->id).end_object();
    }
    w.end_array().end_object();
    return out;
}

}  // namespace lmstress::dashboard
