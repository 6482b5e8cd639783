#include "server/answer_error.hpp"

#include "api/json_frame.hpp"

namespace lmstress::server {

error unreachable(const target_settings& target, const http_answer& answer) {
    if (answer.connected.failed) {
        return {errc::unreachable,
                "no server answers at " + target.url + " (" + answer.connected.message + ")",
                "Start one (LM Studio: lms server start), give its address with --url, or try the "
                "built-in one: lmstress sim"};
    }
    if (!answer.begun) {
        return {errc::unreachable,
                "what listens at " + target.url + " takes connections but says nothing",
                "Is the server still starting, or is something else on that port?"};
    }
    return {errc::not_understood, "what listens at " + target.url + " does not answer in HTTP",
            "Is the port right? LM Studio's is 1234, llama.cpp's 8080."};
}

bool refuses(const http_answer& answer) {
    return answer.head.status == 401 || answer.head.status == 403;
}

error wants_token(const target_settings& target) {
    const bool given = !target.api_token.empty();
    return {errc::unauthorized,
            target.url + (given ? " refuses the API token" : " wants an API token"),
            "Put a valid one into the environment variable LM_API_TOKEN."};
}

std::optional<error> unusable(const target_settings& target, const http_answer& answer) {
    if (!answer.complete) return unreachable(target, answer);
    if (refuses(answer)) return wants_token(target);
    return std::nullopt;
}

std::string complaint_in(const http_answer& answer) {
    api::json_frame json;
    const auto* body = json.parse(answer.body);
    return body != nullptr ? std::string{api::error_message_in(*body)} : "";
}

}  // namespace lmstress::server
