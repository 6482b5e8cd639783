#include "api/body_patch.hpp"

#include <doctest/doctest.h>

using lmstress::api::body_patch;
using lmstress::api::check_request_fields;

TEST_CASE("request_fields: Anthropic's, by their own names") {
    CHECK(check_request_fields("anthropic-messages",
                               {{"temperature", "1"},
                                {"top_k", "40"},
                                {"top_p", "0.5"},
                                {"stop_sequences", R"(["\n"])"},
                                {"system", R"([{"type":"text","text":"Be short."}])"},
                                {"thinking", R"({"type":"enabled","budget_tokens":1024})"},
                                {"tools", "[]"},
                                {"tool_choice", R"({"type":"any"})"},
                                {"metadata", R"({"user_id":"u"})"},
                                {"max_tokens", "1"}})
              .has_value());
    CHECK(check_request_fields("anthropic-messages", {{"stop", "[]"}}).has_error());
    CHECK(check_request_fields("anthropic-messages", {{"temperature", "1.5"}}).has_error());
    CHECK(check_request_fields("anthropic-messages", {{"tool_choice", "\"auto\""}}).has_error());
    CHECK(check_request_fields("anthropic-messages", {{"seed", "1"}}).has_error());
}

TEST_CASE("body_patch: without a change the body stays as it is, to the byte") {
    CHECK(body_patch{}.apply("{ \"a\" : 1.50 }") == "{ \"a\" : 1.50 }");
    CHECK(body_patch{{}, "{}"}.apply("{ }") == "{ }");
}

TEST_CASE("body_patch: fields are set, then extra is merged, and its null removes") {
    const body_patch p{
        {{"temperature", "0.7"}, {"stop", R"(["x"])"}},
        R"({"stop":null,"stream_options":{"include_usage":null,"more":1},"seed":null,"new":{"a":null,"b":2}})"};
    CHECK(p.apply(R"({"model":"m","stream_options":{"include_usage":true},"seed":1})") ==
          R"({"model":"m","stream_options":{"more":1},"temperature":0.7,"new":{"b":2}})");
}

TEST_CASE("body_patch: a field takes its place as it is, null and all") {
    const body_patch p{{{"response_format", R"({"schema":{"default":null}})"},
                        {"stream_options", R"({"more":true})"}},
                       ""};
    CHECK(
        p.apply(R"({"stream_options":{"include_usage":true}})") ==
        R"({"stream_options":{"include_usage":true,"more":true},"response_format":{"schema":{"default":null}}})");
}

TEST_CASE("body_patch: numbers keep the digits they were written with") {
    const body_patch p{{{"p", "3.141592653589793"},
                        {"a", "0.1"},
                        {"b", "0.7"},
                        {"c", "1e-7"},
                        {"d", "18446744073709551615"}},
                       ""};
    CHECK(p.apply("{}") ==
          R"({"p":3.141592653589793,"a":0.1,"b":0.7,"c":1e-07,"d":18446744073709551615})");
}

TEST_CASE("request_fields: each API takes its own, and names the one it does not know") {
    CHECK(check_request_fields("lmstudio", {{"min_p", "0.05"}, {"reasoning", "\"low\""}})
              .has_value());
    auto e = check_request_fields("openai-chat", {{"min_p", "0.05"}});
    REQUIRE(e.has_error());
    CHECK(e.error().message == "/request/min_p is no field of the API openai-chat");
    e = check_request_fields("lmstudio", {{"temperature", "1.5"}});
    REQUIRE(e.has_error());
    CHECK(e.error().message ==
          "/request/temperature: 1.5 is not a number from 0 to 1, as lmstudio wants it");
    CHECK(check_request_fields("openai-chat", {{"temperature", "1.5"}}).has_value());
    e = check_request_fields("lmstudio", {{"max_tokens", "5"}});
    REQUIRE(e.has_error());
    CHECK_FALSE(e.error().advice.empty());
}

TEST_CASE("request_fields: what APIs have in common, and what only one of them has") {
    const auto takes = [](const char* api, const char* name, const char* value) {
        return check_request_fields(api, {{name, value}}).has_value();
    };
    for (const char* api : {"openai-chat", "openai-completions", "lmstudio-v0"}) {
        CAPTURE(std::string{api});
        CHECK(takes(api, "stop", R"(["x"])"));
        CHECK(takes(api, "max_tokens", "-1"));
        CHECK_FALSE(takes(api, "max_output_tokens", "5"));
        CHECK_FALSE(takes(api, "instructions", R"("x")"));
    }
    CHECK(takes("openai-responses", "reasoning", R"({"effort":"low"})"));
    CHECK_FALSE(takes("openai-responses", "reasoning", R"("low")"));
    CHECK(takes("lmstudio", "reasoning", R"("low")"));
    CHECK_FALSE(takes("openai-responses", "stop", R"("x")"));
    CHECK_FALSE(takes("openai-responses", "seed", "1"));
    CHECK_FALSE(takes("openai-completions", "tools", "[]"));
    CHECK_FALSE(takes("", "top_p", "0.5"));
}

TEST_CASE("request_fields: Ollama's and those of embeddings") {
    CHECK(check_request_fields("ollama", {{"options", R"({"temperature":0,"num_ctx":4096})"},
                                          {"keep_alive", "\"5m\""},
                                          {"think", "\"low\""},
                                          {"format", "\"json\""},
                                          {"tools", "[]"}})
              .has_value());
    CHECK(
        check_request_fields("ollama", {{"keep_alive", "-1"}, {"think", "true"}, {"format", "{}"}})
            .has_value());
    CHECK(check_request_fields("ollama", {{"think", "\"much\""}}).has_error());
    CHECK(check_request_fields("ollama", {{"temperature", "0"}}).has_error());
    const body_patch p{{{"options", R"({"temperature":0})"}}, ""};
    CHECK(p.apply(R"({"options":{"num_predict":9}})") ==
          R"({"options":{"num_predict":9,"temperature":0}})");
    CHECK(check_request_fields("openai-embeddings",
                               {{"dimensions", "256"}, {"encoding_format", "\"base64\""}})
              .has_value());
    CHECK(check_request_fields("openai-embeddings", {{"encoding_format", "\"hex\""}}).has_error());
    CHECK(check_request_fields("openai-embeddings", {{"max_tokens", "1"}}).has_error());
}
