// The built-in LM Studio's routes, without sockets: requests and times in, bytes out.

#include "sim/server.hpp"

#include "sim/session.hpp"
#include "support/asked_server.hpp"

#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;
using lmstress::nanoseconds;
using lmstress::sim::server;
using lmstress::sim::truth;
using test::ask;
using test::at;
using test::kept_reply;
using test::make_server;
using test::post;
using test::run_until_idle;
namespace json = boost::json;

namespace {

std::string instances(server& s) {
    kept_reply to;
    s.handle({.method = "GET",
              .path = "/api/v1/models",
              .authorization = {},
              .request_id = {},
              .body = {}},
             to, at(1h));
    const json::value body = to.body();
    std::string out;
    for (const auto& m : body.at("models").as_array()) {
        for (const auto& i : m.at("loaded_instances").as_array()) {
            out += std::string{i.at("id").as_string().c_str()} + "/" +
                   std::to_string(i.at("config").at("parallel").to_number<int>()) + " ";
        }
    }
    return out;
}

}  // namespace

TEST_CASE("sim server: a native answer that is not streamed") {
    server s = make_server();
    const auto r = ask(s, post("/api/v1/chat", R"({"model":"qwen/qwen3-4b","input":"Hello there",)"
                                               R"("max_output_tokens":3})"));
    CHECK(r.status() == 200);
    const json::value body = r.body();
    CHECK(body.at("model_instance_id").as_string() == "qwen/qwen3-4b");
    CHECK(body.at("output").at(0).at("content").as_string() == "Here is a server");
    CHECK(body.at("stats").at("input_tokens").to_number<int>() ==
          8 + 3);  // template, 11 characters
    CHECK(body.at("stats").at("total_output_tokens").to_number<int>() == 3);
    // T(0, 11) = 12 ms + 11 * 0.25 ms
    CHECK(body.at("stats").at("time_to_first_token_seconds").to_number<double>() ==
          doctest::Approx(0.01475));
    CHECK(body.as_object().contains("response_id"));
}

TEST_CASE("sim server: an OpenAI answer that is not streamed, and what finish_reason says") {
    server s = make_server({.answer_tokens = 5});
    const std::string begin =
        R"({"model":"qwen/qwen3-4b","messages":[{"role":"user","content":"Hi"}])";
    const auto cut = ask(s, post("/v1/chat/completions", begin + R"(,"max_tokens":2})")).body();
    CHECK(cut.at("choices").at(0).at("finish_reason").as_string() == "length");
    CHECK(cut.at("usage").at("completion_tokens").to_number<int>() == 2);
    for (const char* end : {"}", R"(,"max_tokens":-1})"}) {
        const auto whole = ask(s, post("/v1/chat/completions", begin + end), 1h).body();
        CHECK(whole.at("choices").at(0).at("finish_reason").as_string() == "stop");
        CHECK(whole.at("usage").at("completion_tokens").to_number<int>() == 5);
    }
}

TEST_CASE("sim server: an unknown model is refused, or answered by the only one in memory") {
    server s = make_server();
    const auto native = ask(s, post("/api/v1/chat", R"({"model":"nope","input":"x"})"));
    CHECK(native.status() == 404);
    CHECK(native.error("type") == "model_not_found");
    const std::string body = R"({"model":"nope","messages":[],"max_tokens":1})";
    CHECK(ask(s, post("/v1/chat/completions", body)).body().at("model").as_string() ==
          "qwen/qwen3-4b");
    ask(s, post("/api/v1/models/load", R"({"model":"google/gemma-3-1b"})"));
    const auto refused = ask(s, post("/v1/chat/completions", body), 1h);
    CHECK(refused.status() == 400);
    CHECK(refused.error("code") == "model_not_found");
}

