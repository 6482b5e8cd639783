// The errors of the built-in LM Studio: status, body and shape as LM Studio was seen to send them.

#include "support/asked_server.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using lmstress::sim::fault;
using lmstress::sim::server;
using lmstress::sim::server_settings;
using test::ask;
using test::make_server;
using test::post;

namespace {

const std::string model = R"("model":"qwen/qwen3-4b")";
const std::string native_chat = "{" + model + R"(,"input":"Hello")";
const std::string openai_chat = "{" + model + R"(,"messages":[{"role":"user","content":"Hello"}])";
const std::string message = openai_chat + R"(,"max_tokens":4)";

constexpr std::string_view too_long =
    "The number of tokens to keep from the initial prompt is greater than the context length. Try "
    "to load the model with a larger context length, or provide a shorter input";
constexpr std::string_view exhausted =
    R"(Engine protocol predict stream returned an error: {\"code\":500,\"message\":\"Context )"
    R"(size has been exceeded.\",\"type\":\"server_error\"})";

std::string text(std::string_view s) {
    return std::string{s};
}

/// A server whose context no prompt fits.
server small_server() {
    return make_server({.engine = {.context_length = 4}});
}

/// The answer to a request that shares the pool with another one, until it is full.
test::kept_reply exhausting(const std::string& path, const std::string& body) {
    server s = make_server({.engine = {.context_length = 64}});
    test::kept_reply first;
    test::kept_reply second;
    s.handle(post(path, body), first, test::at(0s));
    s.handle(post(path, body), second, test::at(0s));
    test::run_until_idle(s);
    return second;
}

/// What comes of a chat whose model is unloaded while it runs.
test::kept_reply unloading(const std::string& path, const std::string& body) {
    server s = make_server();
    test::kept_reply out;
    s.handle(post(path, body), out, test::at(0s));
    s.advance(test::at(100ms));
    s.unload("qwen/qwen3-4b", test::at(100ms));
    return out;
}

}  // namespace

TEST_CASE("sim errors: OpenAI's chat completions") {
    const std::string path = "/v1/chat/completions";
    struct row {
        std::string body;
        std::string says;
    };
    for (const row& r : {
             row{"{" + model + "}", R"({"error":"'messages' field is required"})"},
             row{openai_chat + R"(,"response_format":{"type":"xml"}})",
                 R"({"error":"'response_format.type' must be 'json_schema' or 'text'"})"},
             row{openai_chat + R"(,"tool_choice":"any"})",
                 R"({"error":"Invalid tool_choice value: 'any'. Supported values: none, auto, )"
                 R"(required"})"},
             row{openai_chat + R"(,"max_tokens":0})",
                 R"({"error":"maxPredictedTokens must be greater than or equal to 1"})"},
         }) {
        server s = make_server();
        const auto out = ask(s, post(path, r.body));
        CHECK(out.status() == 400);
        CHECK(out.content() == r.says);
    }
    server small = small_server();
    const auto whole = ask(small, post(path, openai_chat + "}"));
    CHECK(whole.status() == 400);
    CHECK(whole.content() == "{\n    \"error\": \"" + text(too_long) + "\"\n}");
    const auto streamed = ask(small, post(path, openai_chat + R"(,"stream":true})"), 1h);
    CHECK(streamed.status() == 200);
    CHECK(streamed.content() ==
          "event: error\ndata: {\"error\":{\"message\":\"" + text(too_long) + "\"}}\n\n");
    const auto full = exhausting(path, openai_chat + R"(,"max_tokens":60})");
    CHECK(full.status() == 400);
    CHECK(full.content() == "{\n    \"error\": \"" + text(exhausted) + "\"\n}");
    const auto unloaded = unloading(path, openai_chat + "}");
    CHECK(unloaded.status() == 400);
    CHECK(unloaded.content() == R"({"error":{"message":"Model unloaded."}})");
    const auto in_stream = unloading(path, openai_chat + R"(,"stream":true})");
    CHECK(in_stream.status() == 200);
    CHECK(in_stream.content().ends_with(
        "event: error\ndata: {\"error\":{\"message\":\"Model unloaded.\"}}\n\n"));
    server doomed = make_server({.faults = {{fault::crash}}});
    CHECK(ask(doomed, post(path, openai_chat + "}")).body().at("error").as_string() ==
          "The model has crashed without additional information. (Exit code: null)");
}

