#include "server/identify.hpp"

#include "api/json_frame.hpp"
#include "server/answer_error.hpp"
#include "server/model_list.hpp"
#include "server/routes.hpp"
#include "server/way.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <optional>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

/// Chooses the model where none was named, and takes over what is known of it.
result<void> settle_model(const std::vector<listed_model>& models, const std::string& wanted,
                          bool native, identity& id) {
    const std::string source = native ? "GET /api/v1/models" : "GET /v1/models";
    std::vector<std::string> keys;
    keys.reserve(models.size());
    for (const listed_model& m : models) keys.push_back(m.key);
    const listed_model* chosen = nullptr;
    for (const listed_model& m : models) {
        const bool fits = wanted.empty() ? !m.instances.empty() : names(m, wanted);
        if (fits && chosen == nullptr) chosen = &m;
    }
    if (wanted.empty() && chosen == nullptr && models.size() == 1) chosen = &models.front();
    if (wanted.empty() && chosen == nullptr) {
        const char* none = native
                               ? "the server has no model loaded"
                               : "the server has several models and does not say which is loaded";
        return error{errc::model_not_there, models.empty() ? "the server has no model" : none,
                     models.empty() ? "Download one first (lms get)."
                                    : "Name one with --model: " + joined(keys)};
    }
    id.model = wanted.empty() ? chosen->key : wanted;
    id.models = joined(keys);
    if (chosen == nullptr) {
        id.warnings.push_back(
            keys.empty()
                ? "The server lists no models, so " + wanted + " could not be looked up."
                : "The server's list does not hold " + wanted + ", only " + joined(keys) + ".");
        return {};
    }
    id.cold = native && chosen->instances.empty();
    if (native) id.settings.loaded_instances = chosen->instances.size();
    if (native && !chosen->instances.empty()) id.instance = chosen->instances.front();
    id.about_model = chosen->facts;
    id.settings.quantization = chosen->quantization;
    id.settings.parallel.confirmed = chosen->parallel;
    if (chosen->parallel) id.settings.parallel.source = source;
    id.settings.context_length.confirmed = chosen->context_length;
    if (chosen->context_length) id.settings.context_length.source = source;
    return {};
}

/// GET /props of llama.cpp. Its `n_ctx` is that of one slot.
void read_props(const json::object& props, identity& id) {
    id.settings.parallel.confirmed = slots_in(api::count_at(props, "total_slots"));
    if (const json::object* defaults = api::object_at(props, "default_generation_settings")) {
        id.settings.context_length.confirmed = tokens_in(api::count_at(*defaults, "n_ctx"));
    }
    id.settings.parallel.source = llama_cpp_props;
    id.settings.context_length.source = llama_cpp_props;
}

asio::awaitable<result<void>> check_apis(way to, std::vector<const api::api*> wanted) {
    const auto missing = co_await missing_apis(to, std::move(wanted));
    if (missing.empty()) co_return result<void>{};
    std::vector<std::string> names;
    for (const api::api* api : missing) names.emplace_back(api->name);
    co_return error{errc::not_understood,
                    "the server at " + to.target.url + " does not have " + joined(names) + " (" +
                        "POST " + std::string{missing.front()->path} + ")",
                    "Leave it out of --api; lmstress probe says which APIs a server has."};
}

}  // namespace

asio::awaitable<result<identity>> identify(clock& time, net::transport& transport,
                                           const net::endpoint& at, const target_settings& target) {
    const way to{time, transport, at, target};
    identity id;
    if (target.api != "auto") id.apis = api::find_apis(target.api);

    const http_answer native = co_await get(to, "/api/v1/models");
    if (native.connected.failed) co_return unreachable(target, native);
    if (id.apis.size() > 1) {
        const auto all_there = co_await check_apis(to, id.apis);
        if (!all_there) co_return all_there.error();
    }
    // LM Studio's own list says most, so it is asked for first, whichever API carries the load.
    if (auto models = native_models(native)) {
        if (id.apis.empty()) id.apis.push_back(api::find_api("lmstudio"));
        const bool embeds = id.apis.front()->embeds;
        std::erase_if(*models, [&](const listed_model& m) { return m.embeds != embeds; });
        const auto settled = settle_model(*models, target.model, true, id);
        if (!settled) co_return settled.error();
        id.native = true;
        co_return id;
    }

    const http_answer openai = co_await get(to, "/v1/models");
    // Whatever became of the first route: a server may have only the second one.
    if (refuses(openai) || (refuses(native) && !openai.complete)) co_return wants_token(target);
    if (!openai.complete) co_return unreachable(target, openai);
    const auto models = openai_models(openai);
    if (!models && (id.apis.empty() || target.model.empty())) {
        co_return no_llm_server(target, openai);
    }
    if (id.apis.empty()) id.apis.push_back(api::find_api("openai-chat"));
    id.llama_cpp = openai.head.server == "llama.cpp";
    const auto settled =
        settle_model(models.value_or(std::vector<listed_model>{}), target.model, false, id);
    if (!settled) co_return settled.error();
    if (id.llama_cpp) {
        const http_answer props = co_await get(to, "/props");
        if (const auto o = object_of(props)) read_props(*o, id);
    }
    co_return id;
}

}  // namespace lmstress::server