TEST_CASE("sim server: /api/v1 refuses unknown keys, missing ones and bad values") {
    server s = make_server();
    const auto code_of = [&](const char* path, const char* body) {
        const auto r = ask(s, post(path, body));
        CHECK(r.status() == 400);
        return r.error("code");
    };
    CHECK(code_of("/api/v1/chat", R"({"model":"qwen/qwen3-4b","input":"x","ttl":5})") ==
          "unrecognized_keys");
    CHECK(code_of("/api/v1/models/load", R"({"model":"qwen/qwen3-4b","num_parallel":4})") ==
          "unrecognized_keys");
    CHECK(code_of("/api/v1/models/unload", R"({"model":"qwen/qwen3-4b"})") == "unrecognized_keys");
    CHECK(code_of("/api/v1/chat", R"({"input":"x"})") == "missing_required_parameter");
    for (const char* bad : {"0", "-1", "0.5", "null", "\"x\""}) {
        const std::string body =
            R"({"model":"qwen/qwen3-4b","input":"x","max_output_tokens":)" + std::string{bad} + "}";
        CHECK(code_of("/api/v1/chat", body.c_str()) == "invalid_value");
    }
    CHECK(code_of("/api/v1/models/load", R"({"model":"qwen/qwen3-4b","parallel":1024})") ==
          "invalid_value");
    CHECK(code_of("/api/v1/models/load", R"({"model":"qwen/qwen3-4b","context_length":0})") ==
          "invalid_value");
}

TEST_CASE("sim server: a further load is a further instance; unload takes one away") {
    server s = make_server();
    const auto loaded =
        ask(s, post("/api/v1/models/load",
                    R"({"model":"qwen/qwen3-4b","parallel":2,"echo_load_config":true})"));
    CHECK(loaded.body().at("instance_id").as_string() == "qwen/qwen3-4b:2");
    CHECK(loaded.body().at("load_config").at("parallel").to_number<int>() == 2);
    CHECK(instances(s) == "qwen/qwen3-4b/4 qwen/qwen3-4b:2/2 ");
    CHECK(ask(s, post("/api/v1/models/unload", R"({"instance_id":"qwen/qwen3-4b"})")).status() ==
          200);
    CHECK(instances(s) == "qwen/qwen3-4b:2/2 ");
    CHECK(ask(s, post("/api/v1/models/unload", R"({"instance_id":"gone"})")).status() == 404);
}

TEST_CASE("sim server: the settings of a load are read back, unless they are ignored") {
    const auto load =
        post("/api/v1/models/load", R"({"model":"openai/gpt-oss-20b","echo_load_config":true,)"
                                    R"("flash_attention":false,"num_experts":2,"parallel":3})");
    server s = make_server();
    const json::value config = ask(s, load).body().at("load_config");
    CHECK_FALSE(config.at("flash_attention").as_bool());
    CHECK(config.at("num_experts").to_number<int>() == 2);
    CHECK(config.at("offload_kv_cache_to_gpu").as_bool());
    CHECK(config.at("parallel").to_number<int>() == 3);
    server deaf = make_server({.ignore_load_config = true});
    CHECK(ask(deaf, load).body().at("load_config").at("parallel").to_number<int>() == 4);
}

TEST_CASE("sim server: an embedding model has a context length and nothing else") {
    server s = make_server();
    const auto loaded =
        ask(s, post("/api/v1/models/load", R"({"model":"text-embedding-nomic-embed-text-v1.5",)"
                                           R"("echo_load_config":true})"))
            .body();
    CHECK(loaded.at("type").as_string() == "embedding");
    CHECK(loaded.at("load_config").as_object().size() == 1);
}

TEST_CASE("sim server: REST v0 has an entry for each instance, and is all there is before 0.4") {
    server s = make_server({.native = false});
    const auto get = [&](const char* path) {
        auto request = post(path, "");
        request.method = "GET";
        return ask(s, request);
    };
    CHECK(get("/api/v1/models").text.find("Unexpected endpoint") != std::string::npos);
    const json::value list = get("/api/v0/models").body();
    CHECK(list.at("data").at(0).at("state").as_string() == "loaded");
    CHECK(list.at("data").at(1).at("state").as_string() == "not-loaded");
    CHECK(list.at("data").at(2).at("type").as_string() == "vlm");
    CHECK(get("/api/v0/models/google%2Fgemma-3-1b").body().at("arch").as_string() == "gemma3_text");
    CHECK(get("/api/v0/models/nope").status() == 404);
}

