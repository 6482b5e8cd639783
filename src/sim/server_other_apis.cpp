// The routes whose API is neither LM Studio's own nor OpenAI's.

#include "sim/images.hpp"
#include "sim/request_json.hpp"
#include "sim/server.hpp"
#include "sim/shaped_output.hpp"
#include "wire/json_value.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

/// The texts to embed, or the tokens of them, as JSON.
std::vector<std::string> inputs_in(const json::value& input) {
    const json::array* items = input.if_array();
    // A list of numbers is the tokens of one.
    if (items == nullptr || (!items->empty() && items->front().is_number())) {
        return {wire::json_text(input)};
    }
    std::vector<std::string> texts;
    for (const json::value& item : *items) texts.push_back(wire::json_text(item));
    return texts;
}

/// `think` is true, or how much of it is wanted.
bool thinks(const json::object& asked) {
    return true_in(asked, "think", false) || !string_in(asked, "think").empty();
}

}  // namespace

void server::anthropic_messages(const http_request& request, reply& to, instant now,
                                std::optional<fault> struck_by) {
    const auto body = parse_object(request.body);
    if (!body) return anthropic_error(to, 400, "invalid_request_error", "Invalid JSON");
    for (const char* needed : {"model", "max_tokens", "messages"}) {
        if (body->contains(needed)) continue;
        return anthropic_error(to, 400, "invalid_request_error",
                               std::string{needed} + ": Field required");
    }
    const std::string model = string_in(*body, "model");
    const model_entry* entry = entry_for(model);
    if (entry == nullptr) return anthropic_error(to, 404, "not_found_error", "model: " + model);
    if (!entry->vision && !images_in(body->at("messages")).empty()) {
        return anthropic_error(to, 400, "invalid_request_error", sees_nothing);
    }
    std::uint64_t most = no_limit;
    if (!read_count(*body, "max_tokens", no_limit, most)) {
        return anthropic_error(to, 400, "invalid_request_error",
                               "max_tokens: Input should be greater than or equal to 1");
    }
    shaped_output wanted = wanted_output(*body);
    if (!wanted.refused.empty()) {
        return anthropic_error(to, 400, "invalid_request_error", wanted.refused);
    }
    const json::value* system = body->if_contains("system");
    chat c{.request_id = request.request_id,
           .model = model,
           .max_tokens = most,
           .stream = true_in(*body, "stream", false),
           .tool = std::move(wanted.tool),
           .whole_arguments = settings_.whole_arguments,
           .pieces = std::move(wanted.pieces)};
    const json::value* thinking = body->if_contains("thinking");
    c.set_length(most, thinking != nullptr && thinking->is_object() &&
                           string_in(thinking->get_object(), "type") == "enabled");
    listen(c, system != nullptr ? text_in(*system) : "", body->at("messages"), template_tokens);
    start(make_anthropic_answer(std::move(c), to), *entry, now, struck_by);
}

void server::ollama_chat(const http_request& request, reply& to, instant now,
                         std::optional<fault> struck_by) {
    const auto body = parse_object(request.body);
    if (!body) return text_error(to, 400, "invalid character in the body");
    const std::string model = string_in(*body, "model");
    const model_entry* entry = models_.find(model);
    if (entry == nullptr) return text_error(to, 404, "model '" + model + "' not found");
    std::uint64_t most = no_limit;
    const json::value* options = body->if_contains("options");
    // Below 1 it means no limit, and what is no number is not looked at.
    if (options != nullptr && options->is_object()) {
        static_cast<void>(read_count(options->get_object(), "num_predict", no_limit, most));
    }
    const json::value* messages = body->if_contains("messages");
    if (!entry->vision && messages != nullptr && !images_in(*messages).empty()) {
        return text_error(to, 400, sees_nothing);
    }
    chat c{.request_id = request.request_id,
           .model = model,
           .max_tokens = most,
           .stream = true_in(*body, "stream", true)};
    c.set_length(settings_.answer_tokens, thinks(*body));
    listen(c, {}, messages != nullptr ? *messages : json::value(""), template_tokens);
    start(make_ollama_answer(std::move(c), to), *entry, now, struck_by);
}

void server::embeddings(const http_request& request, reply& to, instant now,
                        std::optional<fault> struck_by) {
    const auto body = parse_object(request.body);
    if (!body || !body->contains("input")) {
        return answer(to, 400, R"({"error":"'input' field is required"})");
    }
    const std::string model = string_in(*body, "model");
    const model_entry* entry = entry_for(model);
    if (entry == nullptr) return refuse_model(model, to);
    const json::value& input = body->at("input");
    // What is longer than the context is cut, without a word.
    const instance* on = models_.ready_instance(entry->key, now);
    const std::uint64_t context =
        (on != nullptr ? on->runs : engine{settings_.engine}).slot_context();
    // Member by member: GCC 12 warns of an initialised one at -O3.
    chat c;
    c.request_id = request.request_id;
    c.model = model;
    c.prompt_tokens = std::min(
        prompt_tokens(characters_in(input), template_tokens, settings_.characters_per_token),
        context - 1);
    c.max_tokens = no_limit;
    c.length = 1;
    c.base64 = string_in(*body, "encoding_format") == "base64";
    c.inputs = inputs_in(input);
    start(make_embeddings_answer(std::move(c), to), *entry, now, struck_by);
}

}  // namespace lmstress::sim
