#include "api/failure_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using lmstress::failure_kind;
using lmstress::api::classify_failure;
using lmstress::api::failure_texts;
using enum lmstress::failure_kind;

namespace {

struct recorded_body {
    int status;
    std::string_view text;
    failure_kind means;
};

constexpr std::string_view too_long =
    R"({"error":"The number of tokens to keep from the initial prompt is greater than the context )"
    R"(length. Try to load the model with a larger context length, or provide a shorter input"})";

/// As LM Studio 0.4.x, llama.cpp, Ollama, vLLM and SGLang sent them; those of `internal_error` and
/// of Anthropic's types are made from the documentation that lists them.
const std::vector<recorded_body> bodies = {
    {400,
     R"({"error":"Engine protocol predict stream returned an error: {\"code\":500,\"message\":)"
     R"(\"Context size has been exceeded.\",\"type\":\"server_error\"}"})",
     context_exhausted},
    {400,
     R"({"error":{"message":"Context size has been exceeded."},)"
     R"("message":"Context size has been exceeded."})",
     context_exhausted},
    {400, too_long, prompt_too_long},
    {400,
     R"({"error":"The number of tokens to keep from the initial prompt is greater than the )"
     R"(context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger )"
     R"(context length, or provide a shorter input"})",
     prompt_too_long},
    {500,
     R"({"error":{"message":"The number of tokens to keep from the initial prompt is greater )"
     R"(than the context length. Try to load the model with a larger context length, or provide )"
     R"(a shorter input","type":"internal_error","code":"unknown","param":null}})",
     prompt_too_long},
    {400,
     R"({"error":{"code":400,"message":"the request exceeds the available context size, try )"
     R"(increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}})",
     prompt_too_long},
    {500,
     R"({"error":{"code":500,"message":"input (2006 tokens) is too large to process. increase the )"
     R"x(physical batch size (current batch size: 512)","type":"server_error"}})x",
     prompt_too_long},
    {200, R"({"code":500,"message":"Context size has been exceeded.","type":"server_error"})",
     context_exhausted},
    {400,
     R"({"object":"error","message":"This model's maximum context length is 4096 tokens. )"
     R"(However, you requested 9000 tokens","type":"BadRequestError","param":null,"code":400})",
     prompt_too_long},
    {200,
     R"({"error": {"object": "error", "message": "The input (9000 tokens) is longer than the )"
     R"(model's context length (4096 tokens).", "type": "BadRequestError", "code": 400}})",
     prompt_too_long},
    {200, R"({"error":{"message":"Model unloaded."}})", model_unloaded},
    {400,
     R"({"error":{"message":"No models loaded. Please load a model in the developer page or use )"
     R"(the 'lms load' command.","type":"invalid_request_error","param":"model","code":null}})",
     model_not_found},
    {400,
     R"({"error":{"message":"Invalid model identifier \"not-a-model\". Please specify a valid )"
     R"(downloaded model (e.g., google/gemma-4-e4b).","type":"invalid_request_error",)"
     R"("param":"model","code":"model_not_found"}})",
     model_not_found},
    {404,
     R"({"error":{"type":"model_not_found","message":)"
     R"("Invalid model identifier \"translategemma:27b\""}})",
     model_not_found},
    {404,
     R"({"error":{"message":"model \"llama3\" not found, try pulling it first",)"
     R"("type":"api_error","param":null,"code":null}})",
     model_not_found},
    {404, R"({"error":"model 'llama3' not found"})", model_not_found},
    {401,
     R"({"error":{"type":"invalid_request","code":"invalid_api_key","message":"An LM Studio API )"
     R"(token is required to make requests to this server, but none was provided using the )"
     R"(Authorization header using the 'Bearer' scheme"}})",
     unauthorized},
    {401,
     R"({"error":{"type":"invalid_request","code":"invalid_api_key","message":"Malformed LM )"
     R"(Studio API token provided: 22aac52a71... Ensure you are using a valid token."}})",
     unauthorized},
    {401, R"({"error":{"message":"Invalid API Key","type":"authentication_error","code":401}})",
     unauthorized},
    {400, "{\"error\":\"The model has crashed without additional information. (Exit code: null)\"}",
     engine_failed},
    {200,
     R"({"type":"error","error":{"message":"Model crashed","type":"internal_error",)"
     R"("code":"unknown","param":null},"sequence_number":1})",
     engine_failed},
    {500,
     R"({"error":{"message":"Engine protocol predict request failed: fetch failed",)"
     R"("type":"internal_error","code":"unknown"}})",
     engine_failed},
    {400, R"({"error":"Engine protocol predict stream returned an error: {code:500 ...}"})",
     engine_failed},
    {503, R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
     overloaded},
    {503,
     R"({"error":{"message":"server busy, please try again.  maximum pending requests exceeded"}})",
     overloaded},
    {200, "{\"error\":\"Unexpected endpoint or method. (GET /models)\"}", bad_request},
    {400,
     R"({"error":{"type":"invalid_request","code":"unrecognized_keys","message":)"
     R"("Unrecognized key(s) in object: 'ttl'"}})",
     bad_request},
    {400, R"({"error":{"type":"internal_error","message":"Unexpected end of input"}})",
     server_error},
    {400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: )"
     R"(208310 tokens > 200000 maximum"}})",
     prompt_too_long},
    {401,
     R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})",
     unauthorized},
    {403,
     R"({"type":"error","error":{"type":"permission_error","message":"Your API key does not have )"
     R"(permission to use the specified resource."}})",
     unauthorized},
    {404, R"({"type":"error","error":{"type":"not_found_error","message":"model: nope"}})",
     model_not_found},
    {404, R"({"error":{"code":404,"message":"File Not Found","type":"not_found_error"}})",
     bad_request},
    {529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
     overloaded},
    {429,
     R"({"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed )"
     R"(your organization's rate limit"}})",
     overloaded},
    {400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field )"
     R"(required"}})",
     bad_request},
    {200, R"({"type":"error","error":{"type":"api_error","message":"Internal server error"}})",
     server_error},
};

