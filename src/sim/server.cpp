#include "sim/server.hpp"

#include "sim/images.hpp"
#include "sim/openai_routes.hpp"
#include "sim/request_json.hpp"
#include "sim/response_echo.hpp"
#include "sim/server_tools.hpp"
#include "sim/shaped_output.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

constexpr std::string_view nothing_loaded =
    "No models loaded. Please load a model in the developer page or use the 'lms load' command.";

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

/// A message of the assistant, or a call of a tool as responses have it.
bool is_by_model(const json::value& item) {
    const json::object* o = item.if_object();
    return o != nullptr &&
           (string_in(*o, "role") == "assistant" || string_in(*o, "type") == "function_call");
}

}  // namespace

server::server(server_settings s, instant now)
    : settings_(std::move(s)),
      models_(shelf(settings_.model)),
      faults_(settings_.faults, settings_.fault_seed),
      start_(now),
      latest_(now) {
    if (!settings_.cold) models_.load(*models_.find(settings_.model), settings_.engine, now, 0);
}

/// The request is part of a load: such are struck by faults, and no others.
bool server::wants_answer(const http_request& request) const {
    if (request.method != "POST") return false;
    if (request.path == "/api/v1/chat") return settings_.native;
    return find_openai_route(request) != nullptr || is_anthropic(request) || is_ollama(request) ||
           is_embeddings(request);
}

bool server::authorized(const http_request& request) const {
    if (settings_.api_token.empty()) return true;
    if (is_anthropic(request) && request.api_key == settings_.api_token) return true;
    return request.authorization == "Bearer " + settings_.api_token;
}

void server::handle(const http_request& request, reply& to, instant now) {
    latest_ = now;
    if (request.method == "OPTIONS") {
        // A browser's question before its request: CORS is off, as it is in LM Studio at first.
        return text_error(to, 400, "Unexpected endpoint or method. (OPTIONS " + request.path + ")");
    }
    if (!authorized(request)) {
        constexpr std::string_view scheme = "Bearer ";
        std::string_view given = request.authorization;
        if (given.starts_with(scheme)) given.remove_prefix(scheme.size());
        return refuse_token(request, to, given.empty() ? request.api_key : given);
    }
    finish_downloads(now);
    const std::string route = request.method + " " + request.path;
    if (wants_answer(request)) return take_chat(request, to, now);
    if (answer_list(route, to)) return;
    if (is_native(request) && settings_.native) return handle_native(route, request, to, now);
    // LM Studio answers 200 to anything else, and so must whoever wants to be taken for it.
    std::string text;
    wire::append_json_string(text, "Unexpected endpoint or method. (" + route + ")");
    answer(to, 200, "{\"error\":" + text + "}");
}

void server::handle_native(const std::string& route, const http_request& request, reply& to,
                           instant now) {
    constexpr std::string_view status_of = "GET /api/v1/models/download/status/";
    if (route == "GET /api/v1/models") return list_native_models(to);
    if (route == "POST /api/v1/models/load") return load_model(request, to, now);
    if (route == "POST /api/v1/models/unload") return unload_model(request, to, now);
    if (route == "POST /api/v1/models/download") return start_download(request, to, now);
    if (route.starts_with(status_of)) {
        return download_status(std::string_view{route}.substr(status_of.size()), to, now);
    }
    native_error(to, 404, "invalid_request", "Unexpected endpoint or method. (" + route + ")");
}

void server::take_chat(const http_request& request, reply& to, instant now) {
    if (std::exchange(closed_carelessly_, false)) return answer(to, 400, "");
    const std::optional<fault> struck_by = faults_.next();
    if (struck_by && strike(*struck_by, request, to, now)) return;
    answer_chat(request, to, now, struck_by);
}

void server::answer_chat(const http_request& request, reply& to, instant now,
                         std::optional<fault> struck_by) {
    if (is_native(request)) return native_chat(request, to, now, struck_by);
    if (is_anthropic(request)) return anthropic_messages(request, to, now, struck_by);
    if (is_ollama(request)) return ollama_chat(request, to, now, struck_by);
    if (is_embeddings(request)) return embeddings(request, to, now, struck_by);
    openai_chat(request, to, now, struck_by);
}

