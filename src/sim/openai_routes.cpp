#include "sim/openai_routes.hpp"

#include "sim/request_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lmstress::sim {
namespace {

void refuse_chat(reply& to, std::string_view message, std::string_view code,
                 std::string_view param) {
    openai_error(to, 400, message, code, param);
}

/// The same text, but laid out as on /api/v1.
void refuse_response(reply& to, std::string_view message, std::string_view code,
                     std::string_view param) {
    native_error(to, 400, "invalid_request_error", message, code, param);
}

std::string no_effort(const boost::json::object&) {
    return {};
}
std::string effort_of_chat(const boost::json::object& asked) {
    return string_in(asked, "reasoning_effort");
}
std::string effort_of_response(const boost::json::object& asked) {
    const boost::json::value* reasoning = asked.if_contains("reasoning");
    if (reasoning == nullptr || !reasoning->is_object()) return {};
    return string_in(reasoning->get_object(), "effort");
}

constexpr std::array routes = {
    openai_route{.path = "/v1/chat/completions",
                 .prompt = "messages",
                 .limit = "max_tokens",
                 .template_tokens = template_tokens,
                 .refuse = refuse_chat,
                 .answer = make_openai_answer,
                 .effort = effort_of_chat},
    openai_route{.path = "/v1/completions",
                 .prompt = "prompt",
                 .limit = "max_tokens",
                 .template_tokens = 0,
                 .refuse = refuse_chat,
                 .answer = make_completions_answer,
                 .effort = no_effort},
    openai_route{.path = "/api/v0/chat/completions",
                 .prompt = "messages",
                 .limit = "max_tokens",
                 .template_tokens = template_tokens,
                 .refuse = refuse_chat,
                 .answer = make_v0_answer,
                 .effort = effort_of_chat},
    openai_route{.path = "/api/v0/completions",
                 .prompt = "prompt",
                 .limit = "max_tokens",
                 .template_tokens = 0,
                 .refuse = refuse_chat,
                 .answer = make_v0_completions_answer,
                 .effort = no_effort},
    openai_route{.path = "/v1/responses",
                 .prompt = "input",
                 .limit = "max_output_tokens",
                 .system = "instructions",
                 .stores = true,
                 .template_tokens = template_tokens,
                 .refuse = refuse_response,
                 .answer = make_responses_answer,
                 .effort = effort_of_response},
};

}  // namespace

const openai_route* find_openai_route(const http_request& request) {
    if (request.method != "POST") return nullptr;
    const auto found = std::find_if(routes.begin(), routes.end(), [&](const openai_route& route) {
        return route.path == request.path;
    });
    return found == routes.end() ? nullptr : &*found;
}

void refuse_without_prompt(const openai_route& route, reply& to) {
    answer(to, 400, fmt::format(R"({{"error":"'{}' field is required"}})", route.prompt));
}

void refuse_limit(const openai_route& route, reply& to) {
    constexpr std::string_view why = "maxPredictedTokens must be greater than or equal to 1";
    if (route.path == "/v1/responses") return route.refuse(to, why, "invalid_value", route.limit);
    text_error(to, 400, why);
}

void refuse_output(const openai_route& route, std::string_view why, std::string_view member,
                   reply& to) {
    if (route.path == "/v1/responses") return route.refuse(to, why, "invalid_value", member);
    text_error(to, 400, why);
}

void refuse_previous_response(const openai_route& route, std::string_view id, reply& to) {
    // LM Studio leaves out what every id begins with.
    constexpr std::string_view prefix = "resp_";
    if (id.starts_with(prefix)) id.remove_prefix(prefix.size());
    route.refuse(to, fmt::format("Previous response with id '{}' not found.", id),
                 "previous_response_not_found", "previous_response_id");
}

void refuse_model(const openai_route& route, std::string_view model, std::string_view known,
                  reply& to) {
    route.refuse(to,
                 fmt::format("Invalid model identifier \"{}\". Please specify a valid downloaded "
                             "model (e.g., {}).",
                             model, known),
                 "model_not_found", "model");
}

}  // namespace lmstress::sim
