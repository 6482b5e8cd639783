// The routes whose API is neither LM Studio's own nor OpenAI's.

#include "sim/request_json.hpp"
#include "sim/server.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace lmstress::sim {

namespace json = boost::json;

void server::anthropic_messages(const http_request& request, reply& to, instant now) {
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
    std::uint64_t most = no_limit;
    if (!read_count(*body, "max_tokens", no_limit, most)) {
        return anthropic_error(to, 400, "invalid_request_error",
                               "max_tokens: Input should be greater than or equal to 1");
    }
    const json::value* system = body->if_contains("system");
    const std::size_t before = system != nullptr ? characters_in(*system) : 0;
    chat c{.request_id = request.request_id,
           .model = model,
           .prompt_tokens = prompt_tokens(characters_in(body->at("messages")) + before),
           .max_tokens = most,
           .length = most,
           .stream = true_in(*body, "stream", false)};
    start(make_anthropic_answer(std::move(c), to), *entry, now, std::nullopt);
}

}  // namespace lmstress::sim
