#include "server/apply_settings.hpp"

#include "server/answer_error.hpp"
#include "server/model_list.hpp"
#include "server/sdk_settings.hpp"
#include "server/way.hpp"
#include "wire/json_writer.hpp"

#include <algorithm>

namespace lmstress::server {

namespace asio = boost::asio;

namespace {

asio::awaitable<std::optional<listed_model>> look_up(way to, std::string model) {
    const http_answer answer = co_await get(to, "/api/v1/models");
    const auto models = native_models(answer);
    if (!models) co_return std::nullopt;
    const auto found = std::find_if(models->begin(), models->end(),
                                    [&](const listed_model& m) { return names(m, model); });
    if (found == models->end()) co_return std::nullopt;
    co_return *found;
}

std::string load_body(const listed_model& m, std::optional<std::uint64_t> parallel) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object().field("model", m.key);
    // Unloading forgets it, and the default may be another.
    if (m.context_length) w.field("context_length", *m.context_length);
    if (parallel) w.field("parallel", *parallel);
    w.end_object();
    return body;
}

error cannot_load(const listed_model& m, const http_answer& answer) {
    const std::string why = complaint_in(answer);
    return {errc::model_not_there,
            "the server does not load " + m.key + (why.empty() ? "" : ": " + why.substr(0, 200)),
            std::string{m.instances.empty() ? ""
                                            : "It was unloaded for that, and is not loaded now. "} +
                "Load it by hand (LM Studio, or lms load) and leave --n-parallel out."};
}

/// Unloads every instance and loads one with the wished `parallel`; without it where this build
/// does not know the key.
asio::awaitable<result<void>> reload(way to, listed_model m, std::uint64_t parallel, identity& id) {
    for (const std::string& instance : m.instances) {
        std::string body;
        wire::json_writer{body}.begin_object().field("instance_id", instance).end_object();
        co_await post(to, "/api/v1/models/unload", body, load_patience);
    }
    const std::string with = load_body(m, parallel);
    http_answer loaded = co_await post(to, "/api/v1/models/load", with, load_patience);
    if (loaded.head.status == 400 && loaded.body.find("unrecognized_keys") != std::string::npos) {
        id.warnings.emplace_back(
            "This build of LM Studio does not take \"parallel\" over its API: set it in its "
            "window, or "
            "with lms load --parallel.");
        id.unset.push_back({"parallel", "this build does not take it over its API"});
        const std::string without = load_body(m, std::nullopt);
        loaded = co_await post(to, "/api/v1/models/load", without, load_patience);
    }
    if (loaded.complete && loaded.head.status == 200) co_return result<void>{};
    co_return cannot_load(m, loaded);
}

/// What the list says now.
void note(const std::optional<listed_model>& after, identity& id) {
    id.settings.parallel.confirmed = after ? after->parallel : std::nullopt;
    const char* source = after ? "GET /api/v1/models" : "";
    id.settings.parallel.source = source;
    id.settings.context_length.confirmed = after ? after->context_length : std::nullopt;
    id.settings.context_length.source = source;
    if (after) id.settings.loaded_instances = after->instances.size();
    if (after && !after->instances.empty()) id.instance = after->instances.front();
    id.cold = false;
}

asio::awaitable<result<void>> apply_parallel(way to, std::uint64_t parallel, identity& id) {
    const auto before = co_await look_up(to, id.model);
    if (!before || (!before->instances.empty() && before->parallel == parallel)) {
        co_return result<void>{};
    }
    const auto done = co_await reload(to, *before, parallel, id);
    if (!done) co_return done;
    const auto after = co_await look_up(to, id.model);
    note(after, id);
    co_return result<void>{};
}

/// Both settings over the SDK's socket. False where the server does not speak it; `why` says how.
asio::awaitable<result<bool>> apply_unified(way to, const server_wishes& wishes, identity& id,
                                            std::string& why) {
    const auto before = co_await look_up(to, id.model);
    if (!before) {
        why = "its list does not hold the model";
        co_return false;
    }
    const sdk_target model{before->key, before->instances};
    const auto done = co_await apply_by_sdk(to.time, to.transport, to.at, to.target, model, wishes);
    if (!done && done.error().code == errc::model_not_there) co_return done.error();
    if (!done) {
        why = done.error().message;
        co_return false;
    }
    const auto after = co_await look_up(to, id.model);
    note(after, id);
    take_over(*done, id.settings);
    if (!done->unified_kv) why = "the load config that it tells does not say";
    co_return true;
}

/// llama.cpp tells the context of one slot: all of what its command gave it is there with a unified
/// cache only. Less may also be the model's own limit, and tells nothing.
void infer_unified(const server_wishes& wishes, server_settings& into) {
    const bool given = wishes.command.find("{context_length}") != std::string::npos;
    const bool several = into.parallel.confirmed.value_or(1) > 1;
    const auto& context = into.context_length;
    if (!given || !several || context.source != llama_cpp_props) return;
    if (!context.confirmed || context.confirmed != wishes.context_length) return;
    into.unified_kv.confirmed = true;
    into.unified_kv.source = llama_cpp_props;
}

/// What nobody was asked for is not in force by any doing of ours.
void note_unset(const server_wishes& wishes, bool by_sdk, const std::string& why, identity& id) {
    if (!wishes.command.empty()) return;
    if (wishes.unified_kv && !by_sdk) id.unset.push_back({"unified_kv", why});
    if (id.native) return;
    if (wishes.parallel) id.unset.push_back({"parallel", why});
    if (wishes.context_length) id.unset.push_back({"context_length", why});
}

/// What is wished is in force afterwards, or there is a warning why not.
asio::awaitable<result<void>> bring_into_force(way to, const server_wishes& wishes, identity& id) {
    std::string why = "it has no LM Studio API";
    bool both = false;
    if (wishes.unified_kv && id.native) {
        const auto done = co_await apply_unified(to, wishes, id, why);
        if (!done) co_return done.error();
        both = *done;
    }
    if (wishes.parallel && id.native && !both) {
        const auto done = co_await apply_parallel(to, *wishes.parallel, id);
        if (!done) co_return done.error();
    }
    note_unset(wishes, both, why, id);
    if (wishes.unified_kv && !id.settings.unified_kv.confirmed) {
        infer_unified(wishes, id.settings);
    }
    if (wishes.unified_kv && !id.settings.unified_kv.confirmed) {
        const std::string unsure = "The server does not say whether its KV cache is unified (" +
                                   why + "), so --unified-kv-cache could not be confirmed. ";
        id.warnings.push_back(
            unsure + (wishes.command.empty()
                          ? "Other ways to set it: the LM Studio window (the model's load "
                            "settings), or a server of your own that the run starts "
                            "(--server-command \"llama-server {kv_flag} --port {port} ...\")."
                          : "llama.cpp prints it when it loads its model, and shows a unified one "
                            "by its context, where there are several slots and the command has "
                            "{context_length}."));
    }
    co_return result<void>{};
}

}  // namespace