TEST_CASE("sim server: a download goes on with time, ends or fails, and is on the disk then") {
    server s = make_server({.download_seconds = 4});
    const auto status_of = [&](const json::value& started, nanoseconds now) {
        auto request = post("/api/v1/models/download/status/" +
                                std::string{started.at("job_id").as_string().c_str()},
                            "");
        request.method = "GET";
        return ask(s, request, now).body();
    };
    const auto good =
        ask(s, post("/api/v1/models/download", R"({"model":"lmstress/tiny"})")).body();
    const json::value half = status_of(good, 1s);
    CHECK(half.at("status").as_string() == "downloading");
    CHECK(half.at("downloaded_bytes").to_number<double>() / 2279145003 == doctest::Approx(0.25));
    CHECK(half.at("estimated_completion").as_string() == "2025-10-03T15:33:27.496Z");
    CHECK(status_of(good, 5s).at("status").as_string() == "completed");
    const auto again = ask(s, post("/api/v1/models/download", R"({"model":"lmstress/tiny"})"), 6s);
    CHECK(again.body().at("status").as_string() == "already_downloaded");

    const auto bad =
        ask(s, post("/api/v1/models/download", R"({"model":"a/x-broken"})"), 6s).body();
    CHECK(status_of(bad, 7s).at("status").as_string() == "downloading");
    CHECK(status_of(bad, 20s).at("status").as_string() == "failed");
    CHECK(ask(s, post("/api/v1/models/download", R"({"model":"a/x-unknown"})")).status() == 404);
    json::value gone = good;
    gone.at("job_id") = "job_0";
    CHECK(status_of(gone, 21s).at("error").at("type").as_string() == "job_not_found");
}

TEST_CASE("sim server: unloading ends what runs on it and what waits for it") {
    server s = make_server();
    kept_reply running;
    s.handle(post("/api/v1/chat", R"({"model":"qwen/qwen3-4b","input":"x","stream":true})"),
             running, at(0s));
    ask(s, post("/api/v1/models/unload", R"({"instance_id":"qwen/qwen3-4b"})"), 1ms);
    CHECK(running.ended);
    CHECK(running.text.find("Model unloaded.") != std::string::npos);
    CHECK(running.text.find("event: chat.end") != std::string::npos);

    kept_reply loading;
    s.handle(post("/api/v1/models/load", R"({"model":"google/gemma-3-1b"})"), loading, at(2ms));
    CHECK_FALSE(loading.ended);
    ask(s, post("/api/v1/models/unload", R"({"instance_id":"google/gemma-3-1b"})"), 3ms);
    CHECK(loading.ended);
    CHECK(loading.status() == 500);
}

TEST_CASE("sim server: a token, and paths that nobody knows") {
    server s = make_server({.api_token = "sk-lm-right"});
    auto request = post("/v1/chat/completions", "{}");
    CHECK(ask(s, request).status() == 401);
    CHECK(ask(s, request).error("code") == "invalid_api_key");
    request.authorization = "Bearer sk-lm-wrong";
    CHECK(ask(s, request).status() == 401);
    request.authorization = "Bearer sk-lm-right";
    CHECK(ask(s, request).status() == 400);  // let in; it has no messages
    server open = make_server();
    CHECK(ask(open, post("/v1/nothing", "{}")).status() == 200);
    CHECK(ask(open, post("/v1/nothing", "{}")).text.find("Unexpected endpoint") !=
          std::string::npos);
    CHECK(ask(open, post("/api/v1/nothing", "{}")).status() == 404);
}

TEST_CASE("sim server: the JIT race, and the events of a load") {
    server s = make_server({.cold = true, .jit_ttl = 0s});
    CHECK(instances(s).empty());
    const auto chat =
        post("/api/v1/chat",
             R"({"model":"qwen/qwen3-4b","input":"x","stream":true,"max_output_tokens":1})");
    kept_reply first, second;
    s.handle(chat, first, at(0s));
    s.handle(chat, second, at(1s));
    run_until_idle(s);
    CHECK(instances(s) == "qwen/qwen3-4b/4 qwen/qwen3-4b:2/4 ");
    for (const char* event :
         {"chat.start", "model_load.start", "model_load.progress", "model_load.end",
          "prompt_processing.start", "message.delta", "chat.end"}) {
        CAPTURE(std::string{event});
        CHECK(first.text.find("event: " + std::string{event}) != std::string::npos);
    }
    CHECK(first.text.find("\"model_load_time_seconds\":2") != std::string::npos);
    CHECK(second.text.find("qwen/qwen3-4b:2") != std::string::npos);
}

