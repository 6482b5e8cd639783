// What a report is of: the server, the model, its settings, the machine, when.

#include "lmstress/server_facts.hpp"
#include "lmstress/version.hpp"
#include "report/tested_parts.hpp"
#include "report/text_table.hpp"
#include "report/verdict.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace lmstress::report {
namespace {

/// Values that differ, each once, in the order in which they came.
class values {
  public:
    void add(const std::string& value) {
        if (value.empty()) return;
        if (std::find(all_.begin(), all_.end(), value) == all_.end()) all_.push_back(value);
    }
    [[nodiscard]] std::string text(const char* between = ", ") const {
        return fmt::format("{}", fmt::join(all_, between));
    }
    [[nodiscard]] const std::vector<std::string>& all() const noexcept { return all_; }

  private:
    std::vector<std::string> all_;
};

std::string setting_text(const server_settings& s) {
    values parts;
    if (s.parallel.confirmed) parts.add(fmt::format("parallel {}", *s.parallel.confirmed));
    if (s.unified_kv.confirmed) {
        parts.add(*s.unified_kv.confirmed ? "unified KV on" : "unified KV off");
    }
    if (s.context_length.confirmed) {
        parts.add(fmt::format("context {}{}", *s.context_length.confirmed,
                              s.context_length.source == llama_cpp_props ? " a slot" : ""));
    }
    return parts.text();
}

std::string time_of(std::int64_t unix_ns) {
    return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                       fmt::gmtime(static_cast<std::time_t>(unix_ns / 1'000'000'000)));
}

struct rows {
    values server, address, api, model, quantization, architecture, format, size, runtime, settings,
        hardware, merged;
    std::vector<std::pair<std::string, values>> labels;
    std::int64_t first = 0;
    std::int64_t last = 0;

    void add(const run_summary& run) {
        const run_setup& setup = run.setup;
        server.add(software_text(setup.server));
        merged.add(merged_of(setup));
        for (const std::string& r : setup.server.runtimes) runtime.add(r);
        if (setup.server.hardware) hardware.add(hardware_text(*setup.server.hardware));
        for (const auto& [key, value] : setup.labels) {
            auto at = std::find_if(labels.begin(), labels.end(),
                                   [&](const auto& l) { return l.first == key; });
            if (at == labels.end()) at = labels.insert(at, {key, {}});
            at->second.add(value);
        }
        if (setup.model) add(*setup.model);
        if (first == 0 || setup.started_unix_ns < first) first = setup.started_unix_ns;
        last = std::max(last, setup.started_unix_ns);
        for (const level_summary& level : run.levels) add(level);
    }

  private:
    void add(const model_facts& m) {
        quantization.add(m.quantization);
        architecture.add(m.architecture);
        format.add(m.format);
        std::string text = m.params;
        if (m.size_bytes) text += (text.empty() ? "" : ", ") + bytes_text(*m.size_bytes);
        size.add(text);
    }
    void add(const level_summary& level) {
        const level_setup& s = level.setup;
        address.add(s.target.url);
        api.add(s.target.api);
        model.add(s.target.model);
        quantization.add(s.server.quantization);
        settings.add(setting_text(s.server));
        if (!level.engine) return;
        quantization.add(level.engine->quant);
        architecture.add(level.engine->arch);
        if (!level.engine->runtime.empty()) {
            runtime.add(level.engine->runtime + ' ' + level.engine->runtime_version);
        }
    }
};

rows rows_of(std::span<const source> sources) {
    rows out;
    for (const source& s : sources) {
        for (const source_run& run : s.runs) out.add(run.summary);
    }
    return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> tested_of(std::span<const source> sources) {
    const rows r = rows_of(sources);
    std::vector<std::pair<std::string, std::string>> out;
    const auto row = [&](const char* name, const std::string& value) {
        if (!value.empty()) out.emplace_back(name, value);
    };
    row("Server", r.server.text());
    row("Address", r.address.text());
    row("API", r.api.text());
    row("Model", r.model.text());
    row("Quantization", r.quantization.text());
    row("Architecture", r.architecture.text());
    row("Format", r.format.text());
    row("Size", r.size.text("; "));
    row("Settings", r.settings.text("; "));
    row("Runtime", r.runtime.text());
    row("Hardware", r.hardware.text("; "));
    for (const auto& [key, value] : r.labels) out.emplace_back(key, value.text());
    if (r.first != 0) {
        const std::string from = time_of(r.first);
        const std::string to = time_of(r.last);
        row("Measured", from == to ? from : from + " to " + to);
    }
    row("Merged of", r.merged.text("; "));
    row("By", std::string{"lmstress "} + version);
    return out;
}

std::string title_of(std::span<const source> sources) {
    const rows r = rows_of(sources);
    std::string out = r.model.text();
    if (out.empty()) out = "lmstress";
    const std::string server = r.server.text();
    return server.empty() ? out : out + " on " + server;
}

}  // namespace lmstress::report
