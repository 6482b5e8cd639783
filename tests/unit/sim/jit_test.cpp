// Models that a request has loaded because it names them: how long they stay, what goes for them,
// and what waits.

#include "sim/server.hpp"
#include "support/asked_server.hpp"

#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using lmstress::nanoseconds;
using lmstress::sim::server;
using test::ask;
using test::at;
using test::kept_reply;
using test::make_server;
using test::post;

namespace {

const std::string first = "qwen/qwen3-4b";
const std::string second = "google/gemma-3-1b";

std::string body_for(const std::string& model, const std::string& more = "") {
    return R"({"model":")" + model +
           R"(","max_tokens":20,"max_output_tokens":20,"prompt":"a",)"
           R"("messages":[{"role":"user","content":"a"}])" +
           more + "}";
}
std::string native_body(const std::string& model, const std::string& more = "") {
    return R"({"model":")" + model + R"(","max_output_tokens":20,"input":"a")" + more + "}";
}

void run_until(server& s, nanoseconds end) {
    while (const auto due = s.next_due()) {
        if (*due > at(end)) break;
        s.advance(*due);
    }
    s.advance(at(end));
}

/// The instances that are in memory, with spaces.
std::string in_memory(const server& s) {
    std::string out;
    for (const auto& i : s.all_models().instances()) out += (out.empty() ? "" : " ") + i.id;
    return out;
}

/// When the model goes that a request for it has loaded; 0 where it stays.
nanoseconds life_of(const std::string& path, const std::string& body,
                    lmstress::sim::server_settings settings = {}) {
    settings.cold = true;
    settings.load_seconds = 0;
    auto s = make_server(settings);
    kept_reply to;
    s.handle(post(path, body), to, at(0s));
    nanoseconds last{};
    while (const auto due = s.next_due()) {
        if (s.active() > 0) last = *due - at(0s);
        s.advance(*due);
        if (s.all_models().instances().empty()) return *due - at(last);
    }
    CHECK(to.status() == 200);
    return nanoseconds{0};
}

}  // namespace

TEST_CASE("jit: a model goes an hour after its last request, or after the request's own ttl") {
    for (const char* path : {"/v1/chat/completions", "/v1/completions"}) {
        CAPTURE(std::string{path});
        CHECK(life_of(path, body_for(first)) == 1h);
        CHECK(life_of(path, body_for(first, R"(,"ttl":60)")) == 60s);
    }
    // LM Studio's responses pass over it, and its own route has no such field.
    CHECK(life_of("/v1/responses", native_body(first, R"(,"ttl":60)")) == 1h);
    CHECK(life_of("/api/v1/chat", native_body(first)) == 1h);
    CHECK(life_of("/v1/chat/completions", body_for(first), {.jit_ttl = 5min}) == 5min);
    CHECK(life_of("/v1/chat/completions", body_for(first), {.jit_ttl = 0s}) == 0s);
}

TEST_CASE("jit: what was loaded otherwise stays, whatever a request says") {
    auto s = make_server();
    CHECK(ask(s, post("/v1/chat/completions", body_for(first, R"(,"ttl":60)"))).status() == 200);
    CHECK(ask(s, post("/api/v1/models/load", R"({"model":")" + second + "\"}")).status() == 200);
    CHECK(in_memory(s) == first + " " + second);
    CHECK_FALSE(s.next_due());
}

TEST_CASE("jit: a model takes the place of another one that came so, with all that runs on it") {
    auto s = make_server({.cold = true, .load_seconds = 1});
    kept_reply streamed;
    s.handle(post("/v1/chat/completions", body_for(first, R"(,"stream":true)")), streamed, at(0s));
    run_until(s, 1100ms);
    CHECK_FALSE(streamed.ended);
    kept_reply other;
    s.handle(post("/v1/chat/completions", body_for(second)), other, at(1100ms));
    CHECK(streamed.ended);
    CHECK(streamed.text.find("Model unloaded.") != std::string::npos);
    CHECK(in_memory(s) == second);
    run_until(s, 3s);
    CHECK(other.status() == 200);
    // One that is on its way to memory is left alone.
    kept_reply a;
    kept_reply b;
    s.handle(post("/v1/chat/completions", body_for(first)), a, at(3s));
    s.handle(post("/v1/chat/completions", body_for("openai/gpt-oss-20b")), b, at(3s));
    CHECK(in_memory(s) == first + " openai/gpt-oss-20b");
    run_until(s, 5s);
    CHECK(a.status() == 200);
    CHECK(b.status() == 200);
}

