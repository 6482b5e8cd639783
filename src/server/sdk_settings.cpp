#include "server/sdk_settings.hpp"

#include "api/json_frame.hpp"
#include "api/sdk_fields.hpp"
#include "server/sdk_config.hpp"
#include "server/sdk_socket.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <functional>
#include <utility>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

/// A path that LM Studio does not know is not answered at all (lms-communication-server/src,
/// WsServer.ts), and a run without wishes should not wait for that.
constexpr nanoseconds patience = std::chrono::seconds{2};
constexpr nanoseconds load_patience = std::chrono::minutes{15};

// https://github.com/lmstudio-ai/lmstudio-js, packages/lms-kv-config/src/schema.ts.
constexpr std::string_view parallel_key = "llm.load.numParallelSessions";
constexpr std::string_view unified_key = "llm.load.useUnifiedKvCache";
constexpr std::string_view context_key = "llm.load.contextLength";

asio::awaitable<result<load_config>> config_of(sdk_socket& sdk, std::string identifier) {
    const json::value parameter = instance_query(identifier);
    const auto answer = co_await sdk.call("getLoadConfig", parameter, patience);
    if (!answer) co_return answer.error();
    co_return read_load_config(*answer);
}

/// From the first unloading on a failure stops the run: it is no longer a server that merely does
/// not speak this.
error cannot_load(const sdk_target& model, const error& why) {
    return {errc::model_not_there, "the server does not load " + model.key + ": " + why.message,
            "Load it by hand (LM Studio, or lms load) and leave --unified-kv-cache out."};
}

/// The id of the instance that it made.
asio::awaitable<result<std::string>> reload(sdk_socket& sdk, const sdk_target& model,
                                            const load_config& before,
                                            const server_wishes& wishes) {
    for (const std::string& instance : model.instances) {
        json::object parameter;
        parameter["identifier"] = instance;
        const auto gone = co_await sdk.call("unloadModel", parameter, load_patience);
        if (!gone) co_return cannot_load(model, gone.error());
    }
    const bool named = !model.instances.empty() && model.instances.front() != model.key;
    const std::string name = named ? model.instances.front() : "";
    const json::value parameter = load_parameter(model.key, name, before, wishes);
    const std::function<void(double)> nobody_watches;
    const auto made =
        co_await sdk.run_channel("loadModel", parameter, load_patience, nobody_watches);
    if (!made) co_return cannot_load(model, made.error());
    const json::object* info = api::object_at(made->get_object(), "info");
    const std::string id{info == nullptr ? "" : api::string_at(*info, "identifier")};
    co_return id.empty() ? model.key : id;
}

}  // namespace

json::value instance_query(const std::string& identifier) {
    json::object query;
    query["identifier"] = identifier;
    json::object specifier;
    specifier["type"] = "query";
    specifier["query"] = query;
    json::object parameter;
    parameter["specifier"] = specifier;
    return parameter;
}

load_config read_load_config(const json::value& kv_config) {
    load_config c;
    const json::object* o = kv_config.if_object();
    const json::value* fields = o == nullptr ? nullptr : o->if_contains("fields");
    if (fields == nullptr || !fields->is_array()) return c;
    c.fields = *fields;
    for (const json::value& v : fields->get_array()) {
        const json::object* field = v.if_object();
        const json::value* value = field == nullptr ? nullptr : field->if_contains("value");
        if (value == nullptr) continue;
        const std::string_view key = api::string_at(*field, "key");
        if (key == parallel_key) c.parallel = api::count_at(*field, "value");
        if (key == context_key) c.context_length = api::count_at(*field, "value");
        if (key == unified_key && value->is_bool()) c.unified_kv = value->get_bool();
    }
    return c;
}

void take_over(const load_config& c, server_settings& into) {
    const auto confirm = [](auto& setting, const auto& said) {
        if (!said || setting.confirmed) return;
        setting.confirmed = said;
        setting.source = "SDK getLoadConfig";
    };
    confirm(into.unified_kv, c.unified_kv);
    confirm(into.parallel, c.parallel);
    confirm(into.context_length, c.context_length);
}

bool in_force(const load_config& now, const server_wishes& wishes) {
    return (!wishes.parallel || now.parallel == wishes.parallel) &&
           (!wishes.unified_kv || now.unified_kv == wishes.unified_kv);
}

json::value load_parameter(const std::string& key, const std::string& identifier,
                           const load_config& before, const server_wishes& wishes) {
    json::array fields;
    if (before.fields.is_array()) fields = before.fields.get_array();
    if (wishes.parallel) api::set_kv(fields, parallel_key, *wishes.parallel);
    if (wishes.unified_kv) api::set_kv(fields, unified_key, *wishes.unified_kv);
    json::object parameter;
    parameter["modelKey"] = key;
    if (!identifier.empty()) parameter["identifier"] = identifier;
    parameter["loadConfigStack"] = load_config_stack(std::move(fields));
    return parameter;
}

asio::awaitable<result<load_config>> apply_by_sdk(clock& time, net::transport& transport,
                                                  const net::endpoint& at,
                                                  const target_settings& target,
                                                  const sdk_target& model,
                                                  const server_wishes& wishes) {
    sdk_socket sdk{time, transport, at, target};
    const auto opened = co_await sdk.open("llm", patience);
    if (!opened) co_return opened.error();
    load_config before;
    if (!model.instances.empty()) {
        const auto now = co_await config_of(sdk, model.instances.front());
        if (!now) co_return error{errc::not_understood, now.error().message};
        if (in_force(*now, wishes)) co_return *now;
        before = *now;
    }
    const auto made = co_await reload(sdk, model, before, wishes);
    if (!made) co_return made.error();
    const auto after = co_await config_of(sdk, *made);
    // Loaded, and not told how: that is no reason to stop, only nothing to claim.
    co_return after ? *after : load_config{};
}

asio::awaitable<void> read_by_sdk(clock& time, net::transport& transport, const net::endpoint& at,
                                  const target_settings& target, identity& id) {
    if (!id.native || id.instance.empty()) co_return;
    sdk_socket sdk{time, transport, at, target};
    const auto opened = co_await sdk.open("llm", patience);
    if (!opened) co_return;
    const auto now = co_await config_of(sdk, id.instance);
    if (now) take_over(*now, id.settings);
}

}  // namespace lmstress::server
