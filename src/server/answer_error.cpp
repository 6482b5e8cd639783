#include "server/answer_error.hpp"

#include "api/json_frame.hpp"

#include <algorithm>

namespace lmstress::server {
namespace {

constexpr const char* right_port = "Is the port right? LM Studio's is 1234, llama.cpp's 8080.";

error no_connection(const target_settings& target, const net::connect_result& made) {
    if (made.failed == failure_kind::tls) {
        return {errc::unreachable, "no TLS connection to " + target.url + " (" + made.message + ")",
                "--ca-file trusts an authority of your own, --insecure any certificate and name. "
                "Or does the server speak http://?"};
    }
    return {errc::unreachable, "no server answers at " + target.url + " (" + made.message + ")",
            "Start one (LM Studio: lms server start), give its address with --url, or try the "
            "built-in one: lmstress sim"};
}

}  // namespace

error unreachable(const target_settings& target, const http_answer& answer) {
    const std::string who = "what listens at " + target.url;
    if (answer.connected.failed) return no_connection(target, answer.connected);
    if (!answer.begun) {
        return {errc::unreachable, who + " takes connections but says nothing",
                "Is the server still starting, is something else on that port, or does it want "
                "https://?"};
    }
    if (answer.not_http)
        return {errc::not_understood, who + " does not answer in HTTP", right_port};
    if (answer.timed_out) {
        return {errc::unreachable, who + " began an answer and did not finish it in time",
                "Is the server overloaded, or still starting?"};
    }
    return {errc::unreachable, who + " broke off in the middle of an answer",
            "Its log, or that of a proxy in between, may say why."};
}

error no_llm_server(const target_settings& target, const http_answer& answer) {
    if (!answer.head.location.empty()) {
        return {errc::not_understood, target.url + " sends us elsewhere: " + answer.head.location,
                "lmstress follows no redirects, for they would be in every latency: give that "
                "address with --url."};
    }
    std::string who = answer.head.server.empty() ? "" : " by " + answer.head.server.substr(0, 60);
    if (!answer.head.content_type.empty()) who += ", " + answer.head.content_type.substr(0, 60);
    return {errc::not_understood,
            "what answers at " + target.url + " is no LLM server: HTTP " +
                std::to_string(answer.head.status) + who + " to GET /v1/models",
            std::string{right_port} + " If it is one all the same, name --api and --model."};
}

error wants_token(const target_settings& target) {
    if (target.api_token.empty()) {
        return {errc::unauthorized, target.url + " wants an API token",
                "Put one into the environment variable LM_API_TOKEN, or a file: --api-token-file"};
    }
    return {errc::unauthorized, target.url + " refuses the API token of " + target.api_token_source,
            "Put a valid one there. A flag goes before a file, and a file before LM_API_TOKEN."};
}

bool refuses(const http_answer& answer) {
    return answer.complete && (answer.head.status == 401 || answer.head.status == 403);
}

std::string joined(const std::vector<std::string>& names) {
    constexpr std::size_t most = 10;
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
        out += (out.empty() ? "" : ", ") + names[i].substr(0, 80);
    }
    return names.size() > most ? out + " and " + std::to_string(names.size() - most) + " more"
                               : out;
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
