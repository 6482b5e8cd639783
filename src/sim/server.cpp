#include "sim/server.hpp"

#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

constexpr std::uint64_t template_tokens = 8;

void answer(reply& to, int status, std::string_view body) {
    to.send(json_answer(status, body), nullptr);
    to.end();
}

/// The error shape of /api/v1, indented by two.
void native_error(reply& to, int status, std::string_view type, std::string_view message,
                  std::string_view code = {}, std::string_view param = {}) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("error").begin_object().field("message", message).field("type", type);
    if (!param.empty()) w.field("param", param);
    if (!code.empty()) w.field("code", code);
    w.end_object().end_object();
    answer(to, status, body);
}

/// The one of /v1/chat/completions, indented by four.
void openai_error(reply& to, std::string_view message, std::string_view code,
                  std::string_view param) {
    std::string text;
    wire::append_json_string(text, message);
    answer(to, 400,
           fmt::format("{{\n    \"error\": {{\n        \"message\": {},\n        \"type\": "
                       "\"invalid_request_error\",\n        \"param\": \"{}\",\n        \"code\": "
                       "\"{}\"\n    }}\n}}",
                       text, param, code));
}

std::optional<json::object> parse_object(std::string_view body) {
    json::error_code ec;
    json::value v = json::parse(body, ec);
    if (ec || !v.is_object()) return std::nullopt;
    return std::move(v.get_object());
}

std::string string_in(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string{v->get_string().c_str()} : std::string{};
}

bool true_in(const json::object& o, std::string_view key, bool otherwise) {
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_bool() ? v->get_bool() : otherwise;
}

std::optional<std::uint64_t> count_in(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr || !v->is_number()) return std::nullopt;
    const double n = v->to_number<double>();
    return n >= 1 && n < 1e9 ? std::optional{static_cast<std::uint64_t>(n)} : std::nullopt;
}

/// /api/v1 refuses what it does not know.
std::string unknown_keys(const json::object& o, std::span<const std::string_view> known) {
    std::string out;
    for (const auto& member : o) {
        if (std::find(known.begin(), known.end(), std::string_view{member.key()}) != known.end())
            continue;
        out += fmt::format("{}'{}'", out.empty() ? "" : ", ", std::string_view{member.key()});
    }
    return out;
}

bool refuse_unknown_keys(const json::object& o, std::span<const std::string_view> known,
                         reply& to) {
    const std::string unknown = unknown_keys(o, known);
    if (unknown.empty()) return false;
    native_error(to, 400, "invalid_request", "Unrecognized key(s) in object: " + unknown,
                 "unrecognized_keys");
    return true;
}

/// Characters of all text in an input or a message list.
std::size_t characters_in(const json::value& v) {
    if (v.is_string()) return v.get_string().size();
    std::size_t n = 0;
    if (v.is_array()) {
        for (const json::value& item : v.get_array()) n += characters_in(item);
    }
    if (v.is_object()) {
        for (const auto* key : {"content", "text"}) {
            if (const json::value* inner = v.get_object().if_contains(key))
                n += characters_in(*inner);
        }
    }
    return n;
}

std::uint64_t prompt_tokens(std::size_t characters) {
    return (characters + 3) / 4 + template_tokens;
}

nanoseconds nanoseconds_of(double seconds) {
    return nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
}

constexpr std::array<std::string_view, 15> chat_keys = {"model",
                                                        "input",
                                                        "system_prompt",
                                                        "integrations",
                                                        "stream",
                                                        "temperature",
                                                        "top_p",
                                                        "top_k",
                                                        "min_p",
                                                        "repeat_penalty",
                                                        "max_output_tokens",
                                                        "reasoning",
                                                        "context_length",
                                                        "store",
                                                        "previous_response_id"};
constexpr std::array<std::string_view, 8> load_keys = {
    "model",       "context_length",          "eval_batch_size",  "flash_attention",
    "num_experts", "offload_kv_cache_to_gpu", "echo_load_config", "parallel"};
constexpr std::array<std::string_view, 1> unload_keys = {"instance_id"};

}  // namespace

