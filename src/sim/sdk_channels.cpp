// The channels of the SDK's protocol: a model on its way to memory, and predictions.

#include "sim/images.hpp"
#include "sim/request_json.hpp"
#include "sim/sdk_config.hpp"
#include "sim/sdk_session.hpp"
#include "sim/sdk_texts.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/value.hpp>

#include <optional>

namespace lmstress::sim {

namespace json = boost::json;

void sdk_session::open_channel(const json::object& message, instant now) {
    const std::uint64_t channel = count_in(message, "channelId");
    const std::string endpoint = string_in(message, "endpoint");
    const json::object& wanted = object_in(message, "creationParameter");
    std::erase_if(predictions_, [](const auto& p) { return p->over(); });
    const bool of_models = namespace_ == "llm" || namespace_ == "embedding";
    if (of_models && endpoint == "loadModel") return load(channel, wanted, now);
    if (of_models && endpoint == "getOrLoad") return get_or_load(channel, wanted, now);
    if (namespace_ == "llm" && endpoint == "predict") return predict(channel, wanted, now);
    if (namespace_ == "llm" && endpoint == "completeRawText") return predict(channel, wanted, now);
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

/// A chat by its `history`, or the text that goes on from a `rawPrompt`.
void sdk_session::predict(std::uint64_t channel, const json::object& wanted, instant now) {
    const std::string id = std::to_string(channel) + "@sdk";
    output_.on_request(id);
    const std::string which = identifier_of(wanted, "modelSpecifier");
    const auto struck_by = server_.draw_fault();
    if (struck_by && strike(*struck_by, channel, which)) return;
    const instance* on = instance_for(which);
    if (on == nullptr || on->ready_at > now) return refuse_prediction(channel, which);
    const model_entry& entry = *server_.all_models().find(on->key);
    const json::value* raw = wanted.if_contains("rawPrompt");
    const json::value* messages = object_in(wanted, "history").if_contains("messages");
    const json::value* said = raw != nullptr ? raw : messages;
    if (said == nullptr) return refuse_channel(channel, "Invalid history", "");
    for (const std::string_view image : images_in(*said)) {
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
    raw != nullptr ? server_.hear_text(c, *raw) : server_.hear_messages(c, *messages);
    c.set_length(server_.answer_tokens(), s.thinks);
    predictions_.push_back(std::make_unique<sdk_prediction>(output_, channel));
    server_.predict(make_sdk_answer(std::move(c), model_info(entry, on), *predictions_.back()),
                    on->id, now, struck_by);
}

void sdk_session::cancel(std::uint64_t channel, instant now) {
    for (const auto& p : predictions_) {
        if (p->channel() == channel && !p->over()) return server_.cancel_prediction(*p, now);
    }
    server_.cancel_load(*this, channel);
}

load_settings sdk_session::usual_settings(const model_entry& m) const {
    load_settings s{.engine = server_.defaults(), .set = {.experts = m.experts}};
    if (m.embedding) s.engine.context_length = m.max_context_length;
    return s;
}

/// What a load is to be like, from its config; nothing where that makes no sense, and the client
/// knows.
std::optional<load_settings> sdk_session::settings_for(const model_entry& m, std::uint64_t channel,
                                                       const json::object& wanted,
                                                       std::string_view ttl_key) {
    load_settings s = usual_settings(m);
    if (!server_.takes_sdk_settings()) return s;
    const auto bad = take_load_stack(object_in(wanted, "loadConfigStack"), s);
    if (bad) {
        refuse_channel(channel, "Invalid load config", *bad);
        return std::nullopt;
    }
    if (const std::uint64_t ms = count_in(wanted, ttl_key); ms > 0) {
        s.set.ttl = std::chrono::milliseconds{static_cast<std::int64_t>(ms)};
    }
    return s;
}

void sdk_session::load(std::uint64_t channel, const json::object& wanted, instant now) {
    const std::string key = string_in(wanted, "modelKey");
    const model_entry* entry = server_.all_models().find(key);
    if (entry == nullptr || !is_of_namespace(*entry))
        return refuse_channel(channel, "Cannot find model", key);
    const auto s = settings_for(*entry, channel, wanted, "ttlMs");
    if (!s) return;
    send_on(channel, R"({"type":"resolved","info":)" + model_info(*entry, nullptr) + '}');
    server_.begin_load(*entry, string_in(wanted, "identifier"), s->engine, s->set, *this, channel,
                       now);
}

/// The SDK's llm.model(KEY): an instance that is there, or else one that is loaded as for a request
/// that names it.
void sdk_session::get_or_load(std::uint64_t channel, const json::object& wanted, instant now) {
    const std::string key = string_in(wanted, "identifier");
    const models& all = server_.all_models();
    for (const instance& i : all.instances()) {
        const bool meant = i.id == key || i.key == key;
        if (!meant || i.ready_at > now || !is_of_namespace(*all.find(i.key))) continue;
        send_on(channel,
                R"({"type":"alreadyLoaded","info":)" + model_info(*all.find(i.key), &i) + '}');
        return close_channel(channel);
    }
    const model_entry* entry = all.find(key);
    if (entry == nullptr || !is_of_namespace(*entry)) {
        return refuse_channel(channel, "Cannot find model", key);
    }
    auto s = settings_for(*entry, channel, wanted, "loadTtlMs");
    if (!s) return;
    server_.make_jit(s->set);
    for (const std::string& id : server_.to_evict_for(*entry, now)) {
        const instance& other = *all.find_instance(id);
        send_on(channel, R"({"type":"unloadingOtherJITModel","info":)" +
                             model_info(*all.find(other.key), &other) + '}');
        server_.unload(id, now);
    }
    std::string begun;
    wire::json_writer w{begun};
    w.begin_object().field("type", "startLoading").field("identifier", key);
    w.key("info").raw(model_info(*entry, nullptr)).end_object();
    send_on(channel, begun);
    got_or_loaded_.insert(channel);
    server_.begin_load(*entry, {}, s->engine, s->set, *this, channel, now);
}

void sdk_session::on_load_progress(std::uint64_t channel, double progress) {
    std::string out;
    wire::json_writer{out}
        .begin_object()
        .field("type", got_or_loaded_.contains(channel) ? "loadProgress" : "progress")
        .field("progress", progress)
        .end_object();
    send_on(channel, out);
}

void sdk_session::on_loaded(std::uint64_t channel, const instance& on) {
    const model_entry& entry = *server_.all_models().find(on.key);
    const char* type = got_or_loaded_.erase(channel) > 0 ? "loadSuccess" : "success";
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", type).key("info").raw(model_info(entry, &on)).end_object();
    send_on(channel, out);
    close_channel(channel);
}

void sdk_session::on_load_failed(std::uint64_t channel, std::string_view why) {
    got_or_loaded_.erase(channel);
    refuse_channel(channel, why, "");
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

}  // namespace lmstress::sim
