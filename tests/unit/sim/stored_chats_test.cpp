// Chats that the built-in LM Studio remembers, without sockets.

#include "sim/server.hpp"
#include "support/asked_server.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

using test::ask;
using test::make_server;
using test::post;
namespace json = boost::json;

namespace {

std::string native(const std::string& input, const std::string& more = "") {
    return R"({"model":"qwen/qwen3-4b","max_output_tokens":3,"input":")" + input + "\"" + more +
           "}";
}
std::string response(const std::string& input, const std::string& more = "") {
    return R"({"model":"qwen/qwen3-4b","max_output_tokens":3,"input":")" + input + "\"" + more +
           "}";
}
std::string after(const std::string& id) {
    return R"(,"previous_response_id":")" + id + "\"";
}
std::uint64_t input_tokens(const json::value& body) {
    const bool is_native = body.as_object().contains("stats");
    return body.at(is_native ? "stats" : "usage").at("input_tokens").to_number<std::uint64_t>();
}

}  // namespace

TEST_CASE("stored chats: ids are shared between the native route and responses") {
    auto s = make_server();
    const auto first = ask(s, post("/api/v1/chat", native("Hello there"))).body();
    const std::string id{first.at("response_id").as_string().c_str()};
    CHECK(id.starts_with("resp_"));
    CHECK(id.size() == 5 + 48);
    // "Hello there", "Here is a server" and "So?" are 30 characters.
    const auto second = ask(s, post("/v1/responses", response("So?", after(id)))).body();
    CHECK(input_tokens(second) == 8 + 8);
    CHECK(second.at("previous_response_id").as_string() == id);
    // The 27 before are in the cache.
    CHECK(second.at("usage").at("input_tokens_details").at("cached_tokens") == 8 + 6);
    const std::string next{second.at("id").as_string().c_str()};
    CHECK(next != id);
    const auto third = ask(s, post("/api/v1/chat", native("And?", after(next)))).body();
    CHECK(input_tokens(third) > input_tokens(second));
}

TEST_CASE("stored chats: an answer that is not to be stored cannot be gone on with") {
    auto s = make_server();
    const auto first = ask(s, post("/api/v1/chat", native("a", R"(,"store":false)"))).body();
    CHECK_FALSE(first.as_object().contains("response_id"));
    const auto unknown = ask(s, post("/api/v1/chat", native("b", after("resp_0"))));
    CHECK(unknown.status() == 400);
    CHECK(unknown.body().at("error").at("code").as_string() == "invalid_value");
    CHECK(unknown.body().at("error").at("param").as_string() == "previous_response_id");
    const auto also = ask(s, post("/v1/responses", response("b", after("resp_0abc"))));
    CHECK(also.status() == 400);
    CHECK(also.body().at("error").at("code").as_string() == "previous_response_not_found");
    const std::string message{also.body().at("error").at("message").as_string().c_str()};
    CHECK(message.find("0abc") != std::string::npos);
    CHECK(message.find("resp_") == std::string::npos);
}

namespace {

/// Keeps what the engine says of an answer.
struct told_reply final : lmstress::sim::reply {
    void suffer(const lmstress::sim::mishap&) override {}
    void send(std::string_view bytes) override { text += bytes; }
    void open_stream(std::string_view) override {}
    void send_event(std::string_view, const lmstress::sim::truth&) override {}
    void tell(const lmstress::sim::answer_truth& what) override {
        turn = what.turn;
        conversation = what.conversation;
    }
    void end() override {}
    void reset() override {}

    std::string text;
    std::uint64_t turn = 0;
    std::string conversation;
};

told_reply told(lmstress::sim::server& s, const std::string& id, const std::string& path,
                const std::string& body) {
    told_reply reply;
    auto request = post(path, body);
    request.request_id = id;
    s.handle(request, reply, test::at({}));
    test::run_until_idle(s);
    return reply;
}

std::string messages(const std::string& list) {
    return R"({"model":"qwen/qwen3-4b","max_tokens":3,"messages":[)" + list + "]}";
}

}  // namespace

TEST_CASE("stored chats: the truth tells which turn of which conversation an answer is") {
    auto s = make_server();
    const auto first = told(s, "a", "/api/v1/chat", native("Hello there"));
    CHECK(first.turn == 1);
    CHECK(first.conversation == "a");
    const std::string id{json::parse(first.text.substr(first.text.find("\r\n\r\n") + 4))
                             .at("response_id")
                             .as_string()};
    const auto second = told(s, "b", "/v1/responses", response("So?", after(id)));
    CHECK(second.turn == 2);
    CHECK(second.conversation == "a");
    // A history that is sent again is known by what was said.
    const std::string user = R"({"role":"user","content":"Hello"})";
    const std::string all = user + R"(,{"role":"assistant","content":"Here is a server"},)" + user;
    CHECK(told(s, "c", "/v1/chat/completions", messages(user)).turn == 1);
    for (const char* path : {"/v1/chat/completions", "/v1/messages", "/api/v0/chat/completions"}) {
        const auto next = told(s, "d", path, messages(all));
        CHECK(next.turn == 2);
        CHECK(next.conversation == "c");
    }
    // One that nobody said here begins with itself.
    const auto strange = told(s, "e", "/v1/chat/completions",
                              messages(user + R"(,{"role":"assistant","content":"No"},)" + user));
    CHECK(strange.turn == 2);
    CHECK(strange.conversation == "e");
    CHECK(told(s, "f", "/v1/embeddings", R"({"model":"m","input":"a"})").turn == 0);
}
