#include "support/collecting_sink.hpp"
#include "support/streams.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using lmstress::api::chat_request;
using lines = std::vector<std::string>;
using test::body;

namespace {

lines read(std::string_view stream, body b = body::goes_on) {
    return test::decode("lmstudio", stream, b);
}

/// One frame, as the server sends it: the type in the `event:` line and again in the data.
lines frame(const std::string& type, const std::string& rest = "") {
    const std::string data = R"({"type":")" + type + '"' + (rest.empty() ? "" : "," + rest) + '}';
    const lines both = read("event: " + type + "\ndata: " + data + "\n\n");
    CHECK(read("data: " + data + "\n\n") == both);
    CHECK(read("event: " + type + "\ndata: {" + rest + "}\n\n").size() == both.size());
    return both;
}

std::vector<std::string> keys_of(const boost::json::object& o) {
    std::vector<std::string> keys;
    for (const auto& member : o) keys.emplace_back(member.key());
    return keys;
}

}  // namespace

TEST_CASE("lmstudio: chat.start names the instance that answers") {
    CHECK(frame("chat.start", R"("model_instance_id":"openai/gpt-oss-20b")") ==
          lines{"opened by 'openai/gpt-oss-20b'"});
}

TEST_CASE("lmstudio: the three model_load events are the load's beginning, progress and end") {
    CHECK(frame("model_load.start", R"("model_instance_id":"openai/gpt-oss-20b")") ==
          lines{"load start 0"});
    CHECK(frame("model_load.progress",
                R"("model_instance_id":"openai/gpt-oss-20b","progress":0.65)") ==
          lines{"load progress 0.65"});
    CHECK(frame("model_load.end",
                R"("model_instance_id":"openai/gpt-oss-20b","load_time_seconds":12.34)") ==
          lines{"load end 1 seconds=12.34"});
}

TEST_CASE("lmstudio: the three prompt_processing events are the prefill's") {
    CHECK(frame("prompt_processing.start") == lines{"prefill start"});
    CHECK(frame("prompt_processing.progress", R"("progress":0.5)") ==
          lines{"prefill progress fraction=0.5"});
    CHECK(frame("prompt_processing.end") == lines{"prefill end"});
}

TEST_CASE("lmstudio: deltas of reasoning and message are text, their boundaries nothing") {
    CHECK(frame("reasoning.start").empty());
    CHECK(frame("reasoning.delta", R"("content":"Need to")") == lines{"text reasoning 'Need to'"});
    CHECK(frame("reasoning.end").empty());
    CHECK(frame("message.start").empty());
    CHECK(frame("message.delta", R"("content":"The current")") ==
          lines{"text answer 'The current'"});
    CHECK(frame("message.end").empty());
}

