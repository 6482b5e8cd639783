// LM Studio's REST v0: OpenAI's chunks (openai_chat_test.cpp), and the figures beside them.

#include "support/collecting_sink.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using lines = std::vector<std::string>;
using test::body;

namespace {

lines read(std::string_view stream, body b = body::goes_on) {
    return test::decode("lmstudio-v0", stream, b);
}

/// As documented (https://lmstudio.ai/docs/developer/rest/endpoints).
const std::string figures =
    R"("stats":{"tokens_per_second":51.5,"time_to_first_token":0.125,"generation_time":0.954,)"
    R"("stop_reason":"eosFound"},"model_info":{"arch":"granite","quant":"Q4_K_M","format":"gguf",)"
    R"("context_length":4096},"runtime":{"name":"llama.cpp-mac-arm64-apple-metal-advsimd",)"
    R"("version":"1.3.0","supported_formats":["gguf"]})";

const std::string engine =
    "engine 'granite' 'Q4_K_M' 'gguf' context=4096 'llama.cpp-mac-arm64-apple-metal-advsimd' "
    "'1.3.0'";

const std::string token =
    "data: {\"model\":\"granite\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";

}  // namespace

TEST_CASE("lmstudio_v0: figures beside the finish_reason, which goes before the stop_reason") {
    CHECK(read(token + R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}],)" +
               R"("usage":{"prompt_tokens":3,"completion_tokens":1},)" + figures +
               "}\n\ndata: [DONE]\n\n") ==
          lines{"opened by 'granite'", "text answer 'a'", "finish stop", "usage input=3 output=1",
                "stats ttft=0.125 rate=51.5 stop=eosFound", engine, "end"});
}

TEST_CASE("lmstudio_v0: figures in a chunk of their own; a stop_reason makes the answer whole") {
    CHECK(read(token + "data: {\"choices\":[]," + figures + "}\n\n", body::ends) ==
          lines{"opened by 'granite'", "text answer 'a'",
                "stats ttft=0.125 rate=51.5 stop=eosFound", "finish eosFound", engine, "end"});
}

TEST_CASE(
    "lmstudio_v0: a stream without figures, as 0.3.8 sent it, or with empty or strange ones") {
    const lines expected = {"opened by 'granite'", "text answer 'a'", "end"};
    CHECK(read(token + "data: [DONE]\n\n") == expected);
    for (const char* stats :
         {"{}", "null", "7", R"({"tokens_per_second":"fast","stop_reason":1})"}) {
        CAPTURE(std::string{stats});
        CHECK(read(token + "data: {\"choices\":[],\"stats\":" + stats + "}\n\ndata: [DONE]\n\n") ==
              expected);
    }
}

TEST_CASE("lmstudio_v0: an answer that is cut, and an error in it") {
    CHECK(read(token, body::ends).back().starts_with("failure truncated: "));
    CHECK(read(token + "event: error\ndata: {\"error\":{\"message\":\"Model unloaded.\"}}\n\n")
              .back() == "failure model_unloaded: Model unloaded.");
}

TEST_CASE("lmstudio_v0: completions are the same with a text for a delta") {
    CHECK(test::decode("lmstudio-v0-completions",
                       "data: {\"choices\":[{\"text\":\"a\",\"finish_reason\":\"stop\"}]," +
                           figures + "}\n\ndata: [DONE]\n\n",
                       body::goes_on) == lines{"opened by ''", "text answer 'a'", "finish stop",
                                               "stats ttft=0.125 rate=51.5 stop=eosFound", engine,
                                               "end"});
}

TEST_CASE("lmstudio_v0: what came of a draft model's tokens, on OpenAI's route too") {
    for (const char* api : {"lmstudio-v0", "openai-chat", "openai-completions"}) {
        CAPTURE(api);
        CHECK(test::decode(api,
                           "data: {\"choices\":[],\"stats\":{\"tokens_per_second\":50,"
                           "\"draft_model\":\"tiny\",\"total_draft_tokens_count\":40,"
                           "\"accepted_draft_tokens_count\":30,\"rejected_draft_tokens_count\":8,"
                           "\"ignored_draft_tokens_count\":2}}\n\ndata: [DONE]\n\n",
                           body::goes_on) ==
              lines{"opened by ''", "stats rate=50",
                    "draft 30 of 40 accepted, 8 rejected, 2 ignored, by tiny", "end"});
    }
}