TEST_CASE(
    "sim session: pipelined requests one after another, and a connection that is to be closed") {
    struct kept_output final : lmstress::sim::output {
        void write(std::string_view bytes) override { text += bytes; }
        void on_event(const truth&) override {}
        void hang_up() override { closed = true; }
        void reset() override {}
        void on_request(std::string_view) override { ++requests; }
        void on_answered() override { ++answered; }
        std::string text;
        int requests = 0, answered = 0;
        bool closed = false;
    } out;
    server s = make_server();
    lmstress::sim::session client{s, out};
    const std::string get = "GET /v1/models HTTP/1.1\r\nHost: x\r\n";
    const std::string last = get + "Connection: close\r\n\r\n";
    client.push(get + "\r\n" + last + get + "\r\n", at(0s));
    CHECK(out.requests == 2);  // what came after the last one is not answered
    CHECK(out.answered == 1);
    CHECK(out.closed);
    lmstress::sim::session garbage{s, out};
    out.closed = false;
    garbage.push("hello\r\n\r\n", at(0s));
    CHECK(out.closed);
}

TEST_CASE("sim server: faults strike chats and nothing else") {
    using lmstress::sim::fault;
    server s = make_server({.faults = {{fault::reset_before}}});
    CHECK(instances(s) == "qwen/qwen3-4b/4 ");
    CHECK(ask(s, post("/api/v1/models/load", R"({"model":"google/gemma-3-1b"})")).status() == 200);
    for (const char* path : {"/api/v1/chat", "/v1/chat/completions", "/v1/completions",
                             "/v1/responses", "/api/v0/chat/completions"}) {
        kept_reply to;
        s.handle(post(path, R"({"model":"qwen/qwen3-4b","input":"x","messages":[],"prompt":"x"})"),
                 to, at(1h));
        CHECK(to.broken);
        CHECK(to.text.empty());
        CHECK_FALSE(s.next_due());
    }
}

TEST_CASE("sim server: the body of a fault is that of its API") {
    using lmstress::sim::fault;
    struct row {
        fault kind;
        int status;
        const char* native;  // in error.type
        const char* openai;  // in the body
    };
    for (const row& r :
         {row{fault::status_401, 401, "invalid_request", "invalid_api_key"},
          row{fault::status_404, 404, "model_not_found", "\"code\": \"model_not_found\""},
          row{fault::status_429, 429, "unknown", "\"code\": \"rate_limit_exceeded\""},
          row{fault::status_500, 500, "internal_error", R"({"error":"Engine protocol predict)"},
          row{fault::ok_with_error, 200, "internal_error", R"({"error":{"message":"Model unl)"},
          row{fault::slot_timeout, 400, "internal_error",
              R"({"error":"Engine protocol predict)"}}) {
        server s = make_server({.faults = {{r.kind}}});
        const auto native = ask(s, post("/api/v1/chat", "{}"));
        CHECK(native.status() == r.status);
        CHECK(native.error("type") == r.native);
        const auto openai = ask(s, post("/v1/chat/completions", "{}"), 1h);
        CHECK(openai.status() == r.status);
        CHECK(openai.body().is_object());
        CHECK(openai.text.find(r.openai) != std::string::npos);
    }
    server none = make_server({.faults = {{fault::status_404}}});
    CHECK(ask(none, post("/api/v1/chat", R"({"model":"a\"b","input":"x"})")).error("message") ==
          "Invalid model identifier \"a\"b\"");
    server s = make_server({.faults = {{fault::html_500}}});
    const auto page = ask(s, post("/api/v1/chat", "{}"));
    CHECK(page.status() == 500);
    CHECK(page.text.find("Content-Type: text/html; charset=utf-8\r\n") != std::string::npos);
    CHECK(page.text.find("<pre>Internal Server Error</pre>") != std::string::npos);
}

TEST_CASE("sim server: a chat that is kept waiting is forgotten when its client goes") {
    using lmstress::sim::fault;
    for (const fault kind : {fault::slow_headers, fault::slot_timeout, fault::no_headers}) {
        server s = make_server({.faults = {{kind}}});
        kept_reply to;
        s.handle(post("/api/v1/chat", R"({"model":"qwen/qwen3-4b","input":"x"})"), to, at(0s));
        CHECK(s.next_due().has_value() == (kind != fault::no_headers));
        s.advance(at(2s));
        CHECK(to.text.empty());
        s.abandoned(to);
        CHECK_FALSE(s.next_due());
        s.advance(at(1h));
        CHECK(to.text.empty());
    }
}