bool must_reload(const identity& id, const server_wishes& wishes) {
    const bool slots =
        wishes.parallel && (id.cold || id.settings.parallel.confirmed != wishes.parallel);
    return id.native && (slots || wishes.unified_kv);
}

asio::awaitable<result<void>> apply_settings(clock& time, net::transport& transport,
                                             const net::endpoint& at, const target_settings& target,
                                             const server_wishes& wishes, identity& id) {
    id.settings.parallel.requested = wishes.parallel;
    id.settings.unified_kv.requested = wishes.unified_kv;
    id.settings.context_length.requested = wishes.context_length;
    const way to{time, transport, at, target};
    const auto done = co_await bring_into_force(to, wishes, id);
    if (!done) co_return done;
    if (!wishes.unified_kv) co_await read_by_sdk(time, transport, at, target, id);
    const auto& parallel = id.settings.parallel;
    if (parallel.requested && parallel.confirmed && *parallel.requested != *parallel.confirmed) {
        id.warnings.emplace_back("The server runs " + std::to_string(*parallel.confirmed) +
                                 " streams at once and not the " +
                                 std::to_string(*parallel.requested) +
                                 " of --n-parallel: the run will not be valid.");
    }
    if (wishes.parallel && !id.settings.parallel.confirmed) {
        id.warnings.emplace_back(
            "The server does not say how many streams it runs at once, so "
            "--n-parallel could not be confirmed.");
    }
    co_return result<void>{};
}

}  // namespace lmstress::server