TEST_CASE("sim errors: a model that nobody knows, with two in memory") {
    server s = make_server();
    REQUIRE(ask(s, post("/api/v1/models/load", R"({"model":"google/gemma-3-1b"})")).status() ==
            200);
    const std::string other = R"({"model":"not-a-model",)";
    const auto chat = ask(s, post("/v1/chat/completions", other + R"("messages":[]})"), 1h);
    CHECK(chat.status() == 400);
    CHECK(
        chat.content() ==
        "{\n    \"error\": {\n        \"message\": \"Invalid model identifier \\\"not-a-model\\\". "
        "Please specify a valid downloaded model (e.g., qwen/qwen3-4b).\",\n        \"type\": "
        "\"invalid_request_error\",\n        \"param\": \"model\",\n        \"code\": "
        "\"model_not_found\"\n    }\n}");
    const auto response = ask(s, post("/v1/responses", other + R"("input":"x"})"), 2h);
    CHECK(response.status() == 400);
    CHECK(response.content().starts_with("{\n  \"error\": {\n    \"message\": \"Invalid model"));
    const auto native = ask(s, post("/api/v1/chat", other + R"("input":"x"})"), 3h);
    CHECK(native.status() == 404);
    CHECK(native.error("type") == "model_not_found");
    CHECK(native.error("message") == "Invalid model identifier \"not-a-model\"");
    const auto load = ask(s, post("/api/v1/models/load", R"({"model":"not-a-model"})"), 4h);
    CHECK(load.status() == 404);
    CHECK(load.error("message") == "Model not-a-model not found in downloaded models");
}

TEST_CASE("sim errors: LM Studio's own chat") {
    const std::string path = "/api/v1/chat";
    struct row {
        std::string body;
        std::string code;
        std::string param;
    };
    for (const row& r : {
             row{native_chat + R"(,"ttl":5})", "unrecognized_keys", ""},
             row{"{" + model + "}", "missing_required_parameter", "input"},
             row{native_chat + R"(,"reasoning":"much"})", "invalid_value", "reasoning"},
             row{native_chat + R"(,"temperature":1.5})", "invalid_value", "temperature"},
             row{native_chat + R"(,"top_p":-1})", "invalid_value", "top_p"},
             row{native_chat + R"(,"min_p":"x"})", "invalid_value", "min_p"},
             row{native_chat + R"(,"top_k":1.5})", "invalid_value", "top_k"},
             row{native_chat + R"(,"repeat_penalty":0})", "invalid_value", "repeat_penalty"},
             row{native_chat + R"(,"context_length":0})", "invalid_value", "context_length"},
             row{native_chat + R"(,"max_output_tokens":0})", "invalid_value", "max_output_tokens"},
             row{native_chat + R"(,"stream":1})", "invalid_value", "stream"},
             row{native_chat + R"(,"store":"no"})", "invalid_value", "store"},
             row{native_chat + R"(,"system_prompt":1})", "invalid_value", "system_prompt"},
             row{native_chat + R"(,"integrations":"x"})", "invalid_value", "integrations"},
             row{"{" + model + R"(,"input":7})", "invalid_value", "input"},
             row{R"({"model":7,"input":"x"})", "invalid_value", "model"},
         }) {
        CAPTURE(r.body);
        server s = make_server();
        const auto out = ask(s, post(path, r.body));
        CHECK(out.status() == 400);
        CHECK(out.error("type") == "invalid_request");
        CHECK(out.error("code") == r.code);
        CHECK(out.body().at("error").as_object().contains("param") == !r.param.empty());
        if (!r.param.empty()) CHECK(out.error("param") == r.param);
    }
    server good = make_server({.answer_tokens = 2});
    CHECK(ask(good, post(path, native_chat + R"(,"reasoning":"low","temperature":1,"top_k":40})"))
              .status() == 200);
    server small = small_server();
    const auto whole = ask(small, post(path, native_chat + "}"));
    CHECK(whole.status() == 500);
    CHECK(whole.content() ==
          "{\n  \"error\": {\n    \"message\": \"" + text(too_long) +
              "\",\n    \"type\": \"internal_error\",\n    \"code\": \"unknown\",\n"
              "    \"param\": null\n  }\n}");
    const auto streamed = ask(small, post(path, native_chat + R"(,"stream":true})"), 1h).content();
    const std::size_t error = streamed.find("event: error\n");
    CHECK(error != std::string::npos);
    CHECK(streamed.find("event: chat.end\n") > error);  // what was generated is still told
}

TEST_CASE("sim errors: a response whose prompt is too long, and Anthropic's") {
    server small = small_server();
    const auto whole = ask(small, post("/v1/responses", native_chat + "}"));
    CHECK(whole.status() == 500);
    CHECK(whole.content() == "{\n  \"error\": {\n    \"message\": \"" + text(too_long) +
                                 "\",\n    \"type\": \"internal_error\",\n    \"param\": null,\n"
                                 "    \"code\": \"unknown\"\n  }\n}");
    const auto streamed = ask(small, post("/v1/messages", message + R"(,"stream":true})"), 1h);
    CHECK(streamed.status() == 200);
    CHECK(
        streamed.content() ==
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"" +
            text(too_long) + "\"}}\n\n");
}