void server::native_chat(const http_request& request, reply& to, instant now,
                         std::optional<fault> struck_by) {
    const auto body = parse_object(request.body);
    if (!body) return native_error(to, 400, "invalid_request", "Invalid JSON");
    if (refuse_unknown_keys(*body, chat_keys, to)) return;
    for (const char* needed : {"model", "input"}) {
        if (body->contains(needed)) continue;
        return native_error(to, 400, "invalid_request", fmt::format("\"{}\" is required", needed),
                            "missing_required_parameter", needed);
    }
    if (refuse_bad_values(*body, to) || refuse_bad_input(body->at("input"), to)) return;
    const std::string model = string_in(*body, "model");
    const model_entry* entry = models_.find(model);
    const instance* named = models_.find_instance(model);
    if (entry == nullptr && named != nullptr) entry = models_.find(named->key);
    if (entry == nullptr) {
        return native_error(to, 404, "model_not_found",
                            "Invalid model identifier \"" + model + "\"");
    }
    if (!entry->vision && !images_in(body->at("input")).empty()) {
        return native_error(to, 400, "invalid_request", sees_nothing, "invalid_value", "input");
    }
    std::uint64_t most = no_limit;
    if (refuse_bad_count(*body, "max_output_tokens", no_limit, most, to)) return;
    // Filled in one by one: GCC 12 at -O3 takes it for uninitialised when it is made in one piece.
    chat c;
    c.request_id = request.request_id;
    c.model = model;
    c.max_tokens = most;
    c.stream = true_in(*body, "stream", false);
    c.store = true_in(*body, "store", true);
    if (refuse_bad_count(*body, "context_length", 1U << 30U, c.load_context, to)) return;
    c.previous_response_id = string_in(*body, "previous_response_id");
    if (!c.previous_response_id.empty()) {
        const auto before = memory_.find(c.previous_response_id);
        if (!before) {
            return native_error(to, 400, "invalid_request",
                                "Could not find stored response for previous_response_id '" +
                                    c.previous_response_id +
                                    "'. Please ensure the ID is correct. Current previous response "
                                    "auto-deletion policy: Responses older than 30 days are "
                                    "automatically deleted.",
                                "invalid_value", "previous_response_id");
        }
        c.said = *before;
    }
    listen(c, string_in(*body, "system_prompt"), body->at("input"), template_tokens);
    const std::string reasoning = string_in(*body, "reasoning");
    c.set_length(settings_.answer_tokens, !reasoning.empty() && reasoning != "off");
    c.response_id = memory_.next_id();
    c.runs = tool_of_integrations(*body);
    start(make_native_answer(std::move(c), to), *entry, now, struck_by);
}

void server::openai_chat(const http_request& request, reply& to, instant now,
                         std::optional<fault> struck_by) {
    const openai_route& route = *find_openai_route(request);
    const auto body = parse_object(request.body);
    if (!body || !body->contains(route.prompt)) return refuse_without_prompt(route, to);
    const std::string model = string_in(*body, "model");
    const model_entry* entry = entry_for(model);
    if (entry == nullptr) return sim::refuse_model(route, model, settings_.model, to);
    const auto shown = images_in(body->at(route.prompt));
    if (!shown.empty() && !entry->vision) {
        return refuse_output(route, sees_nothing, route.prompt, to);
    }
    for (const std::string_view image : shown) {
        if (image.starts_with("data:image/")) continue;
        constexpr std::string_view why = "'url' field must be a base64 encoded image.";
        return refuse_output(route, why, route.prompt, to);
    }
    std::uint64_t most = no_limit;
    const json::value* limit = body->if_contains(route.limit);
    const bool unlimited = limit != nullptr && limit->is_int64() && limit->get_int64() == -1;
    if (!unlimited && !read_count(*body, route.limit, no_limit, most)) {
        return refuse_limit(route, to);
    }
    shaped_output wanted = wanted_output(*body);
    if (!wanted.refused.empty()) return refuse_output(route, wanted.refused, wanted.wrong, to);
    const json::value* options = body->if_contains("stream_options");
    chat c{.request_id = request.request_id,
           .model = model,
           .max_tokens = most,
           .stream = true_in(*body, "stream", false),
           .include_usage = options != nullptr && options->is_object() &&
                            true_in(options->get_object(), "include_usage", false),
           .store = route.stores && true_in(*body, "store", true),
           .draft_model = string_in(*body, "draft_model"),
           .tool = std::move(wanted.tool),
           .whole_arguments = settings_.whole_arguments,
           .pieces = std::move(wanted.pieces)};
    // It counts where this very request loads the model. LM Studio's responses pass over it.
    std::uint64_t ttl_seconds = 0;
    if (!route.stores && read_count(*body, "ttl", 1U << 30U, ttl_seconds) && ttl_seconds > 0) {
        c.ttl = std::chrono::seconds{ttl_seconds};
    }
    if (route.stores) c.previous_response_id = string_in(*body, "previous_response_id");
    if (!c.previous_response_id.empty()) {
        const auto before = memory_.find(c.previous_response_id);
        if (!before) return refuse_previous_response(route, c.previous_response_id, to);
        c.said = *before;
    }
    listen(c, string_in(*body, route.system), body->at(route.prompt), route.template_tokens);
    const std::string effort = route.effort(*body);
    c.set_length(settings_.answer_tokens, !effort.empty() && effort != "none");
    if (route.stores) c.response_id = memory_.next_id();
    if (route.stores) c.echo = response_echo(*body);
    if (route.stores && c.tool.empty()) c.runs = tool_of_mcp(*body);
    start(route.answer(std::move(c), to), *entry, now, struck_by);
}