server::server(server_settings s, instant now)
    : settings_(std::move(s)),
      models_({{settings_.model, "Built-in test model", "lmstress"},
               {"google/gemma-3-1b", "Gemma 3 1B", "google", 32768}}) {
    if (!settings_.cold) models_.load(*models_.find(settings_.model), settings_.engine, now, 0);
}

bool server::authorized(const http_request& request) const {
    return settings_.api_token.empty() || request.authorization == "Bearer " + settings_.api_token;
}

void server::handle(const http_request& request, reply& to, instant now) {
    if (!authorized(request)) {
        const bool none = request.authorization.empty();
        return native_error(
            to, 401, "invalid_request",
            none ? "An LM Studio API token is required to make requests to this server, but none "
                   "was "
                   "provided using the Authorization header using the 'Bearer' scheme (i.e., "
                   "'Authorization: Bearer $LM_API_TOKEN')."
                 : "Malformed LM Studio API token provided. Ensure you are using a valid token.",
            "invalid_api_key");
    }
    const std::string route = request.method + " " + request.path;
    if (route == "POST /api/v1/chat") return native_chat(request, to, now);
    if (route == "POST /v1/chat/completions") return openai_chat(request, to, now);
    if (route == "GET /api/v1/models") return list_native_models(to);
    if (route == "GET /v1/models") return list_openai_models(to, now);
    if (route == "POST /api/v1/models/load") return load_model(request, to, now);
    if (route == "POST /api/v1/models/unload") return unload_model(request, to, now);
    if (route == "GET /lmstudio-greeting") return answer(to, 200, R"({"lmstudio":true})");
    if (request.path.starts_with("/api/v1/")) {
        return native_error(to, 404, "invalid_request",
                            "Unexpected endpoint or method. (" + route + ")");
    }
    // LM Studio answers 200 to anything else, and so must whoever wants to be taken for it.
    std::string text;
    wire::append_json_string(text, "Unexpected endpoint or method. (" + route + ")");
    answer(to, 200, "{\"error\":" + text + "}");
}

