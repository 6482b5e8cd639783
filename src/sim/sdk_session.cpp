#include "sim/sdk_session.hpp"

#include "sim/request_json.hpp"
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

std::uint64_t count_in(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr) return 0;
    json::error_code ec;
    const auto n = v->to_number<std::uint64_t>(ec);
    return ec ? 0 : n;
}

const json::object& object_in(const json::object& o, std::string_view key) {
    static const json::object none;
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_object() ? v->get_object() : none;
}

/// The instance that a ModelSpecifier means (lms-shared-types/src/ModelSpecifier.ts).
std::string identifier_of(const json::object& parameter) {
    const json::object& s = object_in(parameter, "specifier");
    if (string_in(s, "type") == "instanceReference") return string_in(s, "instanceReference");
    return string_in(object_in(s, "query"), "identifier");
}

bool take_count(const json::value& v, std::uint64_t most, std::uint64_t& into) {
    json::error_code ec;
    const auto n = v.to_number<std::uint64_t>(ec);
    if (ec || n < 1 || n > most) return false;
    into = n;
    return true;
}

bool take_bool(const json::value& v, bool& into) {
    if (v.is_bool()) into = v.get_bool();
    return v.is_bool();
}

/// "off", "max", or a number between.
bool take_ratio(const json::value& v, double& into) {
    if (v == "off" || v == "max") {
        into = v == "max" ? 1 : 0;
        return true;
    }
    json::error_code ec;
    const auto n = v.to_number<double>(ec);
    if (ec || n < 0 || n > 1) return false;
    into = n;
    return true;
}

/// What a model is loaded with.
struct load_settings {
    engine_settings engine;
    instance_settings set;
};

/// False where the value of a key that is known makes no sense.
bool take_field(std::string_view key, const json::value& value, load_settings& s) {
    if (key == "llm.load.contextLength") {
        return take_count(value, 1U << 30U, s.engine.context_length);
    }
    if (key == "llm.load.numParallelSessions") {
        std::uint64_t parallel = s.engine.parallel;
        const bool good = take_count(value, 1023, parallel);
        s.engine.parallel = static_cast<std::uint32_t>(parallel);
        return good;
    }
    if (key == "llm.load.useUnifiedKvCache") return take_bool(value, s.engine.unified_kv);
    if (key == "llm.load.llama.acceleration.offloadRatio") return take_ratio(value, s.set.gpu);
    if (key == "llm.load.llama.flashAttention") return take_bool(value, s.set.flash_attention);
    if (key == "llm.load.offloadKVCacheToGpu") return take_bool(value, s.set.offload_kv_cache);
    if (key == "llm.load.llama.evalBatchSize") {
        return take_count(value, 1U << 30U, s.engine.prefill_chunk);
    }
    if (key == "llm.load.numExperts" && s.set.experts > 0) {
        return take_count(value, 1024, s.set.experts);
    }
    return true;
}

/// A KV config's fields into settings; the key of one that makes no sense.
std::optional<std::string> take_fields(const json::object& config, load_settings& s) {
    const json::value* fields = config.if_contains("fields");
    if (fields == nullptr || !fields->is_array()) return std::nullopt;
    for (const json::value& v : fields->get_array()) {
        const json::object* field = v.if_object();
        const json::value* value = field == nullptr ? nullptr : field->if_contains("value");
        if (value == nullptr) continue;
        const std::string key = string_in(*field, "key");
        if (!take_field(key, *value, s)) return key;
    }
    return std::nullopt;
}

/// The same of a `loadConfigStack`.
std::optional<std::string> take_stack(const json::object& stack, load_settings& s) {
    const json::value* layers = stack.if_contains("layers");
    if (layers == nullptr || !layers->is_array()) return std::nullopt;
    for (const json::value& layer : layers->get_array()) {
        if (!layer.is_object()) continue;
        if (auto bad = take_fields(object_in(layer.get_object(), "config"), s)) return bad;
    }
    return std::nullopt;
}

