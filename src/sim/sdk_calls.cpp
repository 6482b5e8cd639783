// What the SDK asks in one message and is told in one: models, tokens, files, the machine.

#include "sim/embeddings.hpp"
#include "sim/request_json.hpp"
#include "sim/sdk_config.hpp"
#include "sim/sdk_hardware.hpp"
#include "sim/sdk_session.hpp"
#include "sim/sdk_texts.hpp"
#include "sim/tokens.hpp"
#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

constexpr std::string_view unknown_endpoint = "Unknown endpoint";

/// lms-shared-types/src/files/FileType.ts
std::string_view file_type(std::string_view name) {
    for (const char* image : {".png", ".jpg", ".jpeg", ".webp"}) {
        if (name.ends_with(image)) return "image";
    }
    return "unknown";
}

}  // namespace

void sdk_session::call(const json::object& message, instant now) {
    const std::string endpoint = string_in(message, "endpoint");
    const std::uint64_t id = count_in(message, "callId");
    const json::object& parameter = object_in(message, "parameter");
    if (namespace_ == "llm" || namespace_ == "embedding") {
        return call_models(endpoint, id, parameter, now);
    }
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
    refuse_call(id, unknown_endpoint, endpoint);
}

/// Models of the kind of the namespace alone: the SDK refuses what tells of another kind.
void sdk_session::call_models(std::string_view endpoint, std::uint64_t id,
                              const json::object& parameter, instant now) {
    const models& all = server_.all_models();
    if (endpoint == "listLoaded") {
        std::string list;
        wire::json_writer w{list};
        w.begin_array();
        for (const instance& i : all.instances()) {
            const model_entry& entry = *all.find(i.key);
            if (i.ready_at <= now && is_of_namespace(entry)) w.raw(model_info(entry, &i));
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
    const bool embeds = endpoint == "embedString";
    const std::string which = identifier_of(parameter, embeds ? "modelSpecifier" : "specifier");
    const instance* on = instance_for(which);
    if (on == nullptr && endpoint == "getModelInfo" &&
        !true_in(parameter, "throwIfNotFound", true)) {
        return answer_call(id, {});
    }
    if (on == nullptr) return refuse_call(id, "No model found that fits the query", which);
    if (endpoint == "getLoadConfig") return answer_call(id, kv_config(*all.find(on->key), *on));
    if (endpoint == "getBasePredictionConfig") return answer_call(id, R"({"fields":[]})");
    if (endpoint == "getInstanceProcessingState") return answer_call(id, processing_state(*on));
    if (endpoint == "getModelInfo") return answer_call(id, model_info(*all.find(on->key), on));
    call_model(endpoint, id, parameter);
}

/// What is asked of the model itself, and takes it no time.
void sdk_session::call_model(std::string_view endpoint, std::uint64_t id,
                             const json::object& parameter) {
    const std::string text = string_in(parameter, "inputString");
    const double each = server_.characters_per_token();
    if (endpoint == "tokenize") {
        return answer_call(
            id, fmt::format(R"({{"tokens":[{}]}})", fmt::join(tokens_of(text, each), ",")));
    }
    if (endpoint == "countTokens") {
        return answer_call(id, fmt::format(R"({{"tokenCount":{}}})", tokens_of(text, each).size()));
    }
    if (namespace_ == "embedding" && endpoint == "embedString") {
        const std::string as_json = wire::json_text(json::value(text));
        return answer_call(id, fmt::format(R"({{"embedding":{}}})", embedding_of(as_json)));
    }
    if (namespace_ == "llm" && endpoint == "applyPromptTemplate") {
        const json::value* messages = object_in(parameter, "history").if_contains("messages");
        const bool bare = true_in(object_in(parameter, "opts"), "omitBosToken", false);
        std::string out;
        wire::json_writer{out}
            .begin_object()
            .field("formatted", templated(messages != nullptr ? *messages : json::value{}, !bare))
            .end_object();
        return answer_call(id, out);
    }
    // Preparing for a draft model is best effort, and there is nothing to prepare.
    if (namespace_ == "llm" && endpoint == "preloadDraftModel") return answer_call(id, {});
    refuse_call(id, unknown_endpoint, endpoint);
}

bool sdk_session::is_of_namespace(const model_entry& m) const {
    return m.embedding == (namespace_ == "embedding");
}

/// An empty query means any model, as the SDK's llm.model() asks.
const instance* sdk_session::instance_for(const std::string& which) const {
    const models& all = server_.all_models();
    for (const instance& i : all.instances()) {
        if ((which.empty() || i.id == which) && is_of_namespace(*all.find(i.key))) return &i;
    }
    return nullptr;
}

/// The namespace `files`: an image goes up by itself, and messages name it.
void sdk_session::call_files(std::string_view endpoint, std::uint64_t id,
                             const json::object& parameter) {
    if (endpoint != "uploadFileBase64") {
        return refuse_call(id, unknown_endpoint, endpoint);
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

void sdk_session::estimate(std::uint64_t id, const json::object& parameter) {
    const std::string key = string_in(parameter, "modelKey");
    const model_entry* entry = server_.all_models().find(key);
    if (entry == nullptr || !is_of_namespace(*entry))
        return refuse_call(id, "Cannot find model", key);
    load_settings s = usual_settings(*entry);
    const auto bad = take_load_stack(object_in(parameter, "loadConfigStack"), s);
    if (bad) return refuse_call(id, "Invalid load config", *bad);
    answer_call(id, usage_text(memory_of(*entry, s.engine, s.set)));
}

}  // namespace lmstress::sim