TEST_CASE("sim errors: a token that is needed, and one that is wrong") {
    server s = make_server({.api_token = "sk-lm-right"});
    auto request = post("/v1/chat/completions", openai_chat + "}");
    const auto without = ask(s, request);
    CHECK(without.status() == 401);
    CHECK(without.error("type") == "invalid_request");
    CHECK(without.error("code") == "invalid_api_key");
    CHECK(without.error("message") ==
          "An LM Studio API token is required to make requests to this server, but none was "
          "provided using the Authorization header using the 'Bearer' scheme (i.e., "
          "'Authorization: Bearer $LM_API_TOKEN'). Learn more at: "
          "https://lmstudio.ai/docs/developer/core/authentication.");
    request.authorization = "Bearer 22aac52a71ffffffff";
    CHECK(ask(s, request).error("message") ==
          "Malformed LM Studio API token provided: 22aac52a71... Ensure you are using a valid "
          "token.");
    auto anthropic = post("/v1/messages", message + "}");
    anthropic.api_key = "22aac52a71ffffffff";
    const auto refused = ask(s, anthropic);
    CHECK(refused.status() == 401);
    CHECK(refused.error("type") == "authentication_error");
    CHECK(refused.error("message").find(": 22aac52a71... ") != std::string::npos);
}

TEST_CASE("sim errors: without JIT loading a model that is not in memory is not there") {
    server s = make_server({.cold = true, .jit = false});
    for (const auto& [path, body] : {std::pair{"/v1/chat/completions", openai_chat},
                                     std::pair{"/v1/completions", "{" + model + R"(,"prompt":"x")"},
                                     std::pair{"/v1/messages", message}}) {
        CAPTURE(path);
        const auto out = ask(s, post(path, body + R"(,"stream":true})"));
        CHECK(out.status() == 400);
        CHECK(
            out.text.find("No models loaded. Please load a model in the developer page or use the "
                          "'lms load' command.") != std::string::npos);
    }
    CHECK(s.all_models().instances().empty());
    REQUIRE(ask(s, post("/api/v1/models/load", "{" + model + "}"), 1h).status() == 200);
    CHECK(ask(s, post("/v1/chat/completions", message + "}"), 2h).status() == 200);
}

TEST_CASE("sim server: a load ends when its client goes") {
    server s = make_server({.cold = true});
    test::kept_reply gone;
    s.handle(post("/api/v1/models/load", "{" + model + "}"), gone, test::at(0s));
    CHECK(s.all_models().instances().size() == 1);
    s.abandoned(gone);
    CHECK(s.all_models().instances().empty());
    CHECK_FALSE(s.next_due());
}

TEST_CASE("sim server: an input longer than the context is embedded as far as it goes") {
    server s = make_server({.engine = {.context_length = 16}});
    const auto out = ask(
        s, post("/v1/embeddings", "{" + model + R"(,"input":")" + std::string(400, 'x') + "\"}"));
    CHECK(out.status() == 200);
    CHECK(out.body().at("data").as_array().size() == 1);
}

TEST_CASE("sim server: the head of a stream goes at once, or waits for the first event") {
    for (const bool late : {false, true}) {
        CAPTURE(late);
        server s = make_server({.late_headers = late});
        test::kept_reply out;
        s.handle(post("/v1/chat/completions", openai_chat + R"(,"stream":true})"), out,
                 test::at(0s));
        CHECK(out.text.empty() == late);
        test::run_until_idle(s);
        CHECK(out.status() == 200);
        CHECK(out.content().starts_with("data: {\"id\":"));
        CHECK(out.ended);
        // The native stream begins with an event that nothing holds back.
        test::kept_reply native;
        s.handle(post("/api/v1/chat", native_chat + R"(,"stream":true})"), native, test::at(1h));
        CHECK(native.text.find("chat.start") != std::string::npos);
    }
}