/// What a prediction may have, by `llm.prediction.maxPredictedTokens`, a number that may be
/// unchecked.
std::uint64_t most_tokens(const json::object& stack) {
    std::uint64_t most = no_limit;
    const json::value* layers = stack.if_contains("layers");
    if (layers == nullptr || !layers->is_array()) return most;
    for (const json::value& layer : layers->get_array()) {
        if (!layer.is_object()) continue;
        const json::object& config = object_in(layer.get_object(), "config");
        const json::value* fields = config.if_contains("fields");
        if (fields == nullptr || !fields->is_array()) continue;
        for (const json::value& v : fields->get_array()) {
            const json::object* field = v.if_object();
            if (field == nullptr) continue;
            if (string_in(*field, "key") != "llm.prediction.maxPredictedTokens") continue;
            const json::object& value = object_in(*field, "value");
            const std::uint64_t n = count_in(value, "value");
            most = true_in(value, "checked", false) && n > 0 ? n : no_limit;
        }
    }
    return most;
}

/// lms-shared-types/src/EstimatedResourcesUsage.ts. The machine has 24 GiB.
std::string usage(const memory_need& n) {
    constexpr std::uint64_t machine = 24ULL << 30U;
    const std::uint64_t total = n.model_bytes + n.context_bytes;
    std::string out;
    wire::json_writer w{out};
    w.begin_object().key("memory").begin_object().field("confidence", "high");
    w.field("modelVramBytes", n.model_vram_bytes).field("contextVramBytes", n.context_vram_bytes);
    w.field("totalVramBytes", n.model_vram_bytes + n.context_vram_bytes);
    w.field("modelBytes", n.model_bytes).field("contextBytes", n.context_bytes);
    w.field("totalBytes", total).end_object();
    w.field("passesGuardrails", total <= machine).end_object();
    return out;
}

/// lms-shared-types/src/llm/LLMModelInfo.ts; of a model in memory with `on`.
std::string model_info(const model_entry& m, const instance* on) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "llm").field("modelKey", m.key).field("format", "gguf");
    w.field("displayName", m.display_name).field("publisher", m.publisher).field("path", m.key);
    w.field("sizeBytes", 2279145003).field("indexedModelIdentifier", m.key);
    w.key("deviceIdentifier").null().field("paramsString", "4B");
    w.field("architecture", "built-in").field("vision", false).field("trainedForToolUse", true);
    w.field("maxContextLength", m.max_context_length);
    if (on != nullptr) {
        w.field("identifier", on->id).field("instanceReference", on->id);
        w.key("ttlMs");
        if (on->set.ttl) {
            w.value(*on->set.ttl / std::chrono::milliseconds{1});
        } else {
            w.null();
        }
        w.key("lastUsedTime").null();
        w.field("contextLength", on->runs.settings().context_length);
    }
    w.end_object();
    return out;
}

std::string kv_config(const instance& on) {
    const engine_settings& s = on.runs.settings();
    std::string out;
    wire::json_writer w{out};
    w.begin_object().key("fields").begin_array();
    const auto field = [&w](std::string_view key, auto value) {
        w.begin_object().field("key", key).field("value", value).end_object();
    };
    field("llm.load.contextLength", s.context_length);
    field("llm.load.numParallelSessions", s.parallel);
    field("llm.load.useUnifiedKvCache", s.unified_kv);
    if (on.set.experts > 0) field("llm.load.numExperts", on.set.experts);
    field("llm.load.offloadKVCacheToGpu", on.set.offload_kv_cache);
    field("llm.load.llama.acceleration.offloadRatio", on.set.gpu);
    field("llm.load.llama.evalBatchSize", s.prefill_chunk);
    field("llm.load.llama.flashAttention", on.set.flash_attention);
    w.end_array().end_object();
    return out;
}