std::string lower_case(std::string_view text) {
    std::string out{text};
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

}  // namespace

TEST_CASE("failure_text: each recorded body is of the kind that an operator would say") {
    for (const recorded_body& body : bodies) {
        CAPTURE(body.text);
        CHECK(to_string(classify_failure(body.status, body.text)) == to_string(body.means));
    }
}

TEST_CASE("failure_text: each row of the table is exercised by a recorded body") {
    for (const auto& row : failure_texts()) {
        CAPTURE(row.contains);
        CHECK(std::any_of(bodies.begin(), bodies.end(), [&](const recorded_body& body) {
            return body.means == row.means &&
                   lower_case(body.text).find(row.contains) != std::string::npos;
        }));
    }
}

TEST_CASE("failure_text: rows are in lower case, for the text is compared without its case") {
    for (const auto& row : failure_texts()) CHECK(row.contains == lower_case(row.contains));
    CHECK(classify_failure(200, "MODEL UNLOADED") == model_unloaded);
}

TEST_CASE("failure_text: no row hides a later one of another kind") {
    const auto rows = failure_texts();
    for (auto later = rows.begin(); later != rows.end(); ++later) {
        CAPTURE(later->contains);
        CHECK(classify_failure(500, later->contains) == later->means);
    }
}

TEST_CASE("failure_text: the text decides before the status") {
    CHECK(classify_failure(400, "Engine protocol predict request failed") == engine_failed);
    CHECK(classify_failure(200, too_long) == prompt_too_long);
    CHECK(classify_failure(401, too_long) == prompt_too_long);
    CHECK(classify_failure(500, "Invalid API Key") == unauthorized);
    CHECK(classify_failure(503, "Model unloaded.") == model_unloaded);
}

TEST_CASE("failure_text: where the text says nothing, the status decides") {
    CHECK(classify_failure(401, "") == unauthorized);
    CHECK(classify_failure(403, "no") == unauthorized);
    CHECK(classify_failure(429, "<html>slow down</html>") == overloaded);
    CHECK(classify_failure(503, "") == overloaded);
    CHECK(classify_failure(400, "'messages' field is required") == bad_request);
    CHECK(classify_failure(404, "") == bad_request);
    CHECK(classify_failure(499, "") == bad_request);
    CHECK(classify_failure(500, "") == server_error);
    CHECK(classify_failure(502, "<h1>Bad Gateway</h1>") == server_error);
    CHECK(classify_failure(200, "something else") == server_error);
}
