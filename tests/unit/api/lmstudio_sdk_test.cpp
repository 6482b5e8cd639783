// The SDK's socket: what its messages say, how it is opened, and an answer at every split.

#include "api/answer_reader.hpp"
#include "api/socket_opening.hpp"
#include "support/collecting_sink.hpp"
#include "support/splits.hpp"
#include "wire/web_socket.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
using lines = std::vector<std::string>;

namespace {

lines read(const std::string& message) {
    return test::decode("lmstudio-sdk",
                        R"({"type":"channelSend","channelId":1,"message":)" + message + '}');
}

std::string fragment(const char* content, int tokens, const char* reasoning = "none") {
    return R"({"type":"fragment","fragment":{"content":")" + std::string{content} +
           R"(","tokensCount":)" + std::to_string(tokens) +
           R"(,"containsDrafted":false,"isStructural":false,"reasoningType":")" + reasoning +
           "\"}}";
}

std::string frame(const std::string& text) {
    return wire::web_socket_frame(wire::web_socket_opcode::text, text);
}

std::string sent(const std::string& message) {
    return frame(R"({"type":"channelSend","channelId":1,"message":)" + message + '}');
}

const std::string success =
    R"({"type":"success","stats":{"stopReason":"eosFound","tokensPerSecond":20.5,
        "timeToFirstTokenSec":0.25,"promptTokensCount":7,"predictedTokensCount":4},
        "modelInfo":{"identifier":"mine"},"loadModelConfig":{"fields":[]},
        "predictionConfig":{"fields":[]}})";

}  // namespace

TEST_CASE("lmstudio-sdk: fragments carry their tokens, of an answer or of reasoning") {
    CHECK(read(fragment("Hi", 2)) == lines{"text answer 'Hi' #2"});
    CHECK(read(fragment("hm", 1, "reasoning")) == lines{"text reasoning 'hm' #1"});
    CHECK(read(fragment("<think>", 1, "reasoningStartTag")) ==
          lines{"text reasoning '<think>' #1"});
    CHECK(read(fragment("", 1)) == lines{"text answer '' #1"});
    CHECK(read(fragment("", 0)).empty());
}

TEST_CASE("lmstudio-sdk: the stats of the end, and reasons that are failures") {
    const lines end = read(success);
    REQUIRE(end.size() == 5);
    CHECK(end[0] == "opened by 'mine'");
    CHECK(end[3] == "finish eosFound");
    CHECK(end[4] == "end");
    const auto unloaded = read(R"({"type":"success","stats":{"stopReason":"modelUnloaded"}})");
    CHECK(unloaded.at(unloaded.size() - 2).starts_with("failure model_unloaded"));
}

TEST_CASE(
    "lmstudio-sdk: what is not about the prediction is nothing, what is not known is counted") {
    for (const char* quiet : {R"({"type":"channelAck","channelId":1,"ackId":2})",
                              R"({"type":"communicationWarning","warning":"x"})"}) {
        CHECK(test::decode("lmstudio-sdk", quiet).empty());
    }
    CHECK(read(R"({"type":"toolCallGenerationEnd","toolCallRequest":{}})").empty());
    CHECK(read(R"({"type":"other"})") == lines{"unknown 'other'"});
    CHECK(test::decode("lmstudio-sdk", "no json").at(0).starts_with("failure bad_frame"));
}

TEST_CASE("lmstudio-sdk: errors are told apart by their code, else by their words") {
    const auto error = [](const std::string& e) {
        return test::decode("lmstudio-sdk",
                            R"({"type":"channelError","channelId":1,"error":)" + e + '}')
            .at(0);
    };
    CHECK(error(R"({"title":"None","cause":"x","displayData":
        {"code":"generic.noModelMatchingQuery"}})") == "failure model_not_found: None: x");
    CHECK(error(R"({"title":"Context size has been exceeded."})")
              .starts_with("failure context_exhausted"));
    CHECK(error(R"({})").starts_with("failure server_error"));
    CHECK(test::decode("lmstudio-sdk", R"({"type":"channelClose","channelId":1})")
              .at(0)
              .starts_with("failure truncated"));
}

TEST_CASE("lmstudio-sdk: a whole answer at every split, with its acknowledgement and its pong") {
    const std::string bytes = wire::web_socket_frame(wire::web_socket_opcode::ping, "p") +
                              sent(R"({"type":"promptProcessingProgress","progress":0})") +
                              frame(R"({"type":"channelSend","channelId":1,"ackId":5,"message":)" +
                                    fragment("Hi", 1) + '}') +
                              sent(fragment(" there", 3)) + sent(success) +
                              frame(R"({"type":"channelClose","channelId":1})");
    lines whole;
    test::for_each_single_split(bytes, [&](const std::vector<std::string_view>& pieces) {
        test::collecting_sink sink;
        const auto reader = api::make_reader(*api::find_api("lmstudio-sdk"), sink);
        std::string replies;
        for (const std::string_view piece : pieces) {
            REQUIRE_FALSE(reader->over());
            reader->push(piece);
            replies += reader->take_reply();
        }
        if (whole.empty()) whole = sink.lines;
        REQUIRE(sink.lines == whole);
        REQUIRE(sink.frames == 5);
        REQUIRE(reader->over());
        REQUIRE(reader->settled());
        REQUIRE(reader->reusable());
        REQUIRE_FALSE(reader->failed());
        // A pong of one byte and the acknowledgement, both masked.
        REQUIRE(static_cast<unsigned char>(replies.at(0)) == 0x8A);
        REQUIRE(static_cast<unsigned char>(replies.at(7)) == 0x81);
    });
    CHECK(whole.at(1) == "text answer 'Hi' #1");
    CHECK(whole.at(2) == "text answer ' there' #4");
    CHECK(whole.back() == "end");
}

