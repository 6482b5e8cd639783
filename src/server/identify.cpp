#include "server/identify.hpp"

#include "api/json_frame.hpp"
#include "lmstress/version.hpp"
#include "server/http_get.hpp"
#include "wire/letters.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr nanoseconds patience = std::chrono::seconds{10};

std::string get_head(const net::endpoint& at, const target_settings& target,
                     std::string_view path) {
    std::string head = "GET " + at.prefix + std::string{path} +
                       " HTTP/1.1\r\nHost: " + at.host_header + "\r\nUser-Agent: lmstress/" +
                       version + "\r\nAccept: application/json\r\n";
    if (!target.api_token.empty()) head += "Authorization: Bearer " + target.api_token + "\r\n";
    return head + "Connection: close\r\n\r\n";
}

std::optional<json::object> object_of(const http_answer& answer) {
    if (!answer.complete || answer.head.status != 200) return std::nullopt;
    json::error_code ec;
    json::value v = json::parse(answer.body, ec);
    if (ec || !v.is_object()) return std::nullopt;
    return std::move(v.get_object());
}

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

struct listed_model {
    std::string key;
    std::vector<std::string> instances = {};
    std::optional<std::uint64_t> parallel = {};
    std::optional<std::uint64_t> context_length = {};
};

/// GET /api/v1/models: the chat models, with the settings of the first loaded instance.
std::vector<listed_model> native_models(const json::object& o) {
    std::vector<listed_model> out;
    for (const json::value& v : o.at("models").as_array()) {
        const json::object* entry = v.if_object();
        if (entry == nullptr || api::string_at(*entry, "type") == "embedding") continue;
        listed_model m{.key = std::string{api::string_at(*entry, "key")}};
        const json::value* loaded = entry->if_contains("loaded_instances");
        for (const json::value& i :
             loaded && loaded->is_array() ? loaded->get_array() : json::array{}) {
            const json::object* instance = i.if_object();
            if (instance == nullptr) continue;
            m.instances.emplace_back(api::string_at(*instance, "id"));
            const json::object* config = api::object_at(*instance, "config");
            if (config == nullptr || m.instances.size() > 1) continue;
            m.parallel = api::count_at(*config, "parallel");
            m.context_length = api::count_at(*config, "context_length");
        }
        out.push_back(std::move(m));
    }
    return out;
}

/// GET /v1/models.
std::vector<listed_model> openai_models(const json::object& o) {
    std::vector<listed_model> out;
    const json::value* data = o.if_contains("data");
    if (data == nullptr || !data->is_array()) return out;
    for (const json::value& v : data->get_array()) {
        if (const json::object* entry = v.if_object()) {
            out.push_back({.key = std::string{api::string_at(*entry, "id")}});
        }
    }
    return out;
}

bool names(const listed_model& m, std::string_view model) {
    const auto same = [&](std::string_view other) { return wire::same_letters(model, other); };
    return same(m.key) || std::any_of(m.instances.begin(), m.instances.end(), same);
}

/// Chooses the model where none was named, and takes over what is known of it.
result<void> settle_model(const std::vector<listed_model>& models, const std::string& wanted,
                          const std::string& source, identity& id) {
    std::vector<std::string> keys;
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
        id.warnings.push_back("The server's list does not hold " + wanted + ", only " +
                              joined(keys) + ".");
        return {};
    }
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

/// LM Studio's own list says most, so it is asked for first, whichever API carries the load.
std::optional<json::object> native_list(const http_answer& answer) {
    auto list = object_of(answer);
    const json::value* models = list ? list->if_contains("models") : nullptr;
    if (models == nullptr || !models->is_array()) return std::nullopt;
    return list;
}

}  // namespace

asio::awaitable<result<identity>> identify(clock& time, net::transport& transport,
                                           const net::endpoint& at, const target_settings& target) {
    identity id;
    if (target.api != "auto") id.api = api::find_api(target.api);

    const std::string native_head = get_head(at, target, "/api/v1/models");
    const http_answer native = co_await http_get(time, transport, native_head, patience);
    if (!native.complete) co_return unreachable(target, native);
    if (refuses(native)) co_return wants_token(target);
    if (const auto list = native_list(native)) {
        if (id.api == nullptr) id.api = api::find_api("lmstudio");
        const auto models = native_models(*list);
        const auto settled = settle_model(models, target.model, "GET /api/v1/models", id);
        if (!settled) co_return settled.error();
        const auto chosen = std::find_if(models.begin(), models.end(),
                                         [&](const listed_model& m) { return names(m, id.model); });
        id.cold = chosen != models.end() && chosen->instances.empty();
        co_return id;
    }

    const std::string openai_head = get_head(at, target, "/v1/models");
    const http_answer openai = co_await http_get(time, transport, openai_head, patience);
    if (!openai.complete) co_return unreachable(target, openai);
    if (refuses(openai)) co_return wants_token(target);
    const auto list = object_of(openai);
    if (!list && (id.api == nullptr || target.model.empty())) {
        co_return error{errc::not_understood, "what listens at " + target.url + " lists no models",
                        "If it is a model server all the same, name --api and --model."};
    }
    if (id.api == nullptr) id.api = api::find_api("openai-chat");
    id.llama_cpp = openai.head.server == "llama.cpp";
    const auto models = list ? openai_models(*list) : std::vector<listed_model>{};
    const auto settled = settle_model(models, target.model, "GET /v1/models", id);
    if (!settled) co_return settled.error();
    if (id.llama_cpp) {
        const std::string props_head = get_head(at, target, "/props");
        const http_answer props = co_await http_get(time, transport, props_head, patience);
        if (const auto o = object_of(props)) read_props(*o, id);
    }
    co_return id;
}

}  // namespace lmstress::server