void server::native_chat(const http_request& request, reply& to, instant now) {
    const auto body = parse_object(request.body);
    if (!body) return native_error(to, 400, "invalid_request", "Invalid JSON");
    if (refuse_unknown_keys(*body, chat_keys, to)) return;
    for (const char* needed : {"model", "input"}) {
        if (body->contains(needed)) continue;
        return native_error(to, 400, "invalid_request", fmt::format("\"{}\" is required", needed),
                            "missing_required_parameter", needed);
    }
    const std::string model = string_in(*body, "model");
    const model_entry* entry = models_.find(model);
    const instance* named = models_.find_instance(model);
    if (entry == nullptr && named != nullptr) entry = models_.find(named->key);
    if (entry == nullptr) {
        return native_error(to, 404, "model_not_found",
                            "Invalid model identifier \"" + model + "\"");
    }
    chat c{.request_id = request.request_id,
           .model = model,
           .prompt_tokens = prompt_tokens(characters_in(body->at("input")) +
                                          string_in(*body, "system_prompt").size()),
           .max_tokens = count_in(*body, "max_output_tokens").value_or(1'000'000'000),
           .stream = true_in(*body, "stream", false),
           .store = true_in(*body, "store", true)};
    c.length = std::min(c.max_tokens, settings_.answer_tokens);
    if (body->contains("max_output_tokens")) c.length = c.max_tokens;
    start(make_native_answer(std::move(c), to), *entry, now);
}

void server::openai_chat(const http_request& request, reply& to, instant now) {
    const auto body = parse_object(request.body);
    if (!body || !body->contains("messages")) {
        return answer(to, 400, R"({"error":"'messages' field is required"})");
    }
    const std::string model = string_in(*body, "model");
    const model_entry* entry = models_.find(model);
    // An unknown name is served by the only model in memory, which the answer names.
    if (entry == nullptr && models_.instances().size() == 1) {
        entry = models_.find(models_.instances().front().key);
    }
    if (entry == nullptr) {
        return openai_error(to,
                            "Invalid model identifier \"" + model +
                                "\". Please specify a valid downloaded model (e.g., " +
                                settings_.model + ").",
                            "model_not_found", "model");
    }
    const json::value* options = body->if_contains("stream_options");
    chat c{.request_id = request.request_id,
           .model = model,
           .prompt_tokens = prompt_tokens(characters_in(body->at("messages"))),
           .max_tokens = count_in(*body, "max_tokens").value_or(1'000'000'000),
           .stream = true_in(*body, "stream", false),
           .include_usage = options != nullptr && options->is_object() &&
                            true_in(options->get_object(), "include_usage", false)};
    c.length = body->contains("max_tokens") ? c.max_tokens
                                            : std::min(c.max_tokens, settings_.answer_tokens);
    start(make_openai_answer(std::move(c), to), *entry, now);
}

/// A model that is not in memory is loaded for the request, and again for each further one that
/// comes before it is there: LM Studio's own race (lmstudio-bug-tracker#1751).
void server::start(std::unique_ptr<generation> answer, const model_entry& model, instant now) {
    const job_id id = next_job_++;
    instance* on = models_.ready_instance(answer->wanted().model, now);
    if (on == nullptr) on = models_.ready_instance(model.key, now);
    const bool load = on == nullptr;
    if (load) {
        on = &models_.load(model, settings_.engine, now + nanoseconds_of(settings_.load_seconds),
                           settings_.load_seconds);
    }
    answer->open(on->id, now);
    if (load) answer->load_started(now);
    generations_.emplace(id, running{on->id, std::move(answer)});
    if (load) {
        waiting_.push_back({id, on->id});
    } else {
        submit(id, *on, now);
    }
}

void server::submit(job_id id, instance& on, instant now) {
    const chat& c = generations_.at(id).answer->wanted();
    on.runs.submit(now, id, {.prompt_tokens = c.prompt_tokens, .max_output_tokens = c.length});
}

void server::abandoned(const reply& to) {
    std::erase_if(loads_, [&](const pending_load& l) { return l.to == &to; });
    const auto found =
        std::find_if(generations_.begin(), generations_.end(),
                     [&](const auto& entry) { return entry.second.answer->to() == &to; });
    if (found == generations_.end()) return;
    const job_id id = found->first;
    if (instance* on = models_.find_instance(found->second.instance_id)) on->runs.cancel(id);
    std::erase_if(waiting_, [&](const waiting_chat& w) { return w.id == id; });
    generations_.erase(found);
}

std::optional<instant> server::next_due() const {
    std::optional<instant> next;
    const auto consider = [&](std::optional<instant> at) {
        if (at && (!next || *at < *next)) next = at;
    };
    for (const instance& i : models_.instances()) {
        consider(i.runs.next_due());
        const auto awaited = [&](const auto& w) { return w.instance_id == i.id; };
        if (std::any_of(waiting_.begin(), waiting_.end(), awaited) ||
            std::any_of(loads_.begin(), loads_.end(), awaited)) {
            consider(i.ready_at);
        }
    }
    return next;
}

void server::advance(instant now) {
    finish_loads(now);
    emissions_.clear();
    for (instance& i : models_.instances()) i.runs.advance(now, emissions_);
    for (const emission& e : emissions_) {
        const auto found = generations_.find(e.id);
        if (found == generations_.end()) continue;  // its client has gone
        if (!found->second.answer->take(e)) continue;
        generations_.erase(found);
    }
}

void server::finish_loads(instant now) {
    std::erase_if(waiting_, [&](const waiting_chat& w) {
        instance* on = models_.find_instance(w.instance_id);
        if (on == nullptr || on->ready_at > now) return false;
        generations_.at(w.id).answer->load_ended(on->ready_at, on->load_seconds);
        submit(w.id, *on, on->ready_at);
        return true;
    });
    std::erase_if(loads_, [&](const pending_load& l) {
        const instance* on = models_.find_instance(l.instance_id);
        if (on == nullptr || on->ready_at > now) return false;
        std::string body;
        wire::json_writer w{body, wire::json_writer::style::indented};
        w.begin_object().field("type", "llm").field("instance_id", on->id);
        w.field("load_time_seconds", on->load_seconds).field("status", "loaded");
        if (l.echo) w.key("load_config").raw(load_config(*on));
        w.end_object();
        answer(*l.to, 200, body);
        return true;
    });
}

std::string server::load_config(const instance& i) const {
    std::string out;
    wire::json_writer w{out};
    const engine_settings& s = i.runs.settings();
    w.begin_object()
        .field("context_length", s.context_length)
        .field("eval_batch_size", s.prefill_chunk);
    w.field("parallel", s.parallel).field("flash_attention", true);
    w.field("offload_kv_cache_to_gpu", true).end_object();
    return out;
}

void server::list_native_models(reply& to) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("models").begin_array();
    for (const model_entry& m : models_.on_disk()) {
        w.begin_object().field("type", "llm").field("publisher", m.publisher).field("key", m.key);
        w.field("display_name", m.display_name).field("architecture", "built-in");
        w.key("quantization").begin_object().field("name", "Q4_K_M").field("bits_per_weight", 4);
        w.end_object().field("size_bytes", 2279145003).field("params_string", "4B");
        w.key("loaded_instances").begin_array();
        for (const instance& i : models_.instances()) {
            if (i.key != m.key) continue;
            w.begin_object().field("id", i.id).key("config").raw(load_config(i)).end_object();
        }
        w.end_array().field("max_context_length", m.max_context_length).field("format", "gguf");
        w.key("capabilities").begin_object().field("vision", false);
        w.field("trained_for_tool_use", true).end_object();
        w.field("description", std::optional<int>{}).end_object();
    }
    w.end_array().end_object();
    answer(to, 200, body);
}

void server::list_openai_models(reply& to, instant) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("data").begin_array();
    for (const model_entry& m : models_.on_disk()) {
        w.begin_object().field("id", m.key).field("object", "model");
        w.field("owned_by", "organization_owner").end_object();
    }
    w.end_array().field("object", "list").end_object();
    answer(to, 200, body);
}

