#include "sim/sdk_session.hpp"

#include "sim/images.hpp"
#include "sim/request_json.hpp"
#include "sim/sdk_config.hpp"
#include "sim/sdk_hardware.hpp"
#include "sim/sdk_texts.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

// packages/lms-client/src/LMStudioClient.ts: the ports that it opens.
constexpr std::array<std::string_view, 9> namespaces = {"llm",         "embedding", "system",
                                                        "diagnostics", "files",     "repository",
                                                        "plugins",     "runtime",   "retrieval"};

/// lms-shared-types/src/files/FileType.ts
std::string_view file_type(std::string_view name) {
    for (const char* image : {".png", ".jpg", ".jpeg", ".webp"}) {
        if (name.ends_with(image)) return "image";
    }
    return "unknown";
}

/// The instance that a ModelSpecifier means (lms-shared-types/src/ModelSpecifier.ts).
std::string identifier_of(const json::object& parameter) {
    const json::object& s = object_in(parameter, "specifier");
    if (string_in(s, "type") == "instanceReference") return string_in(s, "instanceReference");
    return string_in(object_in(s, "query"), "identifier");
}

void append_error(wire::json_writer& w, std::string_view title, std::string_view cause) {
    w.key("error").begin_object().field("title", title).field("cause", cause);
    w.field("rootTitle", title).end_object();
}

}  // namespace

bool is_sdk_path(std::string_view path) {
    return path.starts_with('/') &&
           std::find(namespaces.begin(), namespaces.end(), path.substr(1)) != namespaces.end();
}

sdk_session::sdk_session(server& s, sdk_output& to, std::string_view path)
    : server_(s), output_(to), namespace_(path.substr(1)) {}

sdk_session::~sdk_session() {
    server_.forget_load(*this);
    for (const auto& p : predictions_) {
        if (!p->over()) server_.abandoned(*p);
    }
    // A file stays as long as the client that sent it.
    for (const std::string& file : files_) server_.forget_file(file);
}

void sdk_session::take(std::string_view text, instant now) {
    if (!admitted_) return greet(text);
    const auto message = parse_object(text);
    if (!message) return;  // LM Studio logs it and goes on
    const std::string type = string_in(*message, "type");
    if (type == "rpcCall") return call(*message, now);
    if (type == "channelCreate") return open_channel(*message, now);
    if (type == "channelSend" && string_in(object_in(*message, "message"), "type") == "cancel") {
        cancel(count_in(*message, "channelId"), now);
    }
    if (type == "keepAlive") output_.send_text(R"({"type":"keepAliveAck"})");
}

void sdk_session::greet(std::string_view text) {
    const auto message = parse_object(text);
    if (!message || count_in(*message, "authVersion") != 1) return;
    admitted_ = server_.admits(string_in(*message, "clientIdentifier"),
                               string_in(*message, "clientPasskey"));
    if (admitted_) return output_.send_text(R"({"success":true})");
    output_.send_text(R"({"success":false,"error":"Invalid API token"})");
    output_.hang_up_socket();
}

void sdk_session::call(const json::object& message, instant now) {
    const std::string endpoint = string_in(message, "endpoint");
    const std::uint64_t id = count_in(message, "callId");
    const json::object& parameter = object_in(message, "parameter");
    if (namespace_ == "llm") return call_llm(endpoint, id, parameter, now);
    if (namespace_ == "files") return call_files(endpoint, id, parameter);
    if (namespace_ == "system" && endpoint == "version") {
        return answer_call(id,
                           fmt::format(R"({{"version":"{}","build":1}})", server_.app_version()));
    }
    if (namespace_ == "system" && endpoint == "info") {
        return answer_call(id, fmt::format(R"({{"pid":1,"isDaemon":false,"version":"{}"}})",
                                           server_.app_version()));
    }
    if (namespace_ == "runtime" && endpoint == "surveyHardware") {
        return answer_call(id, hardware_survey());
    }
    if (namespace_ == "system" && endpoint == "listDownloadedModels") {
        std::string list;
        wire::json_writer w{list};
        w.begin_array();
        for (const model_entry& m : server_.all_models().on_disk()) w.raw(model_info(m, nullptr));
        w.end_array();
        return answer_call(id, list);
    }
    refuse_call(id, "Unknown endpoint", endpoint);
}

