#include "server/sdk_load.hpp"

#include "api/json_frame.hpp"
#include "server/sdk_config.hpp"
#include "server/sdk_settings.hpp"
#include "server/sdk_socket.hpp"

#include <fmt/format.h>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr nanoseconds step_patience = std::chrono::seconds{5};

constexpr const char* other_ways =
    "Other ways: the model's load settings in LM Studio's window, lms load --gpu --ttl "
    "--identifier, or a server of your own that a run starts (lmstress run --server-command "
    "\"llama-server {kv_flag} --port {port} ...\"). Without them lmstress models load takes the "
    "REST API.";

/// The server's own word against it stands as it is.
error explained(const std::string& what, const error& why) {
    if (why.code == errc::model_not_there) {
        return {errc::refused, what + ": " + why.message,
                "lmstress models list tells what there is; LM Studio's log says more."};
    }
    if (why.code == errc::unauthorized) return why;
    return {why.code, what + " over its SDK's socket: " + why.message, other_ways};
}

/// What the server says of the instance beside its settings.
json::object name_and_life(const json::value& info) {
    json::object out;
    const json::object* o = info.if_object();
    if (o == nullptr) return out;
    out["identifier"] = std::string{api::string_at(*o, "identifier")};
    if (const auto ms = api::number_at(*o, "ttlMs")) {
        out["ttl"] = static_cast<std::uint64_t>(*ms / 1000);
    }
    return out;
}

json::object wanted_name_and_life(const sdk_load_request& r) {
    json::object out;
    if (!r.identifier.empty()) out["identifier"] = r.identifier;
    if (r.ttl_seconds) out["ttl"] = *r.ttl_seconds;
    return out;
}

json::value load_parameter_of(const sdk_load_request& r) {
    json::object parameter;
    parameter["modelKey"] = r.model;
    if (!r.identifier.empty()) parameter["identifier"] = r.identifier;
    if (r.ttl_seconds) parameter["ttlMs"] = *r.ttl_seconds * 1000;
    parameter["loadConfigStack"] = load_config_stack(fields_of(r.settings, r.kind));
    return parameter;
}

std::string namespace_of(model_kind kind) {
    return kind == model_kind::embedding ? "embedding" : "llm";
}

/// Settings, name and time to live of an instance, as the server tells them.
asio::awaitable<json::object> in_force_at(sdk_socket& sdk, std::string id) {
    json::value parameter = instance_query(id);
    const auto config = co_await sdk.call("getLoadConfig", parameter, step_patience);
    json::object told = config ? settings_in(*config) : json::object{};
    parameter.get_object()["throwIfNotFound"] = true;
    const auto info = co_await sdk.call("getModelInfo", parameter, step_patience);
    if (!info) co_return told;
    const json::object more = name_and_life(*info);
    for (const auto& member : more) told[member.key()] = member.value();
    co_return told;
}

}  // namespace

asio::awaitable<result<loaded_model>> load_by_sdk(way to, sdk_load_request request,
                                                  std::function<void(double)> on_progress) {
    const std::string what = "the server does not load " + request.model;
    sdk_socket sdk{to.time, to.transport, to.at, to.target};
    const std::string of = namespace_of(request.kind);
    const auto opened = co_await sdk.open(of, step_patience);
    if (!opened) co_return explained(what, opened.error());
    const instant begin = to.time.now();
    const json::value parameter = load_parameter_of(request);
    const auto made = co_await sdk.run_channel("loadModel", parameter, load_patience, on_progress);
    if (!made) co_return explained(what, made.error());
    const std::chrono::duration<double> took = to.time.now() - begin;
    const json::object* info = api::object_at(made->get_object(), "info");
    const std::string id{info == nullptr ? "" : api::string_at(*info, "identifier")};
    loaded_model out{
        .instance = id.empty() ? request.model : id, .seconds = took.count(), .config = {}};
    out.config = co_await in_force_at(sdk, out.instance);
    json::object asked = request.settings;
    for (const auto& member : wanted_name_and_life(request)) asked[member.key()] = member.value();
    if (const auto wrong = not_as_asked(out.instance, asked, out.config)) co_return *wrong;
    out.untold = untold(asked, out.config);
    co_return out;
}

std::optional<usage_estimate> read_estimate(const json::value& answer) {
    const json::object* o = answer.if_object();
    const json::object* memory = o == nullptr ? nullptr : api::object_at(*o, "memory");
    const json::value* fits = o == nullptr ? nullptr : o->if_contains("passesGuardrails");
    if (memory == nullptr || fits == nullptr || !fits->is_bool()) return std::nullopt;
    const auto bytes = [memory](std::string_view name) {
        return static_cast<std::uint64_t>(api::number_at(*memory, name).value_or(0));
    };
    return usage_estimate{.model_bytes = bytes("modelBytes"),
                          .context_bytes = bytes("contextBytes"),
                          .total_bytes = bytes("totalBytes"),
                          .model_vram_bytes = bytes("modelVramBytes"),
                          .context_vram_bytes = bytes("contextVramBytes"),
                          .total_vram_bytes = bytes("totalVramBytes"),
                          .sure = api::string_at(*memory, "confidence") == "high",
                          .fits = fits->get_bool()};
}

asio::awaitable<result<usage_estimate>> estimate_by_sdk(way to, std::string model, model_kind kind,
                                                        json::object settings) {
    const std::string what = "the server does not estimate " + model;
    sdk_socket sdk{to.time, to.transport, to.at, to.target};
    const std::string of = namespace_of(kind);
    const auto opened = co_await sdk.open(of, step_patience);
    if (!opened) co_return explained(what, opened.error());
    json::object parameter;
    parameter["modelKey"] = model;
    parameter["loadConfigStack"] = load_config_stack(fields_of(settings, kind));
    const json::value asked = parameter;
    const auto answer = co_await sdk.call("estimateModelUsage", asked, patience * 3);
    if (!answer) co_return explained(what, answer.error());
    const auto estimate = read_estimate(*answer);
    if (!estimate) {
        co_return error{errc::not_understood, what + ": its answer is none that is known",
                        "lms load --estimate-only asks it the same."};
    }
    co_return *estimate;
}

asio::awaitable<catalog_entry> with_untold_settings(way to, catalog_entry m) {
    if (m.instances.empty()) co_return m;
    sdk_socket sdk{to.time, to.transport, to.at, to.target};
    const std::string of =
        namespace_of(m.type == "embedding" ? model_kind::embedding : model_kind::llm);
    const auto opened = co_await sdk.open(of, patience);
    if (!opened) co_return m;
    for (model_instance& i : m.instances) {
        const json::object told = co_await in_force_at(sdk, i.id);
        for (const auto& setting : told) {
            if (setting.key() == "identifier" || i.config.contains(setting.key())) continue;
            i.config[setting.key()] = setting.value();
        }
    }
    co_return m;
}

}  // namespace lmstress::server
