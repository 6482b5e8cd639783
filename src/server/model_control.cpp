#include "server/model_control.hpp"

#include "api/json_frame.hpp"
#include "server/answer_error.hpp"
#include "server/model_list.hpp"
#include "wire/json_value.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr const char* native_path = "/api/v1/models";

error no_models_api(const target_settings& target) {
    return {errc::not_understood,
            "what answers at " + target.url + " has no list of models as LM Studio has it",
            "lmstress models speaks LM Studio's REST API, v1 (0.4) or v0 (0.3.6)."};
}

error no_native_api(const target_settings& target) {
    return {errc::not_understood,
            "what answers at " + target.url + " takes no orders about models over HTTP",
            "LM Studio does from 0.4 on; before that: lms load, lms unload, lms get."};
}

error not_there(const std::string& name, const std::vector<catalog_entry>& models) {
    constexpr std::size_t most = 10;
    std::string keys;
    for (const catalog_entry& m : models) keys += (keys.empty() ? "" : ", ") + m.key;
    return {errc::model_not_there, "the server has no model " + name,
            models.empty()         ? "Download one first: lmstress models download"
            : models.size() > most ? "lmstress models list tells which it has."
                                   : "It has: " + keys};
}

/// LM Studio answers 200 to what it does not know, and says so in the body.
bool unknown_route(const http_answer& answer) {
    return complaint_in(answer).find("Unexpected endpoint") != std::string::npos ||
           (answer.head.status == 404 && complaint_in(answer).empty());
}

/// An error where the answer is not the object that was asked for. `what` begins its sentence.
std::optional<error> refusal(const way& to, const http_answer& answer, const std::string& what,
                             const char* advice) {
    if (const auto wrong = unusable(to.target, answer)) return wrong;
    if (unknown_route(answer)) return no_native_api(to.target);
    const std::string why = complaint_in(answer);
    const auto body = object_of(answer);
    if (body && why.empty()) return std::nullopt;
    const bool absent = answer.head.status == 404;
    return error{absent ? errc::model_not_there : errc::refused,
                 what + (why.empty() ? fmt::format(": HTTP {}", answer.head.status) : ": " + why),
                 advice};
}

std::string with_semicolons(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
    return out;
}

std::string load_request(const std::string& key, const json::object& settings) {
    json::object body;
    body["model"] = key;
    for (const auto& member : settings) body[member.key()] = member.value();
    body["echo_load_config"] = true;
    return wire::json_text(body);
}

/// The configuration in force of an instance: from the list, not from the echo of the request.
asio::awaitable<std::optional<json::object>> config_of(way to, std::string id) {
    const http_answer answer = co_await get(to, native_path);
    const auto models = native_catalog(answer);
    if (!models) co_return std::nullopt;
    for (const catalog_entry& m : *models) {
        for (const model_instance& i : m.instances) {
            if (i.id == id) co_return i.config;
        }
    }
    co_return std::nullopt;
}

}  // namespace

std::optional<error> not_as_asked(const std::string& id, const json::object& asked,
                                  const json::object& in_force) {
    const auto wrong = differences(asked, in_force);
    if (wrong.empty()) return std::nullopt;
    return error{errc::not_in_force,
                 id + " is loaded, but not as asked for: " + with_semicolons(wrong),
                 "Take it as it is, or unload it: lmstress models unload " + id};
}

asio::awaitable<result<catalog>> read_catalog(way to) {
    const http_answer native = co_await get(to, native_path);
    if (const auto wrong = unusable(to.target, native)) co_return *wrong;
    if (auto models = native_catalog(native)) {
        catalog out{*std::move(models), true};
        co_return out;
    }
    const http_answer older = co_await get(to, "/api/v0/models");
    if (const auto wrong = unusable(to.target, older)) co_return *wrong;
    auto models = v0_catalog(older);
    if (!models) co_return no_models_api(to.target);
    catalog out{*std::move(models), false};
    co_return out;
}

asio::awaitable<result<catalog_entry>> read_entry(way to, std::string name) {
    const auto all = co_await read_catalog(to);
    if (!all) co_return all.error();
    if (!all->native) {
        const http_answer answer = co_await get(to, "/api/v0/models/" + path_part(name));
        if (auto entry = v0_entry(answer)) co_return *std::move(entry);
    }
    const catalog_entry* found = find_entry(all->models, name);
    if (found == nullptr) co_return not_there(name, all->models);
    co_return *found;
}