void sdk_session::call_llm(std::string_view endpoint, std::uint64_t id,
                           const json::object& parameter, instant now) {
    const models& all = server_.all_models();
    if (endpoint == "listLoaded") {
        std::string list;
        wire::json_writer w{list};
        w.begin_array();
        for (const instance& i : all.instances()) {
            if (i.ready_at <= now) w.raw(model_info(*all.find(i.key), &i));
        }
        w.end_array();
        return answer_call(id, list);
    }
    if (endpoint == "unloadModel") {
        const std::string which = string_in(parameter, "identifier");
        if (all.find_instance(which) == nullptr) {
            return refuse_call(id, "Cannot find model", which + " is not loaded");
        }
        server_.unload(which, now);
        return answer_call(id, {});
    }
    if (endpoint == "estimateModelUsage") return estimate(id, parameter);
    const std::string which = identifier_of(parameter);
    const instance* on = instance_for(which);
    if (on == nullptr) return refuse_call(id, "No model found that fits the query", which);
    if (endpoint == "getLoadConfig") return answer_call(id, kv_config(*on));
    if (endpoint == "getInstanceProcessingState") return answer_call(id, processing_state(*on));
    if (endpoint == "getModelInfo") return answer_call(id, model_info(*all.find(on->key), on));
    refuse_call(id, "Unknown endpoint", endpoint);
}

/// An empty query means any model, as the SDK's llm.model() asks.
const instance* sdk_session::instance_for(const std::string& which) const {
    const models& all = server_.all_models();
    if (which.empty() && !all.instances().empty()) return &all.instances().front();
    return all.find_instance(which);
}

void sdk_session::open_channel(const json::object& message, instant now) {
    const std::uint64_t channel = count_in(message, "channelId");
    const std::string endpoint = string_in(message, "endpoint");
    const json::object& wanted = object_in(message, "creationParameter");
    std::erase_if(predictions_, [](const auto& p) { return p->over(); });
    if (namespace_ == "llm" && endpoint == "loadModel") return load(channel, wanted, now);
    if (namespace_ == "llm" && endpoint == "predict") return predict(channel, wanted, now);
    refuse_channel(channel, "Unknown endpoint", endpoint);
}

/// In place of the answer. True where the fault is such.
bool sdk_session::strike(fault kind, std::uint64_t channel, const std::string& model) {
    if (kind == fault::reset_before) {
        output_.reset_socket();
    } else if (kind == fault::status_404) {
        refuse_prediction(channel, model);
    } else if (kind == fault::status_500) {
        output_.send_text(channel_error(channel, engine_unreachable));
    } else if (kind == fault::ok_with_error) {
        output_.send_text(channel_error(channel, model_unloaded));
    } else {
        return false;
    }
    return true;
}

void sdk_session::predict(std::uint64_t channel, const json::object& wanted, instant now) {
    const std::string id = std::to_string(channel) + "@sdk";
    output_.on_request(id);
    json::object specifier;
    specifier["specifier"] = object_in(wanted, "modelSpecifier");
    const std::string which = identifier_of(specifier);
    const auto struck_by = server_.draw_fault();
    if (struck_by && strike(*struck_by, channel, which)) return;
    const instance* on = instance_for(which);
    if (on == nullptr || on->ready_at > now) return refuse_prediction(channel, which);
    const model_entry& entry = *server_.all_models().find(on->key);
    const json::value* messages = object_in(wanted, "history").if_contains("messages");
    if (messages == nullptr) return refuse_channel(channel, "Invalid history", "");
    for (const std::string_view image : images_in(*messages)) {
        if (!entry.vision) return refuse_channel(channel, sees_nothing, "");
        if (!server_.has_file(image)) return refuse_channel(channel, "Cannot find file", image);
    }
    prediction_settings s{.most_tokens = no_limit};
    const auto bad = take_prediction_stack(object_in(wanted, "predictionConfigStack"), s);
    if (bad) return refuse_channel(channel, "Invalid prediction config", *bad);
    chat c{.request_id = id,
           .model = which,
           .max_tokens = s.most_tokens,
           .stream = true,
           .draft_model = std::move(s.draft_model),
           .tool = std::move(s.shape.tool),
           .pieces = std::move(s.shape.pieces)};
    server_.hear_messages(c, *messages);
    c.set_length(server_.answer_tokens(), s.thinks);
    predictions_.push_back(std::make_unique<sdk_prediction>(output_, channel));
    server_.predict(make_sdk_answer(std::move(c), model_info(entry, on), *predictions_.back()),
                    on->id, now, struck_by);
}

/// The namespace `files`: an image goes up by itself, and messages name it.
void sdk_session::call_files(std::string_view endpoint, std::uint64_t id,
                             const json::object& parameter) {
    if (endpoint != "uploadFileBase64") {
        return refuse_call(id, "Unknown endpoint", endpoint);
    }
    const std::string name = string_in(parameter, "name");
    const std::string content = string_in(parameter, "contentBase64");
    if (content.empty() || content.size() % 4 != 0) {
        return refuse_call(id, "The file is no base64", name);
    }
    const auto padding = std::count(content.begin(), content.end(), '=');
    const std::size_t bytes = content.size() / 4 * 3 - static_cast<std::size_t>(padding);
    files_.push_back(server_.keep_file(name));
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("identifier", files_.back()).field("fileType", file_type(name));
    w.field("sizeBytes", bytes).end_object();
    answer_call(id, out);
}