TEST_CASE("lmstudio: a tool call is told from its start to its success or failure") {
    const std::string provider =
        R"("provider_info":{"type":"ephemeral_mcp","server_label":"huggingface"})";
    const std::string arguments = R"("arguments":{"sort":"trendingScore","limit":1})";
    CHECK(frame("tool_call.start", R"("tool":"model_search",)" + provider) ==
          lines{"tool start 'model_search'"});
    CHECK(frame("tool_call.success", R"("tool":"model_search",)" + arguments +
                                         R"(,"output":"[{\"type\":\"text\"}]",)" + provider) ==
          lines{"tool success 'model_search'"});
    CHECK(frame("tool_call.failure",
                R"("reason":"Cannot find tool with name open_browser.",)"
                R"("metadata":{"type":"invalid_name","tool_name":"open_browser"})") ==
          lines{"tool failure 'open_browser': Cannot find tool with name open_browser."});
}

TEST_CASE("lmstudio: whole tool arguments are one token-bearing event") {
    const std::string data =
        R"({"type":"tool_call.arguments","tool":"model_search","arguments":{"limit":1}})";
    CHECK(read("event: tool_call.arguments\ndata: " + data + "\n\n") ==
          lines{"text tool_arguments '" + data + "'", "tool arguments 'model_search'"});
}

TEST_CASE("lmstudio: an error event is a failure of the kind that its text says") {
    CHECK(frame("error", R"("error":{"type":"invalid_request","message":"\"model\" is required",)"
                         R"("code":"missing_required_parameter","param":"model"})")
              .size() == 1);
    CHECK(frame("error", R"("error":{"type":"unknown","message":"Model unloaded."})") ==
          lines{"failure model_unloaded: Model unloaded."});
    CHECK(read("data: {\"error\":{\"message\":\"Model unloaded.\"}}\n\n") ==
          lines{"failure model_unloaded: Model unloaded."});
}

TEST_CASE("lmstudio: chat.end brings the counts, the server's own figures and the end") {
    CHECK(frame("chat.end",
                R"("result":{"model_instance_id":"google/gemma-4-e4b","output":[{"type":)"
                R"("message","content":"Привет, мир. Это тест."}],"stats":{"input_tokens":35,)"
                R"("total_output_tokens":8,"reasoning_output_tokens":0,)"
                R"("tokens_per_second":57.67937836049972,"time_to_first_token_seconds":0.107,)"
                R"("model_load_time_seconds":7.183}})") ==
          lines{"opened by 'google/gemma-4-e4b'", "usage input=35 output=8 reasoning=0",
                "stats ttft=0.107 rate=57.67937836049972 load=7.183", "end"});
}

TEST_CASE("lmstudio: chat.end without a result, or with half of one, is the end all the same") {
    CHECK(read("event: chat.end\ndata: {}\n\n") == lines{"end"});
    CHECK(read("event: chat.end\ndata: {\"result\":{\"stats\":{}}}\n\n") ==
          lines{"usage", "stats", "end"});
    CHECK(read("event: chat.end\ndata: {\"result\":{\"stats\":{\"input_tokens\":\"35\","
               "\"total_output_tokens\":-1}}}\n\n") == lines{"usage", "stats", "end"});
}

TEST_CASE("lmstudio: the type stands in the event line alone where the data is {}") {
    CHECK(read("event: message.start\ndata: {}\n\nevent: prompt_processing.start\ndata: {}\n\n"
               "event: prompt_processing.end\ndata: {}\n\n") ==
          lines{"prefill start", "prefill end"});
}

TEST_CASE("lmstudio: prompt_processing.end may come twice") {
    CHECK(read(test::stream("lmstudio-native-reasoning")) ==
          lines{"text reasoning 'Need to'", "prefill end", "prefill end"});
}

TEST_CASE("lmstudio: a whole recorded stream") {
    CHECK(read(test::stream("lmstudio-native"), body::goes_on) ==
          lines{"opened by 'google/gemma-4-e4b'", "prefill start", "prefill progress fraction=1",
                "prefill end", "text answer 'Привет'", "text answer ', мир.'",
                "opened by 'google/gemma-4-e4b'", "usage input=35 output=2 reasoning=0",
                "stats ttft=0.107 rate=57.67937836049972", "end"});
}

TEST_CASE("lmstudio: [DONE] is neither the end nor an error") {
    CHECK(read("data: [DONE]\n\n").empty());
    CHECK(read("event: message.delta\ndata: {\"content\":\"a\"}\n\ndata: [DONE]\n\n") ==
          lines{"text answer 'a'"});
}

TEST_CASE("lmstudio: an event of an unknown type is reported as such and nothing breaks") {
    CHECK(read("event: chat.mood\ndata: {\"type\":\"chat.mood\",\"error\":null}\n\n"
               "event: message.delta\ndata: {\"content\":\"a\"}\n\n") ==
          lines{"unknown 'chat.mood'", "text answer 'a'"});
    CHECK(read("data: {}\n\n") == lines{"unknown ''"});
}

TEST_CASE("lmstudio: data that is no JSON object is a bad frame with its own text") {
    CHECK(read("event: message.delta\ndata: {\"content\":\"a\n\n") ==
          lines{"failure bad_frame: {\"content\":\"a"});
    CHECK(read("event: message.delta\ndata: [1]\n\n") == lines{"failure bad_frame: [1]"});
    CHECK(read("event: message.delta\ndata: {\"a\":1}{\"b\":2}\n\n") ==
          lines{"failure bad_frame: {\"a\":1}{\"b\":2}"});
}

TEST_CASE("lmstudio: a good frame is read after a bad one of any size") {
    const std::string large(100'000, 'x');
    CHECK(read("data: {\"a\":[{\"b\":\"" + large + "\"},{\"c\":[1,2,\n\n" +
               "event: message.delta\ndata: {\"content\":\"" + large + "\"}\n\n")
              .back() == "text answer '" + large + "'");
}

TEST_CASE("lmstudio: an error is not final, for chat.end follows it") {
    CHECK_FALSE(lmstress::api::make_lmstudio_decoder()->error_is_final());
    CHECK(read(test::stream("lmstudio-native-error") + "event: chat.end\ndata: {}\n\n").back() ==
          "end");
}

TEST_CASE("lmstudio: a body that ends without chat.end is truncated") {
    CHECK(read("event: message.delta\ndata: {\"content\":\"a\"}\n\n", body::ends) ==
          lines{"text answer 'a'", "failure truncated: the stream ended without chat.end"});
}

TEST_CASE("lmstudio: the request body has these keys and no others") {
    // The server refuses any key that it does not know.
    const auto v = boost::json::parse(lmstress::api::lmstudio_body(
        {.model = "m", .prompt = "say \"hi\"\n", .max_tokens = 7, .seed = 4, .llama_cpp = true}));
    CHECK(keys_of(v.as_object()) ==
          lines{"model", "input", "stream", "max_output_tokens", "store"});
    CHECK(v.at("model").as_string() == "m");
    CHECK(v.at("input").as_string() == "say \"hi\"\n");
    CHECK(v.at("stream").as_bool());
    CHECK(v.at("max_output_tokens").as_int64() == 7);
    CHECK_FALSE(v.at("store").as_bool());
}

TEST_CASE("lmstudio: a system prompt is sent where it is set") {
    const auto v = boost::json::parse(
        lmstress::api::lmstudio_body({.model = "m", .prompt = "p", .system_prompt = "be brief"}));
    CHECK(keys_of(v.as_object()) ==
          lines{"model", "input", "system_prompt", "stream", "max_output_tokens", "store"});
    CHECK(v.at("system_prompt").as_string() == "be brief");
}
