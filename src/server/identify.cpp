#include "server/identify.hpp"

#include "api/json_frame.hpp"
#include "server/http_call.hpp"
#include "server/model_list.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <optional>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr nanoseconds patience = std::chrono::seconds{10};

error unreachable(const target_settings& target, const http_answer& answer) {
    if (answer.connected.failed) {
        return {errc::unreachable,
                "no server answers at " + target.url + " (" + answer.connected.message + ")",
                "Start one (LM Studio: lms server start), give its address with --url, or try the "
                "built-in one: lmstress sim"};
    }
    if (!answer.begun) {
        return {errc::unreachable,
                "what listens at " + target.url + " takes connections but says nothing",
                "Is the server still starting, or is something else on that port?"};
    }
    return {errc::not_understood, "what listens at " + target.url + " does not answer in HTTP",
            "Is the port right? LM Studio's is 1234, llama.cpp's 8080."};
}

/// Something answers, but lists no models.
error no_llm_server(const target_settings& target, const http_answer& answer) {
    std::string who = answer.head.server.empty() ? "" : " by " + answer.head.server;
    if (!answer.head.content_type.empty()) who += ", " + answer.head.content_type;
    return {errc::not_understood,
            "what answers at " + target.url + " is no LLM server: HTTP " +
                std::to_string(answer.head.status) + who + " to GET /v1/models",
            "Is the port right? LM Studio's is 1234, llama.cpp's 8080. If it is one all the same, "
            "name --api and --model."};
}

error wants_token(const target_settings& target) {
    const bool given = !target.api_token.empty();
    return {errc::unauthorized,
            target.url + (given ? " refuses the API token" : " wants an API token"),
            "Put a valid one into the environment variable LM_API_TOKEN."};
}

bool refuses(const http_answer& answer) {
    return answer.head.status == 401 || answer.head.status == 403;
}

/// The first ten of them, each cut where it is longer than a name should be.
std::string joined(const std::vector<std::string>& names) {
    constexpr std::size_t most = 10;
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
        out += (out.empty() ? "" : ", ") + names[i].substr(0, 80);
    }
    return names.size() > most ? out + " and " + std::to_string(names.size() - most) + " more"
                               : out;
}

/// Chooses the model where none was named, and takes over what is known of it.
result<void> settle_model(const std::vector<listed_model>& models, const std::string& wanted,
                          const std::string& source, identity& id) {
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
        return error{errc::model_not_there,
                     models.empty() ? "the server has no model" : "the server has no model loaded",
                     models.empty() ? "Download one first (lms get)."
                                    : "Name one with --model: " + joined(keys)};
    }
    id.model = wanted.empty() ? chosen->key : wanted;
    if (chosen == nullptr) {
        id.warnings.push_back(
            keys.empty()
                ? "The server lists no models, so " + wanted + " could not be looked up."
                : "The server's list does not hold " + wanted + ", only " + joined(keys) + ".");
        return {};
    }
    const bool native = source == "GET /api/v1/models";
    id.cold = native && chosen->instances.empty();
    if (native) id.settings.loaded_instances = chosen->instances.size();
    id.settings.quantization = chosen->quantization;
    id.settings.parallel.confirmed = chosen->parallel;
    if (chosen->parallel) id.settings.parallel.source = source;
    id.settings.context_length.confirmed = chosen->context_length;
    if (chosen->context_length) id.settings.context_length.source = source;
    return {};
}

/// GET /props of llama.cpp.
void read_props(const json::object& props, identity& id) {
    id.settings.parallel.confirmed = api::count_at(props, "total_slots");
    if (const json::object* defaults = api::object_at(props, "default_generation_settings")) {
        id.settings.context_length.confirmed = api::count_at(*defaults, "n_ctx");
    }
    id.settings.parallel.source = "GET /props";
    id.settings.context_length.source = "GET /props";
}

}  // namespace

asio::awaitable<result<identity>> identify(clock& time, net::transport& transport,
                                           const net::endpoint& at, const target_settings& target) {
    const std::string no_body;
    identity id;
    if (target.api != "auto") id.api = api::find_api(target.api);

    const std::string native_head = head_of("GET", at, target, "/api/v1/models");
    const http_answer native = co_await http_call(time, transport, native_head, no_body, patience);
    if (!native.complete) co_return unreachable(target, native);
    if (refuses(native)) co_return wants_token(target);
    // LM Studio's own list says most, so it is asked for first, whichever API carries the load.
    if (auto models = native_models(native)) {
        if (id.api == nullptr) id.api = api::find_api("lmstudio");
        std::erase_if(*models, [&](const listed_model& m) { return m.embeds != id.api->embeds; });
        const auto settled = settle_model(*models, target.model, "GET /api/v1/models", id);
        if (!settled) co_return settled.error();
        id.native = true;
        co_return id;
    }

    const std::string openai_head = head_of("GET", at, target, "/v1/models");
    const http_answer openai = co_await http_call(time, transport, openai_head, no_body, patience);
    if (!openai.complete) co_return unreachable(target, openai);
    if (refuses(openai)) co_return wants_token(target);
    const auto models = openai_models(openai);
    if (!models && (id.api == nullptr || target.model.empty())) {
        co_return no_llm_server(target, openai);
    }
    if (id.api == nullptr) id.api = api::find_api("openai-chat");
    id.llama_cpp = openai.head.server == "llama.cpp";
    const auto settled = settle_model(models.value_or(std::vector<listed_model>{}), target.model,
                                      "GET /v1/models", id);
    if (!settled) co_return settled.error();
    if (id.llama_cpp) {
        const std::string props_head = head_of("GET", at, target, "/props");
        const http_answer props =
            co_await http_call(time, transport, props_head, no_body, patience);
        if (const auto o = object_of(props)) read_props(*o, id);
    }
    co_return id;
}

}  // namespace lmstress::server
