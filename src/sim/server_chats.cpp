// The chats of LM Studio's own API and of OpenAI's: what a request asks for, and what of it is
// heard.

#include "sim/images.hpp"
#include "sim/openai_routes.hpp"
#include "sim/request_json.hpp"
#include "sim/response_echo.hpp"
#include "sim/server.hpp"
#include "sim/server_tools.hpp"
#include "sim/shaped_output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

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

}  // namespace lmstress::sim