TEST_CASE("jit: with auto-evict off models stay beside each other") {
    auto s = make_server({.cold = true, .load_seconds = 1, .auto_evict = false});
    kept_reply a;
    kept_reply b;
    s.handle(post("/v1/chat/completions", body_for(first)), a, at(0s));
    run_until(s, 2s);
    s.handle(post("/v1/chat/completions", body_for(second)), b, at(2s));
    run_until(s, 4s);
    CHECK(in_memory(s) == first + " " + second);
}

TEST_CASE("jit: for a model that somebody has asked to be loaded requests wait") {
    auto s = make_server({.cold = true, .load_seconds = 1});
    kept_reply load;
    s.handle(post("/api/v1/models/load", R"({"model":")" + first + "\"}"), load, at(0s));
    std::vector<kept_reply> replies(2);
    for (kept_reply& r : replies) {
        s.handle(post("/api/v1/chat", native_body(first, R"(,"stream":true)")), r, at(500ms));
    }
    run_until(s, 2s);
    CHECK(load.status() == 200);
    CHECK(in_memory(s) == first);
    for (const kept_reply& r : replies) {
        CHECK(r.ended);
        // It is not these that load it.
        CHECK(r.text.find("model_load") == std::string::npos);
        CHECK(r.text.find("chat.end") != std::string::npos);
    }
    // Whoever asked for it goes away: they have nothing to wait for.
    kept_reply second_load;
    kept_reply waiting;
    s.handle(post("/api/v1/models/load", R"({"model":")" + second + "\"}"), second_load, at(2s));
    s.handle(post("/v1/chat/completions", body_for(second)), waiting, at(2s));
    s.abandoned(second_load);
    CHECK(waiting.ended);
    CHECK(waiting.text.find("Model unloaded.") != std::string::npos);
    CHECK(in_memory(s) == first);
}

TEST_CASE("jit: a context that a native request asks for is that of the model it loads") {
    auto s = make_server({.cold = true, .load_seconds = 0});
    kept_reply to;
    s.handle(post("/api/v1/chat", native_body(first, R"(,"context_length":3000)")), to, at(0s));
    run_until(s, 5s);
    CHECK(s.all_models().instances().at(0).runs.settings().context_length == 3000);
    // Not of one that is there.
    CHECK(ask(s, post("/v1/chat/completions", body_for(first)), 6s).status() == 200);
    auto warm = make_server();
    CHECK(
        ask(warm, post("/api/v1/chat", native_body(first, R"(,"context_length":3000)"))).status() ==
        200);
    CHECK(warm.all_models().instances().at(0).runs.settings().context_length == 8192);
    CHECK(ask(warm, post("/api/v1/chat", native_body(first, R"(,"context_length":0)"))).status() ==
          400);
}

TEST_CASE("jit: an instance answers by its own name, whatever else is in memory") {
    auto s = make_server();
    CHECK(ask(s, post("/api/v1/models/load", R"({"model":")" + second + "\"}")).status() == 200);
    CHECK(ask(s, post("/api/v1/models/load", R"({"model":")" + second + "\"}")).status() == 200);
    for (const nanoseconds now : {0s, 3600s}) {  // while it is on its way, and when it is there
        const auto body = ask(s, post("/v1/chat/completions", body_for(second + ":2")), now).body();
        CHECK(std::string{body.at("model").as_string()} == second + ":2");
    }
    CHECK(ask(s, post("/v1/chat/completions", body_for("no/such")), 2h).status() == 400);
}
