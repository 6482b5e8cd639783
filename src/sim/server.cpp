#include "sim/server.hpp"

#include "sim/openai_routes.hpp"
#include "sim/request_json.hpp"
#include "wire/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace lmstress::sim {

namespace {

constexpr std::string_view nothing_loaded =
    "No models loaded. Please load a model in the developer page or use the 'lms load' command.";

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
