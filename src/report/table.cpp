#include "report/table.hpp"

#include "lmstress/version.hpp"
#include "measure/request_sums.hpp"
#include "report/api_differences.hpp"
#include "report/interval_table.hpp"
#include "report/length_lines.hpp"
#include "report/level_name.hpp"
#include "report/load_table.hpp"
#include "report/printable.hpp"
#include "report/selfcheck_text.hpp"
#include "report/slo_table.hpp"
#include "report/state_line.hpp"
#include "report/turn_table.hpp"
#include "report/validity_block.hpp"
#include "report/verdict_table.hpp"
#include "report/warnings.hpp"
#include "report/wrapped.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace lmstress::report {
namespace {

std::string quantile(const level_summary& level, std::string_view metric, double distribution::* at,
                     double scale = 1.0) {
    const distribution* d = level.metric(metric);
    return d == nullptr ? "-" : quantile_text(*d, at, scale);
}

std::string rate(const level_summary& level, double per_second) {
    return measure::rates_are_unknown(level) ? "-" : number_text(per_second);
}

std::string itl(const level_summary& level, double distribution::* at) {
    const std::string value = quantile(level, "itl_ms", at);
    return level.itl_is_average && value != "-" ? "~" + value : value;
}

/// Where a column is shown.
enum class place : std::uint8_t {
    everywhere,
    streams,       ///< where answers were streams, as they are but for embeddings
    wide_streams,  ///< and there is room
    one_api,       ///< where they were, over one API: several need the room, and share the total
    whole,         ///< where they were not, and E2E is all that there is
    whole_one_api,
    several_apis,
    several_streams,
};

struct column {
    std::string_view group;  ///< over this column and the next one; empty: none
    std::string_view name;
    int width;
    std::string (*cell)(const level_summary& level);
    place in = place::streams;
};

using level = level_summary;
constexpr std::array columns = {
    column{"", "streams", 7, [](const level& l) { return level_number(l.setup); },
           place::everywhere},
    column{"", "API", 0, [](const level& l) { return l.setup.target.api; }, place::several_apis},
    column{"TTFT ms", "p50", 8,
           [](const level& l) { return quantile(l, headline_ttft(l.setup), &distribution::p50); }},
    column{"", "p95", 7,
           [](const level& l) { return quantile(l, headline_ttft(l.setup), &distribution::p95); }},
    column{"ITL ms", "p50", 8, [](const level& l) { return itl(l, &distribution::p50); }},
    column{"", "p95", 7, [](const level& l) { return itl(l, &distribution::p95); }, place::one_api},
    column{
        "tok/s/stream", "p50", 8,
        [](const level& l) { return quantile(l, "stream_tokens_per_second", &distribution::p50); },
        place::one_api},
    column{
        "stream", "tok/s", 8,
        [](const level& l) { return quantile(l, "stream_tokens_per_second", &distribution::p50); },
        place::several_streams},
    column{
        "", "p95", 7,
        [](const level& l) { return quantile(l, "stream_tokens_per_second", &distribution::p95); },
        place::one_api},
    column{"queue", "p50 ms", 8,
           [](const level& l) { return quantile(l, "queue_ms", &distribution::p50); },
           place::wide_streams},
    column{
        "E2E s", "p95", 8,
        [](const level& l) { return quantile(l, headline_e2e(l.setup), &distribution::p95, 1e-3); },
        place::wide_streams},
    column{"total", "tok/s", 9, [](const level& l) { return rate(l, l.output_tokens_per_second); },
           place::one_api},
    column{"E2E ms", "p50", 8,
           [](const level& l) { return quantile(l, headline_e2e(l.setup), &distribution::p50); },
           place::whole},
    column{"", "p95", 7,
           [](const level& l) { return quantile(l, headline_e2e(l.setup), &distribution::p95); },
           place::whole},
    column{"total", "req/s", 9, [](const level& l) { return rate(l, l.requests_per_second); },
           place::whole_one_api},
    column{"", "inputs/s", 10,
           [](const level& l) {
               return l.inputs_per_second ? rate(l, *l.inputs_per_second) : std::string{"-"};
           },
           place::whole},
    column{"vector", "size", 8,
           [](const level& l) {
               return l.vector_size ? std::to_string(*l.vector_size) : std::string{"-"};
           },
           place::whole},
    column{"", "requests", 10, [](const level& l) { return std::to_string(l.requests.offered); },
           place::everywhere},
    column{"", "errors", 8,
           [](const level& l) { return std::to_string(l.requests.failed + l.requests.timed_out); },
           place::everywhere},
};

/// A run of which nothing completed is shown as one of streams.
bool has_streams(const run_summary& run) {
    const auto any = [&](std::string_view metric) {
        return std::any_of(run.levels.begin(), run.levels.end(),
                           [&](const level& l) { return l.metric(metric) != nullptr; });
    };
    return any("ttft_ms") || !any("e2e_ms");
}

std::vector<column> columns_of(const run_summary& run, int width) {
    const bool streams = has_streams(run);
    const auto apis = apis_of(run);
    const bool several = apis.size() > 1;
    const auto is_shown = [&](place in) {
        switch (in) {
            case place::everywhere:
                return true;
            case place::streams:
                return streams;
            case place::wide_streams:
                return streams && width >= 100;
            case place::one_api:
                return streams && !several;
            case place::whole:
                return !streams;
            case place::whole_one_api:
                return !streams && !several;
            case place::several_apis:
                return several;
            case place::several_streams:
                return several && streams;
        }
        return false;
    };
    std::vector<column> out;
    for (const column& c : columns) {
        if (is_shown(c.in)) out.push_back(c);
        if (c.name == "streams") out.back().name = level_unit(run);
        if (c.in != place::several_apis || !several) continue;
        for (const std::string_view api : apis) {
            out.back().width = std::max(out.back().width, static_cast<int>(api.size()) + 2);
        }
    }
    return out;
}

std::string setting(std::string_view name, const std::optional<std::uint64_t>& value) {
    return value ? fmt::format(", {} {}", name, *value) : std::string{};
}

/// " (Q4_K_M, 1 instance loaded, unified KV on)"
std::string model_facts(const server_settings& s) {
    std::string facts = s.quantization;
    if (s.loaded_instances) {
        facts += fmt::format("{}{} loaded", facts.empty() ? "" : ", ",
                             wire::plural(*s.loaded_instances, "instance"));
    }
    if (s.unified_kv.confirmed) {
        facts += fmt::format("{}unified KV {}", facts.empty() ? "" : ", ",
                             *s.unified_kv.confirmed ? "on" : "off");
    }
    return facts.empty() ? facts : " (" + facts + ")";
}

/// "llama.cpp 1.3.0 (granite, Q4_K_M, gguf, context 4096)", as far as the answers say.
std::string engine_text(const engine_facts& e) {
    std::string facts;
    const auto add = [&](const std::string& fact) {
        if (!fact.empty()) facts += (facts.empty() ? "" : ", ") + fact;
    };
    add(e.arch);
    add(e.quant);
    add(e.format);
    if (e.context_length) add(fmt::format("context {}", *e.context_length));
    std::string out = e.runtime.empty() ? "unnamed" : e.runtime;
    if (!e.runtime_version.empty()) out += ' ' + e.runtime_version;
    return facts.empty() ? out : out + " (" + facts + ')';
}

const engine_facts* engine_of(const run_summary& run) {
    for (const level_summary& l : run.levels) {
        if (l.engine) return &*l.engine;
    }
    return nullptr;
}

/// "412 of 520 drafted tokens accepted (79.2 %), 100 rejected, 8 ignored, by qwen3-0.6b"; empty
/// where none were drafted.
std::string draft_text(const run_summary& run) {
    draft_counts sum;
    for (const level_summary& l : run.levels) {
        const draft_counts of = l.draft.value_or(draft_counts{});
        sum.total += of.total;
        sum.accepted += of.accepted;
        sum.rejected += of.rejected;
        sum.ignored += of.ignored;
        if (sum.model.empty()) sum.model = of.model;
    }
    if (sum.total == 0) return {};
    return fmt::format(
        "{} of {} drafted tokens accepted ({:.1f} %), {} rejected{}{}", sum.accepted, sum.total,
        100.0 * static_cast<double>(sum.accepted) / static_cast<double>(sum.total), sum.rejected,
        sum.ignored > 0 ? fmt::format(", {} ignored", sum.ignored) : "",
        sum.model.empty() ? "" : ", by " + sum.model);
}

std::string head(const run_summary& run, const measure::validity& v, int width) {
    std::string out =
        fmt::format("lmstress {}, run {}{}\n", version, run.setup.id, v.valid() ? "" : ": INVALID");
    if (!v.valid()) out += wrapped(reasons(run, v).front() + '.', width, "  ");
    if (run.levels.empty()) return out;
    const level_setup& first = run.levels.front().setup;
    const std::string& by = run.levels.front().answered_by;
    const bool other = !by.empty() && by != first.target.model;
    const auto line = [&](const std::string& text) {
        return cut_to(printable(text), width) + '\n';
    };
    std::string apis;
    for (const std::string_view api : apis_of(run)) {
        apis += (apis.empty() ? "" : ", ") + std::string{api};
    }
    const bool several = apis != first.target.api;
    out += line(fmt::format("  server   {} ({}{}{})", first.target.url,
                            several ? "several APIs" : apis,
                            setting("parallel", first.server.parallel.confirmed),
                            setting("context", first.server.context_length.confirmed)));
    if (several) out += line("  APIs     " + apis);
    out += line(fmt::format("  model    {}{}{}", first.target.model, model_facts(first.server),
                            other ? ", answered by " + by : ""));
    const server_facts& what = run.setup.server;
    if (what.any()) out += line("  version  " + software_text(what));
    for (const std::string& runtime : what.runtimes) out += line("  runtime  " + runtime);
    if (what.hardware) out += line("  machine  " + hardware_text(*what.hardware));
    if (const engine_facts* engine = engine_of(run)) {
        out += line("  engine   " + engine_text(*engine));
    }
    if (const std::string draft = draft_text(run); !draft.empty())
        out += line("  draft    " + draft);
    for (const level_summary& l : run.levels) {
        const auto parallel = l.setup.server.parallel.confirmed;
        if (l.setup.target.api != first.target.api) continue;  // they share its streams
        if (l.setup.open || !parallel || l.setup.concurrency <= *parallel) continue;
        const std::uint64_t over = l.setup.concurrency - *parallel;
        out += fmt::format("  queue    {} on parallel {}: {} {}\n",
                           wire::plural(l.setup.concurrency, "stream"), *parallel, over,
                           over == 1 ? "waits" : "wait");
    }
    return out;
}

/// Figures stand to the right, names to the left.
std::string padded(const column& c, const std::string& text) {
    if (c.in == place::several_apis) return fmt::format("  {:<{}}", text, c.width - 2);
    return fmt::format("{:>{}}", text, c.width);
}

std::string head_of_columns(const std::vector<column>& shown) {
    std::string groups;
    std::string names;
    std::size_t reserved = 0;  // how far a group's name reaches over the column behind it
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const column& c = shown[i];
        names += padded(c, std::string{c.name});
        if (!c.group.empty()) {
            const bool pair =
                i + 1 < shown.size() && shown[i + 1].group.empty() && shown[i + 1].name == "p95";
            const std::size_t to = names.size() + (pair ? 7 : 0);
            groups += fmt::format("{:>{}}", c.group, to - groups.size());
            reserved = to;
        }
        if (groups.size() < names.size() && names.size() > reserved) {
            groups.append(names.size() - groups.size(), ' ');
        }
    }
    while (groups.ends_with(' ')) groups.pop_back();
    return groups + '\n' + names + '\n';
}