asio::awaitable<result<loaded_model>> load_model(way to, std::string model, json::object settings) {
    const auto all = co_await read_catalog(to);
    if (!all) co_return all.error();
    if (!all->native) co_return no_native_api(to.target);
    const catalog_entry* found = find_entry(all->models, model);
    if (found == nullptr) co_return not_there(model, all->models);

    const std::string body = load_request(found->key, settings);
    const http_answer answer = co_await post(to, "/api/v1/models/load", body, load_patience);
    if (answer.body.find("unrecognized_keys") != std::string::npos) {
        co_return error{errc::refused,
                        "this build of LM Studio does not take a setting that was asked for: " +
                            complaint_in(answer),
                        "Nothing was loaded. Leave it out, or set it in LM Studio's window."};
    }
    const std::string what = "the server does not load " + found->key;
    const char* advice = "Is there memory for it? LM Studio's log says more.";
    if (const auto wrong = refusal(to, answer, what, advice)) co_return *wrong;
    const auto said = object_of(answer);
    loaded_model out{.instance = std::string{api::string_at(*said, "instance_id")},
                     .seconds = api::number_at(*said, "load_time_seconds"),
                     .config = {}};
    auto config = co_await config_of(to, out.instance);
    if (!config) {
        co_return error{errc::refused,
                        "the server says that it has loaded " + out.instance +
                            ", but does not list it as loaded",
                        "Something else may have unloaded it at once: look into LM Studio's log."};
    }
    out.config = *std::move(config);
    if (const auto wrong = not_as_asked(out.instance, settings, out.config)) co_return *wrong;
    out.untold = untold(settings, out.config);
    co_return out;
}

asio::awaitable<result<void>> unload_instance(way to, std::string id) {
    json::object request;
    request["instance_id"] = id;
    const std::string body = wire::json_text(request);
    const http_answer answer = co_await post(to, "/api/v1/models/unload", body, load_patience);
    const std::string what = "the server does not unload " + id;
    const char* advice = "lmstress models list --only-loaded tells what is in memory.";
    if (const auto wrong = refusal(to, answer, what, advice)) co_return *wrong;
    co_return result<void>{};
}

std::optional<download_job> job_in(const http_answer& answer) {
    const auto o = object_of(answer);
    if (!o || api::string_at(*o, "status").empty()) return std::nullopt;
    return download_job{.id = std::string{api::string_at(*o, "job_id")},
                        .status = std::string{api::string_at(*o, "status")},
                        .total_bytes = api::count_at(*o, "total_size_bytes"),
                        .done_bytes = api::count_at(*o, "downloaded_bytes"),
                        .bytes_per_second = api::number_at(*o, "bytes_per_second"),
                        .complaint = std::string{api::error_message_in(*o)}};
}

asio::awaitable<result<download_job>> start_download(way to, std::string model,
                                                     std::string quantization) {
    json::object request;
    request["model"] = model;
    if (!quantization.empty()) request["quantization"] = quantization;
    const std::string body = wire::json_text(request);
    const http_answer answer = co_await post(to, "/api/v1/models/download", body, patience * 6);
    auto job = job_in(answer);
    if (job) co_return *std::move(job);
    const std::string what = "the server does not download " + model;
    const char* advice = "Is it written as on lmstudio.ai/models, or a link to Hugging Face?";
    auto wrong = refusal(to, answer, what, advice);
    if (!wrong) wrong = error{errc::not_understood, what + ", and does not say why", advice};
    co_return *wrong;
}

asio::awaitable<result<download_job>> look_at_download(way to, std::string id) {
    const http_answer answer = co_await get(to, "/api/v1/models/download/status/" + path_part(id));
    auto job = job_in(answer);
    if (job) co_return *std::move(job);
    const std::string what = "the server does not tell how far " + id + " is";
    const char* advice = "The download may go on all the same: look into LM Studio.";
    auto wrong = refusal(to, answer, what, advice);
    if (!wrong) wrong = error{errc::not_understood, what, advice};
    co_return *wrong;
}

}  // namespace lmstress::server