void server::listen(chat& c, std::string_view system, const json::value& input,
                    std::uint64_t of_template) const {
    std::size_t cached = c.said.characters;
    if (cached == 0 && !system.empty()) c.said.say("system", system);
    const auto hear = [&](std::string_view role, const json::value& said) {
        c.said.say(role, text_in(said));
        for (const std::string_view image : images_in(said)) c.said.show(image);
        if (!memory_.is_cached(c.said)) return;
        cached = c.said.characters;
        c.said.conversation = memory_.conversation_of(c.said);
    };
    ++c.said.turn;
    bool by_model = false;
    if (const json::array* items = input.if_array()) {
        for (const json::value& item : *items) {
            const json::object* message = item.if_object();
            const std::string role = message != nullptr ? string_in(*message, "role") : "";
            hear(role.empty() ? "user" : role, item);
            // An answer may be a message and calls of tools, item after item.
            const bool was_by_model = std::exchange(by_model, is_by_model(item));
            if (by_model && !was_by_model) ++c.said.turn;
        }
    } else {
        hear("user", input);
    }
    if (c.said.conversation.empty()) c.said.conversation = c.request_id;
    c.prompt_tokens = prompt_tokens(c.said.characters, of_template, settings_.characters_per_token);
    if (cached == 0) return;
    const auto known =
        static_cast<std::uint64_t>(static_cast<double>(cached) / settings_.characters_per_token);
    c.cached_tokens = std::min<std::uint64_t>(known + of_template, c.prompt_tokens - 1);
}

/// A chat can be gone on with once it has been answered.
void server::remember(const generation& answer) {
    const chat& c = answer.wanted();
    transcript said = c.said;
    said.say("assistant", answer.whole_text());
    memory_.cache(said);
    if (c.store && !c.response_id.empty()) memory_.store(c.response_id, said);
}

void server::refuse_model(const std::string& model, reply& to) const {
    openai_error(to, 400,
                 "Invalid model identifier \"" + model +
                     "\". Please specify a valid downloaded model (e.g., " + settings_.model + ").",
                 "model_not_found", "model");
}

/// An unknown name is served by the only LLM in memory, which the answer names: the rule of all
/// routes but LM Studio's own.
const model_entry* server::entry_for(std::string_view model) const {
    if (const model_entry* named = models_.find(model)) return named;
    if (const instance* named = models_.find_instance(model)) return models_.find(named->key);
    const model_entry* only = nullptr;
    for (const instance& i : models_.instances()) {
        const model_entry* entry = models_.find(i.key);
        if (entry->embedding) continue;
        if (only != nullptr) return nullptr;
        only = entry;
    }
    return only;
}

/// A model that is not in memory is loaded for the request, and again for each further one that
/// comes before it is there: LM Studio's own race (lmstudio-bug-tracker#1751). For one that
/// somebody has asked to be loaded requests wait.
void server::start(std::unique_ptr<generation> answer, const model_entry& model, instant now,
                   std::optional<fault> struck_by) {
    const job_id id = next_job_++;
    if (struck_by && befall(*answer, *struck_by, id, now)) return;
    instance* on = models_.ready_instance(answer->wanted().model, now);
    if (on == nullptr) on = models_.ready_instance(model.key, now);
    if (on == nullptr) on = models_.awaited_instance(answer->wanted().model);
    if (on == nullptr) on = models_.awaited_instance(model.key);
    const bool load = on == nullptr;
    if (load && !settings_.jit) return answer->refuse(nothing_loaded, now);
    if (settings_.late_headers) answer->withhold_head();
    if (load) on = &load_for(answer->wanted(), model, now);
    answer->runs_with(on->runs.settings().context_length);
    answer->open(struck_by == fault::wrong_model ? std::string{another_model} : on->id, now);
    if (load) answer->load_started(now);
    generations_.emplace(id, running{on->id, std::move(answer), struck_by});
    if (load || on->ready_at > now) {
        waiting_.push_back({id, on->id, load});
    } else {
        submit(id, *on, now);
    }
}