/// Of an open loop it is what it may come to, and says nothing.
std::uint32_t most_streams(const run_summary& run) {
    std::uint32_t most = 0;
    for (const level_summary& l : run.levels) {
        if (!l.setup.open) most = std::max(most, l.setup.concurrency);
    }
    return most;
}

}  // namespace

std::string table(const run_summary& run, int width) {
    const auto shown = columns_of(run, width);
    const measure::validity v = measure::judge(run);
    std::string out = head(run, v, width) + '\n' + head_of_columns(shown);
    bool few = false;
    for (const level_summary& l : run.levels) {
        for (const column& c : shown) {
            const std::string cell = c.cell(l);
            few = few || cell.ends_with(')');
            out += padded(c, cell);
        }
        out += '\n';
    }
    if (few) out += few_values_note;
    if (const std::string load = load_table(run); !load.empty()) out += '\n' + load;
    if (const std::string intervals = interval_table(run); !intervals.empty()) {
        out += '\n' + intervals;
    }
    for (const level_summary& l : run.levels) out += turn_table(l);
    if (const std::string lengths = length_lines(run); !lengths.empty()) out += '\n' + lengths;
    if (const std::string slo = slo_table(run); !slo.empty()) out += '\n' + slo;
    if (const std::string verdicts = verdict_table(run); !verdicts.empty()) out += '\n' + verdicts;
    if (const std::string states = state_lines(run); !states.empty()) out += '\n' + states;
    if (const std::string validity = validity_block(run, v, width); !validity.empty()) {
        out += '\n' + validity;
    }
    if (run.setup.selfcheck) {
        out += '\n' + selfcheck_line(*run.setup.selfcheck, most_streams(run)) + '\n';
    }
    const auto compared = api_differences(run);
    if (!compared.empty()) out += '\n';
    for (const std::string& sentence : compared) out += wrapped(sentence, width);
    const auto sentences = warnings(run);
    if (!sentences.empty()) out += '\n';
    for (const std::string& sentence : sentences) out += wrapped(sentence, width);
    return out;
}

}  // namespace lmstress::report
