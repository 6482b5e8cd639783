// The SDK's socket: what its messages say, how it is opened, and an answer at every split.

#include "api/answer_reader.hpp"
#include "api/body_patch.hpp"
#include "api/socket_opening.hpp"
#include "support/collecting_sink.hpp"
#include "support/splits.hpp"
#include "wire/web_socket.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
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

namespace {

boost::json::value parsed_body(const api::chat_request& request) {
    return boost::json::parse(api::find_api("lmstudio-sdk")->request_body(request));
}

/// The value of a key in the config of a prediction that a scenario's fields change.
boost::json::value config_with(const api::field_texts& fields, const std::string& key) {
    const auto& sdk = *api::find_api("lmstudio-sdk");
    const auto checked = api::check_request_fields("lmstudio-sdk", fields);
    CAPTURE(checked.has_error() ? checked.error().message : "");
    REQUIRE(checked.has_value());
    const api::body_patch patch{fields, "", sdk.set_field};
    const std::string body = patch.apply(sdk.request_body({.model = "m", .prompt = "Hi"}));
    const boost::json::value whole = boost::json::parse(body);
    const auto& layers = whole.at("predictionConfigStack").at("layers").as_array();
    boost::json::value found;
    int times = 0;
    for (const auto& f : layers.at(0).at("config").at("fields").as_array()) {
        if (f.at("key").as_string() != "llm.prediction." + key) continue;
        found = f.at("value");
        ++times;
    }
    CHECK(times == 1);
    return found;
}

}  // namespace

TEST_CASE("lmstudio-sdk: fields of a request stand in the config, as the SDK writes them") {
    struct row {
        const char* name;
        const char* value;
        const char* key;
        const char* written;
    };
    for (const row& r : {
             row{"temperature", "0.5", "temperature", "0.5"},
             row{"top_k", "20", "topKSampling", "20"},
             row{"top_p", "0.9", "topPSampling", R"({"checked":true,"value":0.9})"},
             row{"min_p", "0.1", "minPSampling", R"({"checked":true,"value":0.1})"},
             row{"repeat_penalty", "1.2", "repeatPenalty", R"({"checked":true,"value":1.2})"},
             row{"presence_penalty", "1", "llama.presencePenalty", R"({"checked":true,"value":1})"},
             row{"frequency_penalty", "1", "llama.frequencyPenalty",
                 R"({"checked":true,"value":1})"},
             row{"logit_bias", R"({"5":-1})", "llama.logitBias", "[[5,-1]]"},
             row{"max_tokens", "7", "maxPredictedTokens", R"({"checked":true,"value":7})"},
             row{"max_tokens", "-1", "maxPredictedTokens", R"({"checked":false,"value":1})"},
             row{"max_output_tokens", "7", "maxPredictedTokens", R"({"checked":true,"value":7})"},
             row{"seed", "3", "seed", R"({"checked":true,"value":3})"},
             row{"stop", R"("END")", "stopStrings", R"(["END"])"},
             row{"stop", R"(["a","b"])", "stopStrings", R"(["a","b"])"},
             row{"draft_model", R"("small")", "speculativeDecoding.draftModel", R"("small")"},
             row{"tools", R"([{"type":"function","function":{"name":"f"}}])", "tools",
                 R"({"type":"toolArray","tools":[{"type":"function","function":{"name":"f"}}]})"},
             row{"tool_choice", R"("required")", "toolChoice",
                 R"({"type":"generic","mode":"required"})"},
             row{"response_format",
                 R"({"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})",
                 "structured", R"({"type":"json","jsonSchema":{"type":"object"}})"},
             row{"response_format", R"({"type":"text"})", "structured", R"({"type":"none"})"},
             row{"reasoning", R"("off")", "reasoning.enableThinking", "false"},
             row{"reasoningBudget", "100", "reasoning.budgetTokens",
                 R"({"checked":true,"value":100})"},
             row{"contextOverflowPolicy", R"("stopAtLimit")", "contextOverflowPolicy",
                 R"("stopAtLimit")"},
         }) {
        CAPTURE(std::string{r.name});
        CHECK(config_with({{r.name, r.value}}, r.key) == boost::json::parse(r.written));
    }
    for (const auto& [name, value] :
         {std::pair{"reasoning", R"("low")"}, std::pair{"tool_choice", R"({"type":"function"})"},
          std::pair{"top_p", "2"}, std::pair{"ttl", "5"}}) {
        CHECK(api::check_request_fields("lmstudio-sdk", {{name, value}}).has_error());
    }
    // What is no setting of the prediction stands beside them.
    const auto& sdk = *api::find_api("lmstudio-sdk");
    const api::body_patch patch{{{"preset", R"("mine")"}}, "", sdk.set_field};
    const std::string body = patch.apply(sdk.request_body({.model = "m", .prompt = "Hi"}));
    CHECK(boost::json::parse(body).at("fuzzyPresetIdentifier").as_string() == "mine");
}

TEST_CASE("lmstudio-sdk: calls of tools and their results are parts of the history") {
    using role = api::chat_message::role;
    const std::vector<api::chat_message> earlier = {
        {.by = role::user, .text = "Where?"},
        {.by = role::assistant,
         .text = "",
         .calls = {{"1", "find", R"({"q":"x"})"}, {"2", "look", "{}"}}},
        {.by = role::tool, .text = "here", .answers = "1"},
        {.by = role::tool, .text = "there", .answers = "2"},
    };
    const auto body = parsed_body({.model = "m", .prompt = "", .earlier = earlier});
    CHECK(body.at("history").at("messages") == boost::json::parse(R"([
        {"role":"user","content":[{"type":"text","text":"Where?"}]},
        {"role":"assistant","content":[
            {"type":"toolCallRequest","toolCallRequest":
                {"id":"1","type":"function","name":"find","arguments":{"q":"x"}}},
            {"type":"toolCallRequest","toolCallRequest":
                {"id":"2","type":"function","name":"look","arguments":{}}}]},
        {"role":"tool","content":[
            {"type":"toolCallResult","content":"here","toolCallId":"1","name":"find"},
            {"type":"toolCallResult","content":"there","toolCallId":"2","name":"look"}]}])"));
}

TEST_CASE("lmstudio-sdk: an image is a file that the server was sent before") {
    const api::image image{"image/png", "iVBORw0=", "7-a.png"};
    const auto body = parsed_body({.model = "m", .prompt = "What?", .images = {&image, 1}});
    CHECK(body.at("history").at("messages").at(0).at("content").at(1) == boost::json::parse(R"(
        {"type":"file","name":"image.png","identifier":"7-a.png","sizeBytes":5,
         "fileType":"image"})"));
}

TEST_CASE("lmstudio-sdk: a call of a tool is text, its name as well, and drafts are counted") {
    CHECK(read(R"({"type":"toolCallGenerationStart"})").empty());
    CHECK(read(R"({"type":"toolCallGenerationNameReceived","name":"find"})") ==
          lines{"text tool_arguments 'find'"});
    CHECK(read(R"({"type":"toolCallGenerationArgumentFragmentGenerated","content":"{"})") ==
          lines{"text tool_arguments '{'"});
    const auto end = read(R"({"type":"success","stats":{"stopReason":"eosFound",
        "usedDraftModelKey":"tiny","totalDraftTokensCount":8,"acceptedDraftTokensCount":5,
        "rejectedDraftTokensCount":2,"ignoredDraftTokensCount":1}})");
    CHECK(std::count(end.begin(), end.end(),
                     "draft 5 of 8 accepted, 2 rejected, 1 ignored, by tiny") == 1);
}
