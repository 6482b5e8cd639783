#include "cli/flags.hpp"
#include "server/sdk_config.hpp"
#include "workload/values.hpp"

#include <boost/json/value.hpp>

#include <charconv>

namespace lmstress::cli {
namespace {

using action = models_options::action;

/// An action of `lmstress models`, with the flags that all of them have at their end.
CLI::App* add_action(CLI::App& models, models_options& o, action what, const std::string& name,
                     const std::string& text) {
    CLI::App* sub = models.add_subcommand(name, text);
    sub->callback([&o, what] { o.what = what; });
    return sub;
}

void add_server(CLI::App& app, models_options& o) {
    add_scenario_flag(app, "/target/url", o.server);
    add_access(app, o.server);
}

void add_name(CLI::App& app, models_options& o, const std::string& type, const std::string& text) {
    app.add_option("name", o.name, text)->type_name(type);
}

void add_list(CLI::App& models, models_options& o) {
    CLI::App* list =
        add_action(models, o, action::list, "list", "list the models on the server's disk");
    list->add_flag("--only-vision", o.only_vision, "those that see pictures");
    list->add_flag("--only-tools", o.only_tools, "those trained for tool use");
    list->add_flag("--only-loaded", o.only_loaded, "those in memory");
    list->add_option("--type", o.type, "those of that type")
        ->check(CLI::IsMember({"llm", "embedding"}))
        ->type_name("WORD");
    list->add_option("--limit", o.limit, "the first so many of them")
        ->check(whole_number(1, 1'000'000'000))
        ->type_name("N");
    list->add_flag("--json", o.json, "as JSON");
    add_server(*list, o);
}

void add_count(CLI::App& app, models_options& o, const std::string& flag, const char* key,
               std::uint64_t most, const std::string& text) {
    app.add_option_function<std::uint64_t>(
           flag, [&o, key](const std::uint64_t& n) { o.settings[key] = n; }, text)
        ->check(whole_number(1, most))
        ->type_name("N");
}

void add_switch(CLI::App& app, models_options& o, const std::string& flag, const char* key,
                const std::string& text) {
    app.add_option_function<std::string>(
           flag, [&o, key](const std::string& word) { o.settings[key] = word == "on"; }, text)
        ->check(CLI::IsMember({"on", "off"}))
        ->type_name("WORD");
}

/// "off", "max", or a ratio between them.
std::string take_gpu(models_options& o, const std::string& text) {
    boost::json::value ratio{text};
    if (text != "off" && text != "max") {
        double n = 0;
        const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
        const bool all = ec == std::errc{} && end == text.data() + text.size();
        if (!all || !(n >= 0 && n <= 1)) {
            return "--gpu: \"" + text + "\" is not off, max or a number from 0 to 1";
        }
        ratio = n;
    }
    o.settings["gpu"] = server::gpu_ratio(ratio);
    o.by_sdk = true;
    return {};
}

/// LM Studio counts it in whole seconds.
std::string take_ttl(models_options& o, const std::string& text) {
    const auto ttl = workload::parse_duration(text);
    if (!ttl || *ttl < std::chrono::seconds{1} ||
        *ttl % std::chrono::seconds{1} != nanoseconds{0}) {
        return "--ttl: \"" + text + "\" is not a duration of whole seconds like 90s, 30m or 1h";
    }
    o.ttl = *ttl;
    o.by_sdk = true;
    return {};
}

/// What only the socket of LM Studio's SDK has words for.
void add_load_by_sdk(CLI::App& load, models_options& o) {
    constexpr const char* group = "Over the socket of LM Studio's SDK";
    load.add_option_function<std::string>(
            "--unified-kv",
            [&o](const std::string& word) {
                o.settings["unified_kv"] = word == "on";
                o.by_sdk = true;
            },
            "one pool of context for all streams, or a share for each: on or off")
        ->check(CLI::IsMember({"on", "off"}))
        ->type_name("WORD")
        ->group(group);
    const auto taken = [&o](std::string (*take)(models_options&, const std::string&)) {
        return [&o, take](const std::string& text) {
            const std::string wrong = take(o, text);
            if (!wrong.empty()) throw CLI::ValidationError(wrong);
        };
    };
    load.add_option_function<std::string>("--gpu", taken(take_gpu),
                                          "how much of the model the GPU holds: off, max, or a "
                                          "number from 0 to 1")
        ->type_name("RATIO")
        ->group(group);
    load.add_option_function<std::string>("--ttl", taken(take_ttl),
                                          "unload it after so long without a request")
        ->type_name("TIME")
        ->group(group);
    load.add_option_function<std::string>(
            "--identifier",
            [&o](const std::string& name) {
                if (name.empty()) throw CLI::ValidationError("--identifier: a name is wanted");
                o.identifier = name;
                o.by_sdk = true;
            },
            "name of the instance")
        ->type_name("NAME")
        ->group(group);
    load.add_flag("--estimate-only", o.estimate_only,
                  "load nothing: say how much memory it would take")
        ->group(group);
}

void add_load(CLI::App& models, models_options& o) {
    constexpr std::uint64_t any = 1'000'000'000;
    CLI::App* load =
        add_action(models, o, action::load, "load", "load a model, and read back what is in force");
    add_name(*load, o, "MODEL", "its key, as the list has it");
    load->get_option("name")->required();
    add_count(*load, o, "--parallel", "parallel", 1023, "streams that run at once");
    add_count(*load, o, "--context-length", "context_length", any, "tokens of context");
    add_switch(*load, o, "--flash-attention", "flash_attention", "on or off (llama.cpp only)");
    add_count(*load, o, "--eval-batch-size", "eval_batch_size", any,
              "prompt tokens that are processed together (llama.cpp only)");
    add_count(*load, o, "--num-experts", "num_experts", 1024,
              "experts that each token asks (mixtures of experts only)");
    add_switch(*load, o, "--offload-kv-cache-to-gpu", "offload_kv_cache_to_gpu",
               "on or off (llama.cpp only)");
    add_load_by_sdk(*load, o);
    add_server(*load, o);
}

}  // namespace

CLI::App* add_models(CLI::App& app, models_options& o) {
    CLI::App* models = app.add_subcommand("models", "list, load, unload and download models");
    models->require_subcommand(1);
    add_list(*models, o);
    CLI::App* show = add_action(*models, o, action::show, "show",
                                "show a model: what it can, and its instances in memory");
    add_name(*show, o, "MODEL", "its key, or an instance of it");
    show->get_option("name")->required();
    show->add_flag("--json", o.json, "as JSON");
    add_server(*show, o);
    add_load(*models, o);
    CLI::App* unload =
        add_action(*models, o, action::unload, "unload", "take an instance out of memory");
    add_name(*unload, o, "INSTANCE", "its id, as models show tells it");
    unload->add_flag("--all", o.all, "every instance of every model");
    add_server(*unload, o);
    CLI::App* download = add_action(*models, o, action::download, "download",
                                    "bring a model onto the server's disk, and wait for it");
    add_name(*download, o, "MODEL", "its key at lmstudio.ai/models, or a link to Hugging Face");
    download->get_option("name")->required();
    download->add_option("--quantization", o.quantization, "of a link to Hugging Face: Q4_K_M ...")
        ->type_name("Q");
    add_server(*download, o);
    return models;
}

CLI::App* add_probe(CLI::App& app, probe_options& o) {
    CLI::App* probe = app.add_subcommand(
        "probe", "ask a server what it is and whether a run would work: ok, no or unknown a line");
    add_url_argument(*probe, o.server);
    add_scenario_flag(*probe, "/target/api", o.server);
    add_scenario_flag(*probe, "/target/model", o.server);
    add_access(*probe, o.server);
    return probe;
}

}  // namespace lmstress::cli