void server::load_model(const http_request& request, reply& to, instant now) {
    const auto body = parse_object(request.body);
    if (!body) return native_error(to, 400, "invalid_request", "Invalid JSON");
    if (refuse_unknown_keys(*body, load_keys, to)) return;
    const std::string key = string_in(*body, "model");
    if (key.empty()) {
        return native_error(to, 400, "invalid_request", "\"model\" is required",
                            "missing_required_parameter", "model");
    }
    const model_entry* entry = models_.find(key);
    if (entry == nullptr) {
        return native_error(to, 404, "model_not_found",
                            "Model " + key + " not found in downloaded models");
    }
    engine_settings s = settings_.engine;
    s.context_length = count_in(*body, "context_length").value_or(s.context_length);
    s.prefill_chunk = count_in(*body, "eval_batch_size").value_or(s.prefill_chunk);
    if (body->contains("parallel")) {
        const auto parallel = count_in(*body, "parallel");
        if (!parallel || *parallel > 1023) {
            return native_error(to, 400, "invalid_request", "Number must be between 1 and 1023",
                                "invalid_value", "parallel");
        }
        s.parallel = static_cast<std::uint32_t>(*parallel);
    }
    const instance& made = models_.load(*entry, s, now + nanoseconds_of(settings_.load_seconds),
                                        settings_.load_seconds);
    loads_.push_back({&to, made.id, true_in(*body, "echo_load_config", false)});
}

void server::unload_model(const http_request& request, reply& to, instant now) {
    const auto body = parse_object(request.body);
    if (!body) return native_error(to, 400, "invalid_request", "Invalid JSON");
    if (refuse_unknown_keys(*body, unload_keys, to)) return;
    const std::string id = string_in(*body, "instance_id");
    if (models_.find_instance(id) == nullptr) {
        return native_error(to, 404, "model_not_found", "Model instance " + id + " is not loaded");
    }
    std::erase_if(waiting_, [&](const waiting_chat& w) { return w.instance_id == id; });
    std::erase_if(generations_, [&](auto& entry) {
        if (entry.second.instance_id != id) return false;
        entry.second.answer->fail("Model unloaded.", now);
        return true;
    });
    models_.unload(id);
    std::string body_text;
    wire::json_writer{body_text, wire::json_writer::style::indented}
        .begin_object()
        .field("instance_id", id)
        .end_object();
    answer(to, 200, body_text);
}

}  // namespace lmstress::sim
