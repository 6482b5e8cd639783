// Chats that the built-in LM Studio remembers, without sockets.

#include "sim/server.hpp"
#include "support/asked_server.hpp"

#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>

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
