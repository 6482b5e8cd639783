#include "cli/described_run.hpp"

#include "cli/selfcheck_place.hpp"
#include "cli/threshold_check.hpp"
#include "workload/scenario_json.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace lmstress::cli {
namespace {

/// What a server says of itself may repeat what it was sent.
server_facts without(const wire::secrets& hidden, server_facts f) {
    const auto hide = [&](std::string& text) { text = hidden.hidden_in(text); };
    for (std::string* text : {&f.software, &f.version, &f.build}) hide(*text);
    for (std::string& runtime : f.runtimes) hide(runtime);
    if (!f.hardware) return f;
    hide(f.hardware->cpu);
    for (server_gpu& gpu : f.hardware->gpus) {
        hide(gpu.name);
        hide(gpu.platform);
    }
    return f;
}

std::optional<model_facts> without(const wire::secrets& hidden, std::optional<model_facts> m) {
    if (!m) return m;
    for (std::string* text :
         {&m->key, &m->architecture, &m->format, &m->params, &m->quantization}) {
        *text = hidden.hidden_in(*text);
    }
    return m;
}

}  // namespace

run_setup describe(const scenario& s, const run_material& m, const std::string& id, instant start,
                   const server::identity& who) {
    const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
    return {.id = id,
            .started_unix_ns = std::chrono::duration_cast<nanoseconds>(unix_time).count(),
            .started_monotonic_ns = start.time_since_epoch().count(),
            .seed = s.workload.seed,
            .scenario_json = workload::to_json(s),
            .labels = s.output.labels,
            .thresholds = all_thresholds(s.limits),
            .validity = s.limits.validity,
            .server = without(workload::secrets_of(s), who.facts),
            .model = without(workload::secrets_of(s), who.about_model),
            .selfcheck = last_selfcheck(),
            .file_hashes = m.file_hashes};
}

}  // namespace lmstress::cli