std::optional<std::uint64_t> server::next_event_to_strike() {
    return settings_.fault_event_moves ? events_struck_++ : settings_.fault_event;
}

void server::submit(job_id id, instance& on, instant now) {
    const chat& c = generations_.at(id).answer->wanted();
    on.last_used = now;
    on.runs.submit(
        now, id,
        {.prompt_tokens = c.prompt_tokens,
         .max_output_tokens =
             generations_.at(id).answer->calls_tool() ? tool_run::argument_tokens : c.length,
         .cached_tokens = c.cached_tokens});
}

void server::abandoned(const reply& to) {
    std::vector<std::string> given_up;  // a load ends with whoever asked for it
    std::erase_if(loads_, [&](const pending_load& l) {
        if (l.to != &to) return false;
        given_up.push_back(l.instance_id);
        return true;
    });
    for (const std::string& id : given_up) unload(id, latest_);
    std::erase_if(delayed_, [&](const delayed_chat& d) { return d.to == &to; });
    const auto found =
        std::find_if(generations_.begin(), generations_.end(),
                     [&](const auto& entry) { return entry.second.answer->to() == &to; });
    if (found == generations_.end()) return;
    const job_id id = found->first;
    if (settings_.empty_400_after_close && found->second.answer->streams()) {
        closed_carelessly_ = true;
    }
    if (instance* on = models_.find_instance(found->second.instance_id)) on->runs.cancel(id);
    std::erase_if(waiting_, [&](const waiting_chat& w) { return w.id == id; });
    std::erase_if(tools_, [&](const running_tool& t) { return t.id == id; });
    generations_.erase(found);
}

std::optional<instant> server::next_due() const {
    std::optional<instant> next;
    const auto consider = [&](std::optional<instant> at) {
        if (at && (!next || *at < *next)) next = at;
    };
    for (const delayed_chat& d : delayed_) {
        if (d.due != instant::max()) consider(d.due);
    }
    for (const running_tool& t : tools_) consider(t.due);
    for (const sdk_load& l : sdk_loads_) consider(due_of(l, *models_.find_instance(l.instance_id)));
    for (const instance& i : models_.instances()) {
        consider(i.runs.next_due());
        consider(i.evicted_at());
        const auto awaited = [&](const auto& w) { return w.instance_id == i.id; };
        if (std::any_of(waiting_.begin(), waiting_.end(), awaited) ||
            std::any_of(loads_.begin(), loads_.end(), awaited)) {
            consider(i.ready_at);
        }
    }
    return next;
}

/// What the tool said goes into the prompt, and the model goes on.
void server::end_tools(instant now) {
    std::vector<running_tool> over;
    for (const running_tool& t : tools_) {
        if (t.due <= now) over.push_back(t);
    }
    std::erase_if(tools_, [&](const running_tool& t) { return t.due <= now; });
    for (const running_tool& t : over) {
        const auto found = generations_.find(t.id);
        if (found == generations_.end()) continue;  // its model was unloaded
        found->second.answer->tool_ended(settings_.tools_fail, t.due);
        instance* on = models_.find_instance(found->second.instance_id);
        if (on != nullptr) submit(t.id, *on, t.due);
    }
}

void server::advance(instant now) {
    latest_ = now;
    end_delays(now);
    end_tools(now);
    finish_loads(now);
    tell_loads(now);
    emissions_.clear();
    for (instance& i : models_.instances()) {
        if (!i.runs.idle()) i.last_used = now;
        i.runs.advance(now, emissions_);
    }
    for (const emission& e : emissions_) {
        const auto found = generations_.find(e.id);
        if (found == generations_.end()) continue;  // its client has gone
        const bool cut = cut_off(found->second, e);
        if (!cut && !found->second.answer->take(e)) {
            const bool called = e.what == emission::kind::finished;
            if (called) tools_.push_back({e.id, e.due + settings_.tool_time});
            continue;
        }
        const bool whole =
            e.what == emission::kind::finished || e.what == emission::kind::context_full;
        if (whole && !cut) remember(*found->second.answer);
        generations_.erase(found);
    }
    evict_unused(now);
}

}  // namespace lmstress::sim