void sdk_session::cancel(std::uint64_t channel, instant now) {
    for (const auto& p : predictions_) {
        if (p->channel() == channel && !p->over()) return server_.cancel_prediction(*p, now);
    }
    server_.cancel_load(*this, channel);
}

void sdk_session::load(std::uint64_t channel, const json::object& wanted, instant now) {
    const std::string key = string_in(wanted, "modelKey");
    const model_entry* entry = server_.all_models().find(key);
    if (entry == nullptr) return refuse_channel(channel, "Cannot find model", key);
    load_settings s{.engine = server_.defaults(), .set = {.experts = entry->experts}};
    if (server_.takes_sdk_settings()) {
        const auto bad = take_load_stack(object_in(wanted, "loadConfigStack"), s);
        if (bad) return refuse_channel(channel, "Invalid load config", *bad);
        if (const std::uint64_t ms = count_in(wanted, "ttlMs"); ms > 0) {
            s.set.ttl = std::chrono::milliseconds{static_cast<std::int64_t>(ms)};
        }
    }
    std::string resolved = R"({"type":"resolved","info":)" + model_info(*entry, nullptr) + '}';
    send_on(channel, resolved);
    server_.begin_load(*entry, string_in(wanted, "identifier"), s.engine, s.set, *this, channel,
                       now);
}

void sdk_session::estimate(std::uint64_t id, const json::object& parameter) {
    const std::string key = string_in(parameter, "modelKey");
    const model_entry* entry = server_.all_models().find(key);
    if (entry == nullptr) return refuse_call(id, "Cannot find model", key);
    load_settings s{.engine = server_.defaults(), .set = {.experts = entry->experts}};
    const auto bad = take_load_stack(object_in(parameter, "loadConfigStack"), s);
    if (bad) return refuse_call(id, "Invalid load config", *bad);
    answer_call(id, usage_text(memory_of(*entry, s.engine, s.set)));
}

void sdk_session::answer_call(std::uint64_t id, std::string_view json) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "rpcResult").field("callId", id);
    if (!json.empty()) w.key("result").raw(json);
    w.end_object();
    output_.send_text(std::move(out));
}

void sdk_session::refuse_call(std::uint64_t id, std::string_view title, std::string_view cause) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "rpcError").field("callId", id);
    append_error(w, title, cause);
    w.end_object();
    output_.send_text(std::move(out));
}

void sdk_session::refuse_channel(std::uint64_t id, std::string_view title, std::string_view cause) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "channelError").field("channelId", id);
    append_error(w, title, cause);
    w.end_object();
    output_.send_text(std::move(out));
}

/// With what lms-shared-types/src/GenericErrorDisplayData.ts wants beside the words.
void sdk_session::refuse_prediction(std::uint64_t id, std::string_view model) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "channelError").field("channelId", id);
    const char* title = "No model found that fits the query";
    w.key("error").begin_object().field("title", title).field("cause", model);
    w.field("rootTitle", title).key("displayData").begin_object();
    w.field("code", "generic.noModelMatchingQuery").key("query").begin_object();
    w.field("identifier", model).end_object().key("loadedModelsSample").begin_array();
    const auto& loaded = server_.all_models().instances();
    for (const instance& i : loaded) w.value(i.id);
    w.end_array().field("totalLoadedModels", loaded.size()).end_object().end_object();
    w.end_object();
    output_.send_text(std::move(out));
}

void sdk_session::send_on(std::uint64_t channel, std::string_view json) {
    output_.send_text(channel_message(channel, json));
}

void sdk_session::close_channel(std::uint64_t channel) {
    output_.send_text(channel_close(channel));
}

void sdk_session::on_load_progress(std::uint64_t channel, double progress) {
    std::string out;
    wire::json_writer{out}
        .begin_object()
        .field("type", "progress")
        .field("progress", progress)
        .end_object();
    send_on(channel, out);
}

void sdk_session::on_loaded(std::uint64_t channel, const instance& on) {
    const model_entry& entry = *server_.all_models().find(on.key);
    send_on(channel, R"({"type":"success","info":)" + model_info(entry, &on) + '}');
    close_channel(channel);
}

void sdk_session::on_load_failed(std::uint64_t channel, std::string_view why) {
    refuse_channel(channel, why, "");
}

}  // namespace lmstress::sim
