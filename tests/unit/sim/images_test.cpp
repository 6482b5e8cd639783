// Images on each route of the built-in server that takes them.

#include "sim/chat_memory.hpp"
#include "support/asked_server.hpp"

#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
using test::ask;
using test::make_server;
using test::post;

namespace {

struct route {
    std::string path;
    std::string without;  // the body, from what is said on
    std::string with;
    std::vector<std::string> tokens;  // where its answer counts the prompt
};

const std::vector<route> routes = {
    {"/api/v1/chat",
     R"("input":"Hello","max_output_tokens":2)",
     R"("input":[{"type":"text","content":"Hello"},)"
     R"({"type":"image","data_url":"data:image/png;base64,iVBORw0="}],"max_output_tokens":2)",
     {"stats", "input_tokens"}},
    {"/v1/chat/completions",
     R"("messages":[{"role":"user","content":"Hello"}],"max_tokens":2)",
     R"("messages":[{"role":"user","content":[{"type":"text","text":"Hello"},{"type":"image_url",)"
     R"("image_url":{"url":"data:image/png;base64,iVBORw0="}}]}],"max_tokens":2)",
     {"usage", "prompt_tokens"}},
    {"/api/v0/chat/completions",
     R"("messages":[{"role":"user","content":"Hello"}],"max_tokens":2)",
     R"("messages":[{"role":"user","content":[{"type":"text","text":"Hello"},{"type":"image_url",)"
     R"("image_url":{"url":"data:image/png;base64,iVBORw0="}}]}],"max_tokens":2)",
     {"usage", "prompt_tokens"}},
    {"/v1/responses",
     R"("input":"Hello","max_output_tokens":2)",
     R"("input":[{"role":"user","content":[{"type":"input_text","text":"Hello"},{"type":)"
     R"("input_image","image_url":"data:image/png;base64,iVBORw0="}]}],"max_output_tokens":2)",
     {"usage", "input_tokens"}},
    {"/v1/messages",
     R"("messages":[{"role":"user","content":"Hello"}],"max_tokens":2)",
     R"("messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64",)"
     R"("media_type":"image/png","data":"iVBORw0="}},{"type":"text","text":"Hello"}]}],)"
     R"("max_tokens":2)",
     {"usage", "input_tokens"}},
    {"/api/chat",
     R"("stream":false,"messages":[{"role":"user","content":"Hello"}])",
     R"("stream":false,"messages":[{"role":"user","content":"Hello","images":["iVBORw0="]}])",
     {"prompt_eval_count"}},
};

std::string body(const std::string& model, const std::string& rest) {
    return R"({"model":")" + model + "\"," + rest + "}";
}

int tokens(const route& r, const std::string& said) {
    // A server of its own, whose cache holds nothing.
    sim::server s = make_server({.model = "google/gemma-3-4b"});
    const auto answer = ask(s, post(r.path, body("google/gemma-3-4b", said)));
    CAPTURE(answer.content());
    REQUIRE(answer.status() == 200);
    boost::json::value at = answer.body();
    for (const std::string& key : r.tokens) at = boost::json::value(at.at(key));
    return at.to_number<int>();
}

}  // namespace

TEST_CASE("sim images: each is 256 tokens of the prompt, on every route") {
    for (const route& r : routes) {
        CAPTURE(r.path);
        CHECK(tokens(r, r.with) == tokens(r, r.without) + 256);
    }
}

TEST_CASE("sim images: a model without vision refuses them in LM Studio's words") {
    for (const route& r : routes) {
        CAPTURE(r.path);
        sim::server s = make_server();
        CHECK(ask(s, post(r.path, body("qwen/qwen3-4b", r.without))).status() == 200);
        const auto refused = ask(s, post(r.path, body("qwen/qwen3-4b", r.with)));
        CHECK(refused.status() == 400);
        CHECK(refused.content().find(
                  "Model does not support images. Please use a model that does.") !=
              std::string::npos);
    }
    sim::server s = make_server();
    CHECK(ask(s, post("/v1/chat/completions", body("qwen/qwen3-4b", routes[1].with))).content() ==
          R"({"error":"Model does not support images. Please use a model that does."})");
}

TEST_CASE("sim images: what is no data URL is refused as LM Studio does") {
    sim::server s = make_server({.model = "google/gemma-3-4b"});
    const auto refused =
        ask(s, post("/v1/chat/completions",
                    body("google/gemma-3-4b",
                         R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":)"
                         R"({"url":"https://example.org/cat.png"}}]}])")));
    CHECK(refused.status() == 400);
    CHECK(refused.content() == R"({"error":"'url' field must be a base64 encoded image."})");
}

TEST_CASE("sim images: another image makes another prompt of the same length") {
    const auto shown = [](std::string_view image) {
        sim::transcript t;
        t.say("user", "Hello");
        t.show(image);
        return t;
    };
    CHECK(shown("AAAA").fingerprint == shown("AAAA").fingerprint);
    CHECK(shown("AAAA").fingerprint != shown("BBBBBBBB").fingerprint);
    CHECK(shown("AAAA").characters == shown("BBBBBBBB").characters);
}
