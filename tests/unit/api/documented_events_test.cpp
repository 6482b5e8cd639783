// Every type of event that the three APIs with named events document, each read knowingly.

#include "support/collecting_sink.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using test::body;

namespace {

/// https://lmstudio.ai/docs/developer/rest/streaming-events
constexpr std::string_view native[] = {"chat.start",
                                       "model_load.start",
                                       "model_load.progress",
                                       "model_load.end",
                                       "prompt_processing.start",
                                       "prompt_processing.progress",
                                       "prompt_processing.end",
                                       "reasoning.start",
                                       "reasoning.delta",
                                       "reasoning.end",
                                       "tool_call.start",
                                       "tool_call.arguments",
                                       "tool_call.success",
                                       "tool_call.failure",
                                       "message.start",
                                       "message.delta",
                                       "message.end",
                                       "error",
                                       "chat.end"};

/// https://docs.anthropic.com/en/docs/build-with-claude/streaming
constexpr std::string_view messages[] = {"message_start",
                                         "content_block_start",
                                         "content_block_delta",
                                         "content_block_stop",
                                         "message_delta",
                                         "message_stop",
                                         "ping",
                                         "error"};
constexpr std::string_view deltas[] = {"text_delta", "input_json_delta", "thinking_delta",
                                       "signature_delta", "citations_delta"};

/// https://platform.openai.com/docs/api-reference/responses-streaming
constexpr std::string_view responses[] = {"response.created",
                                          "response.queued",
                                          "response.in_progress",
                                          "response.completed",
                                          "response.incomplete",
                                          "response.failed",
                                          "response.output_item.added",
                                          "response.output_item.done",
                                          "response.content_part.added",
                                          "response.content_part.done",
                                          "response.output_text.delta",
                                          "response.output_text.done",
                                          "response.output_text.annotation.added",
                                          "response.refusal.delta",
                                          "response.refusal.done",
                                          "response.reasoning_text.delta",
                                          "response.reasoning_text.done",
                                          "response.reasoning_summary_part.added",
                                          "response.reasoning_summary_part.done",
                                          "response.reasoning_summary_text.delta",
                                          "response.reasoning_summary_text.done",
                                          "response.function_call_arguments.delta",
                                          "response.function_call_arguments.done",
                                          "response.custom_tool_call_input.delta",
                                          "response.custom_tool_call_input.done",
                                          "response.mcp_list_tools.in_progress",
                                          "response.mcp_list_tools.completed",
                                          "response.mcp_list_tools.failed",
                                          "response.mcp_call.in_progress",
                                          "response.mcp_call_arguments.delta",
                                          "response.mcp_call_arguments.done",
                                          "response.mcp_call.completed",
                                          "response.mcp_call.failed",
                                          "response.code_interpreter_call.in_progress",
                                          "response.code_interpreter_call.interpreting",
                                          "response.code_interpreter_call.completed",
                                          "response.code_interpreter_call_code.delta",
                                          "response.code_interpreter_call_code.done",
                                          "response.file_search_call.in_progress",
                                          "response.file_search_call.searching",
                                          "response.file_search_call.completed",
                                          "response.web_search_call.in_progress",
                                          "response.web_search_call.searching",
                                          "response.web_search_call.completed",
                                          "response.image_generation_call.in_progress",
                                          "response.image_generation_call.generating",
                                          "response.image_generation_call.partial_image",
                                          "response.image_generation_call.completed",
                                          "error"};

/// How many events of that frame are of an unknown type.
auto unknown_in(std::string_view api, const std::string& members) {
    const auto lines = test::decode(api, "data: {" + members + "}\n\n", body::goes_on);
    return std::count_if(lines.begin(), lines.end(),
                         [](const std::string& line) { return line.starts_with("unknown"); });
}

std::string typed(std::string_view type) {
    return R"("type":")" + std::string{type} + '"';
}

void check_all(std::string_view api, std::span<const std::string_view> types) {
    for (const std::string_view type : types) {
        CAPTURE(std::string{type});
        CHECK(unknown_in(api, typed(type)) == 0);
        CHECK(unknown_in(api, typed(std::string{type} + "s")) == 1);
    }
}

}  // namespace

TEST_CASE("documented events: none of LM Studio's own is unknown") {
    check_all("lmstudio", native);
}

TEST_CASE("documented events: none of Anthropic's is unknown, nor any kind of delta") {
    check_all("anthropic-messages", messages);
    for (const std::string_view type : deltas) {
        CAPTURE(std::string{type});
        CHECK(unknown_in("anthropic-messages",
                         typed("content_block_delta") + ",\"delta\":{" + typed(type) + "}") == 0);
    }
}

TEST_CASE("documented events: none of OpenAI's responses is unknown") {
    check_all("openai-responses", responses);
}
