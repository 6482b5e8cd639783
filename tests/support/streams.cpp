#include "support/streams.hpp"

#include <stdexcept>

namespace test {
namespace {

using namespace std::string_literals;

// Recorded from LM Studio 0.4.x (github.com/lmstudio-ai bug tracker and public client projects),
// llama.cpp b5517 and the README examples of the servers named; shortened, bytes otherwise kept.
std::vector<named_stream> recorded() {
    return {
        {"lmstudio-native",
         "event: chat.start\n"
         "data: {\"type\":\"chat.start\",\"model_instance_id\":\"google/gemma-4-e4b\"}\n\n"
         "event: prompt_processing.start\ndata: {\"type\":\"prompt_processing.start\"}\n\n"
         "event: prompt_processing.progress\n"
         "data: {\"type\":\"prompt_processing.progress\",\"progress\":1}\n\n"
         "event: prompt_processing.end\ndata: {\"type\":\"prompt_processing.end\"}\n\n"
         "event: message.start\ndata: {\"type\":\"message.start\"}\n\n"
         "event: message.delta\ndata: {\"type\":\"message.delta\",\"content\":\"Привет\"}\n\n"
         "event: message.delta\ndata: {\"type\":\"message.delta\",\"content\":\", мир.\"}\n\n"
         "event: message.end\ndata: {\"type\":\"message.end\"}\n\n"
         "event: chat.end\n"
         "data: {\"type\":\"chat.end\",\"result\":{\"model_instance_id\":\"google/gemma-4-e4b\","
         "\"output\":[{\"type\":\"message\",\"content\":\"Привет, мир.\"}],\"stats\":{"
         "\"input_tokens\":35,\"total_output_tokens\":2,\"reasoning_output_tokens\":0,"
         "\"tokens_per_second\":57.67937836049972,\"time_to_first_token_seconds\":0.107}}}\n\n"},
        {"lmstudio-native-load",
         "event: chat.start\ndata: {\"type\":\"chat.start\",\"model_instance_id\":\"g\"}\n\n"
         "event: model_load.start\ndata: {\"type\":\"model_load.start\"}\n\n"
         "event: model_load.progress\n"
         "data: {\"type\":\"model_load.progress\",\"progress\":0.65}\n\n"
         "event: model_load.end\n"
         "data: {\"type\":\"model_load.end\",\"load_time_seconds\":7.183}\n\n"},
        {"lmstudio-native-reasoning",
         "event: reasoning.start\ndata: {\"type\":\"reasoning.start\"}\n\n"
         "event: reasoning.delta\ndata: {\"type\":\"reasoning.delta\",\"content\":\"Need to\"}\n\n"
         "event: reasoning.end\ndata: {\"type\":\"reasoning.end\"}\n\n"
         "event: prompt_processing.end\ndata: {}\n\nevent: prompt_processing.end\ndata: {}\n\n"},
        {"lmstudio-native-tools",
         "event: tool_call.start\n"
         "data: {\"type\":\"tool_call.start\",\"tool\":\"model_search\",\"provider_info\":"
         "{\"type\":\"ephemeral_mcp\",\"server_label\":\"huggingface\"}}\n\n"
         "event: tool_call.failure\n"
         "data: {\"type\":\"tool_call.failure\",\"reason\":\"Cannot find tool with name "
         "open_browser.\",\"metadata\":{\"type\":\"invalid_name\"}}\n\n"},
        {"lmstudio-native-error",
         "event: error\n"
         "data: {\"type\":\"error\",\"error\":{\"type\":\"invalid_request\",\"message\":"
         "\"\\\"model\\\" is required\",\"code\":\"missing_required_parameter\"}}\n\n"},
        {"lmstudio-openai-first",
         "data: {\"id\":\"chatcmpl-um3b2l9t12bzrtha63q8\",\"object\":\"chat.completion.chunk\","
         "\"created\":1747835957,\"model\":\"gemma-2-2b-it\",\"choices\":[{\"index\":0,"
         "\"delta\":{\"role\":\"assistant\",\"content\":\"\\n\"},\"logprobs\":null,"
         "\"finish_reason\":null}]}\n\n"
         "data: {\"id\":\"chatcmpl-um3b2l9t12bzrtha63q8\",\"choices\":[{\"index\":0,\"delta\":{},"
         "\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"},
        {"lmstudio-openai-usage",
         "data: {\"id\":\"chatcmpl-xb8mn282eff3tiu46xz8t3\",\"object\":\"chat.completion.chunk\","
         "\"choices\":[],\"usage\":{\"prompt_tokens\":17,\"completion_tokens\":116,"
         "\"total_tokens\":133,\"completion_tokens_details\":{\"reasoning_tokens\":102}}}\n\n"
         "data: [DONE]\n\n"},
        {"lmstudio-openai-error-event",
         "event: error\ndata: {\"error\":{\"message\":\"The number of tokens to keep from the "
         "initial prompt is greater than the context length.\"}}\n\n"},
        {"lmstudio-spliced",
         "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"delta\":{\"content\":\"a\"data: {\"id\":"
         "\"chatcmpl-2\",\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n"},
        {"llamacpp-role-only",
         "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"role\":"
         "\"assistant\",\"content\":null}}],\"created\":1,\"id\":\"chatcmpl-x\"}\n\n"},
        {"llamacpp-timings",
         "data: {\"choices\":[],\"usage\":{\"completion_tokens\":50,\"prompt_tokens\":13},"
         "\"timings\":{\"prompt_n\":13,\"prompt_ms\":239.618,\"predicted_n\":50,"
         "\"predicted_ms\":680.938,\"predicted_per_second\":73.43}}\n\ndata: [DONE]\n\n"},
        {"llamacpp-error-field",
         "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
         "error: {\"code\":500,\"message\":\"Context size has been exceeded.\"}\n\n"},
        {"mlx-keepalive", ": keepalive 512/2048\n\n: keepalive 1024/2048\n\ndata: {\"a\":1}\n\n"},
        {"ollama-openai",
         "data: {\"id\":\"chatcmpl-9\",\"system_fingerprint\":\"fp_ollama\",\"choices\":[{"
         "\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"reasoning\":\"So\"},"
         "\"finish_reason\":null}]}\n\n"},
        {"vllm-length-with-text",
         "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" end\"},\"finish_reason\":"
         "\"length\"}],\"usage\":{\"completion_tokens\":4}}\n\ndata: [DONE]\n\n"},
        {"sglang-too-long",
         "data: {\"error\": {\"object\": \"error\", \"message\": \"The input (9000 tokens) is "
         "longer than the model's context length\", \"code\": 400}}\n\ndata: [DONE]\n\n"},
        {"spring-no-space", "data:{\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n"},
        {"anthropic-ping",
         "event: ping\ndata: {\"type\": \"ping\"}\n\nevent: message_stop\n"
         "data: {\"type\":\"message_stop\"}\n\n"},
    };
}

std::vector<named_stream> made() {
    return {
        {"empty", ""},
        {"only-blank-lines", "\n\n\r\n\r\r\n"},
        {"byte-order-mark",
         "\xEF\xBB\xBF"
         "data: after the mark\n\n"},
        {"half-byte-order-mark",
         "\xEF\xBB"
         "data: x\n\ndata: y\n\n"},
        {"second-byte-order-mark",
         "\xEF\xBB\xBF\xEF\xBB\xBF"
         "data: x\n\ndata: y\n\n"},
        {"carriage-returns", "event: a\rdata: 1\r\rdata: 2\r\r"},
        {"crlf", "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n"},
        {"mixed-line-ends", "data: 1\rdata: 2\ndata: 3\r\n\r\ndata: 4\n\r\n"},
        {"multi-line-data", "data: first\ndata: second\ndata\ndata: \ndata: last\n\n"},
        {"no-final-blank-line", "data: whole\n\ndata: cut"},
        {"no-final-blank-line-but-line", "data: whole\n\ndata: cut\n"},
        {"comments", ": one\n:two\n:\ndata: x\n: three\n\n: four\n\n"},
        {"id-and-retry", "id: 7\nretry: 250\ndata: x\n\nid: a\0b\ndata: y\n\nretry: 1x\n\n"s},
        {"unknown-fields", "foo: bar\ndata: x\nDATA: y\n data: z\nbaz\n\n"},
        {"one-space-only", "data:  two\ndata:\tnone\ndata:x\n\n"},
        {"event-without-data", "event: lonely\n\nevent: second\ndata: x\n\n"},
        {"empty-data", "data\n\ndata:\n\ndata: \n\ndata\ndata\n\n"},
        {"event-twice", "event: a\nevent: b\ndata: x\n\ndata: y\n\n"},
        {"colons-in-data", "data: a:b: c\ndata::d\n\n"},
        {"invalid-utf8", "data: \xFF\xFE\xC3\n\n"},
        {"nul-in-data", "data: a\0b\n\n"s},
    };
}

}  // namespace

const std::vector<named_stream>& streams() {
    static const std::vector<named_stream> all = [] {
        std::vector<named_stream> both = recorded();
        for (auto& s : made()) both.push_back(std::move(s));
        return both;
    }();
    return all;
}

const std::string& stream(const std::string& name) {
    for (const auto& s : streams()) {
        if (s.name == name) return s.bytes;
    }
    throw std::runtime_error("no stream " + name);
}

}  // namespace test