TEST_CASE(
    "sim server: who waits too long for a slot is sent away, with a status if there is time") {
    struct row {
        bool late_headers;
        int status;
        std::string content;
    };
    const std::string why = "Engine protocol predict stream returned an error: {code:500}";
    for (const row& r :
         {row{true, 400, "{\n    \"error\": \"" + why + "\"\n}"},
          row{false, 200, "event: error\ndata: {\"error\":{\"message\":\"" + why + "\"}}\n\n"}}) {
        server s =
            make_server({.engine = {.context_length = 100'000, .parallel = 1, .longest_wait = 120s},
                         .late_headers = r.late_headers});
        const std::string begin = openai_chat + R"(,"stream":true,"max_tokens":)";
        test::kept_reply first;
        test::kept_reply second;
        s.handle(post("/v1/chat/completions", begin + "20000}"), first, test::at(0s));
        s.handle(post("/v1/chat/completions", begin + "1}"), second, test::at(1s));
        s.advance(test::at(120'900ms));
        CHECK_FALSE(second.ended);
        s.advance(test::at(121'100ms));
        CHECK(second.ended);
        CHECK(second.status() == r.status);
        CHECK(second.content() == r.content);
        CHECK_FALSE(first.ended);
    }
    // Where nothing is said, it waits.
    server patient = make_server({.engine = {.context_length = 100'000, .parallel = 1}});
    test::kept_reply first;
    test::kept_reply second;
    const std::string begin = openai_chat + R"(,"max_tokens":)";
    patient.handle(post("/v1/chat/completions", begin + "20000}"), first, test::at(0s));
    patient.handle(post("/v1/chat/completions", begin + "1}"), second, test::at(1s));
    test::run_until_idle(patient);
    CHECK(second.status() == 200);
}

TEST_CASE("lmstudio errors: an item of the native input is a text or an image, and no message") {
    server s = make_server();
    const auto asked = [&](const std::string& item) {
        return ask(s, post("/api/v1/chat", "{" + model + R"(,"input":[)" + item + "]}"));
    };
    CHECK(asked(R"({"type":"text","content":"Hello"})").status() == 200);
    for (const char* item :
         {R"({"type":"message","content":"Hello"})", R"({"content":"Hello"})", R"("Hello")"}) {
        const auto refused = asked(item);
        CHECK(refused.status() == 400);
        CHECK(refused.error("code") == "invalid_value");
        CHECK(refused.error("param") == "input");
    }
    const auto role = asked(R"({"type":"text","role":"user","content":"Hello"})");
    CHECK(role.status() == 400);
    CHECK(role.error("code") == "unrecognized_keys");
    CHECK(role.error("message") == "Unrecognized key(s) in object: 'role'");
    CHECK(asked(R"({"type":"text"})").error("code") == "missing_required_parameter");
}

TEST_CASE("lmstudio errors: a browser's question before its request is a 400 without CORS") {
    server s = make_server({.api_token = "secret"});
    for (const char* path : {"/v1/chat/completions", "/api/v1/chat", "/nowhere"}) {
        auto request = post(path, "");
        request.method = "OPTIONS";
        const auto refused = ask(s, request);
        CHECK(refused.status() == 400);
        CHECK(refused.text.find("Access-Control") == std::string::npos);
    }
}

TEST_CASE("lmstudio errors: a JSON answer has Express' weak ETag, and a date where one is told") {
    // The tag of npm's etag 1.8.1 for this body.
    const std::string answer = lmstress::sim::json_answer(200, R"({"lmstudio":true})");
    CHECK(answer.find("\r\nETag: W/\"11-O774i0J92GY8XhAPsu9j3ao8dPI\"") != std::string::npos);
    const std::string dated = lmstress::sim::dated(answer, "Fri, 02 Oct 2026 01:11:56 GMT");
    CHECK(dated.find("\"\r\nDate: Fri, 02 Oct 2026 01:11:56 GMT\r\nConnection: keep-alive\r\n") !=
          std::string::npos);
    CHECK(lmstress::sim::dated(answer, "") == answer);
}

TEST_CASE("lmstudio errors: an empty 400 after a stream that its client has closed carelessly") {
    server s = make_server({.empty_400_after_close = true});
    const auto leave = [&](const std::string& more) {
        test::kept_reply left;
        s.handle(post("/api/v1/chat", native_chat + more + "}"), left, test::at(0s));
        s.advance(test::at(100ms));
        s.abandoned(left);
        test::run_until_idle(s);
    };
    leave(R"(,"stream":true)");
    const auto next = ask(s, post("/v1/chat/completions", openai_chat + "}"), 1h);
    CHECK(next.status() == 400);
    CHECK(next.content().empty());
    // That one alone, and not after an answer that was no stream.
    CHECK(ask(s, post("/v1/chat/completions", openai_chat + "}"), 1h).status() == 200);
    leave("");
    CHECK(ask(s, post("/v1/chat/completions", openai_chat + "}"), 2h).status() == 200);
    server other = make_server();
    test::kept_reply left;
    other.handle(post("/api/v1/chat", native_chat + R"(,"stream":true})"), left, test::at(0s));
    other.abandoned(left);
    CHECK(ask(other, post("/v1/chat/completions", openai_chat + "}"), 1h).status() == 200);
}