TEST_CASE("lmstudio-sdk: an answer that breaks off, at the server's word or without one") {
    const auto after = [](const std::string& bytes, bool closes) {
        test::collecting_sink sink;
        const auto reader = api::make_reader(*api::find_api("lmstudio-sdk"), sink);
        reader->push(bytes);
        if (closes) reader->close();
        CHECK(reader->over());
        CHECK_FALSE(reader->reusable());
        return sink.lines.back();
    };
    CHECK(after("", true).starts_with("failure reset"));
    CHECK(after(sent(fragment("Hi", 1)), true).starts_with("failure truncated"));
    CHECK(after(std::string{"\x88\x02\x03\xE9", 4}, false) ==
          "failure truncated: the server closed the WebSocket (1001)");
    CHECK(after("\x83\x01x", false).starts_with("failure bad_frame"));
    CHECK(after(std::string{"\x81\x7F\x00\x00\x00\x00\x00\x20\x00\x00", 10}, false)
              .starts_with("failure event_too_large"));
    // The result was there: what comes after it takes nothing from it.
    CHECK(after(sent(success), true) == "end");
}

TEST_CASE("lmstudio-sdk: a socket is opened at every split, and a refusal says why") {
    const std::string agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    const std::string good = agreed + frame(R"({"success":true})");
    test::for_each_single_split(good, [&](const std::vector<std::string_view>& pieces) {
        api::socket_opening opening{"hello"};
        std::string replies;
        for (const std::string_view piece : pieces) replies += opening.push(piece);
        REQUIRE(opening.over());
        REQUIRE_FALSE(opening.failed());
        REQUIRE(replies.size() == 2 + 4 + 5);  // the greeting, masked, once
    });
    const auto refused = [](const std::string& bytes, bool closes = false) {
        api::socket_opening opening{"hello"};
        static_cast<void>(opening.push(bytes));
        if (closes) opening.close();
        REQUIRE(opening.failed());
        return std::string{to_string(opening.failed()->kind)} + ' ' + opening.failed()->message;
    };
    CHECK(refused(agreed + frame(R"({"success":false,"error":"Invalid API token"})")) ==
          "unauthorized the SDK's socket refuses us: Invalid API token");
    CHECK(api::sdk_refusal("no", api::sdk_greeting("sk-lm-name:key")) ==
          "the SDK's socket refuses us: no");
    for (const char* token : {"", "secret", "sk-lm-name"}) {
        CHECK(api::sdk_refusal("no", api::sdk_greeting(token)) ==
              "the SDK's socket refuses us: no (it wants an API token of the form sk-lm-NAME:KEY, "
              "and was given none)");
    }
    CHECK(refused(agreed + frame("[]")).starts_with("bad_frame"));
    CHECK(refused("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}")
              .starts_with("unauthorized the server opens no WebSocket"));
    CHECK(refused("HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n"
                  "{\"error\":\"Unexpected endpoint or method. ()\"}")
              .starts_with("bad_request the server opens no WebSocket: Unexpected endpoint"));
    CHECK(refused("nonsense\r\n\r\n").starts_with("not_http"));
    CHECK(refused("", true).starts_with("reset"));
    CHECK(refused(agreed, true).starts_with("truncated"));
}

TEST_CASE("lmstudio-sdk: a request is a channel with a history and a limit") {
    const auto& sdk = *api::find_api("lmstudio-sdk");
    const std::string body = sdk.request_body(
        {.model = "m", .prompt = "Hi", .system_prompt = "Be brief.", .max_tokens = 9, .seed = 3});
    CHECK(boost::json::parse(sdk.message(4, body)) == boost::json::parse(R"({
        "type":"channelCreate","endpoint":"predict","channelId":4,"creationParameter":{
        "modelSpecifier":{"type":"query","query":{"identifier":"m"}},
        "history":{"messages":[
            {"role":"system","content":[{"type":"text","text":"Be brief."}]},
            {"role":"user","content":[{"type":"text","text":"Hi"}]}]},
        "predictionConfigStack":{"layers":[{"layerName":"apiOverride","config":{"fields":[
            {"key":"llm.prediction.maxPredictedTokens","value":{"checked":true,"value":9}},
            {"key":"llm.prediction.seed","value":{"checked":true,"value":3}}]}}]}}})"));
}