std::string processing_state(const instance& on) {
    const std::string_view status = on.runs.idle()       ? "idle"
                                    : on.runs.decoding() ? "generating"
                                                         : "processingPrompt";
    std::string out;
    wire::json_writer{out}
        .begin_object()
        .field("status", status)
        .field("queued", on.runs.requests())
        .end_object();
    return out;
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

/// Where the answer of a predict channel goes.
class sdk_session::prediction final : public reply {
  public:
    prediction(sdk_session& of, std::uint64_t channel) : of_(of), channel_(channel) {}

    [[nodiscard]] std::uint64_t channel() const noexcept { return channel_; }
    [[nodiscard]] bool over() const noexcept { return over_; }

  private:
    // Faults befall what goes over HTTP.
    void suffer(const mishap&) override {}
    /// An answer that is no stream is a failure, in words.
    void send(std::string_view bytes) override {
        over_ = true;
        of_.refuse_channel(channel_, bytes, "");
    }
    void open_stream(std::string_view) override {}
    void send_event(std::string_view frame, const truth& what) override {
        of_.output_.on_event(what);
        of_.send_on(channel_, frame);
    }
    void end() override {
        if (!over_) of_.close_channel(channel_);
        over_ = true;
    }
    void reset() override {
        over_ = true;
        of_.output_.hang_up_socket();
    }

    sdk_session& of_;
    std::uint64_t channel_;
    bool over_ = false;
};

sdk_session::sdk_session(server& s, sdk_output& to, std::string_view path)
    : server_(s), output_(to), namespace_(path.substr(1)) {}

sdk_session::~sdk_session() {
    server_.forget_load(*this);
    for (const auto& p : predictions_) {
        if (!p->over()) server_.abandoned(*p);
    }
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
    if (namespace_ == "system" && endpoint == "version") {
        return answer_call(id,
                           fmt::format(R"({{"version":"{}","build":1}})", server_.app_version()));
    }
    if (namespace_ == "system" && endpoint == "info") {
        return answer_call(id, fmt::format(R"({{"pid":1,"isDaemon":false,"version":"{}"}})",
                                           server_.app_version()));
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

void sdk_session::predict(std::uint64_t channel, const json::object& wanted, instant now) {
    const std::string id = std::to_string(channel) + "@sdk";
    output_.on_request(id);
    json::object specifier;
    specifier["specifier"] = object_in(wanted, "modelSpecifier");
    const std::string which = identifier_of(specifier);
    const instance* on = instance_for(which);
    if (on == nullptr || on->ready_at > now) return refuse_prediction(channel, which);
    const json::object& history = object_in(wanted, "history");
    const json::value* messages = history.if_contains("messages");
    if (messages == nullptr) return refuse_channel(channel, "Invalid history", "");
    const std::uint64_t most = most_tokens(object_in(wanted, "predictionConfigStack"));
    chat c{.request_id = id,
           .model = which,
           .prompt_tokens = prompt_tokens(characters_in(*messages), template_tokens,
                                          server_.characters_per_token()),
           .max_tokens = most,
           .stream = true};
    c.length = most == no_limit ? server_.answer_tokens() : most;
    const std::string info = model_info(*server_.all_models().find(on->key), on);
    predictions_.push_back(std::make_unique<prediction>(*this, channel));
    server_.predict(make_sdk_answer(std::move(c), info, *predictions_.back()), on->id, now);
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
        const auto bad = take_stack(object_in(wanted, "loadConfigStack"), s);
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
    const auto bad = take_stack(object_in(parameter, "loadConfigStack"), s);
    if (bad) return refuse_call(id, "Invalid load config", *bad);
    answer_call(id, usage(memory_of(*entry, s.engine, s.set)));
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
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "channelSend").field("channelId", channel);
    w.key("message").raw(json).end_object();
    output_.send_text(std::move(out));
}

void sdk_session::close_channel(std::uint64_t channel) {
    std::string out;
    wire::json_writer{out}
        .begin_object()
        .field("type", "channelClose")
        .field("channelId", channel)
        .end_object();
    output_.send_text(std::move(out));
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
