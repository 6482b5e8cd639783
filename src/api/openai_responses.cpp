// OpenAI's responses (POST /v1/responses), as LM Studio and llama.cpp stream them: typed events,
// each with its type in its JSON as well
// (https://platform.openai.com/docs/api-reference/responses-streaming).

#include "api/api.hpp"
#include "api/data_url.hpp"
#include "api/error_frame.hpp"
#include "api/json_frame.hpp"
#include "api/llama_cpp.hpp"
#include "wire/json_writer.hpp"

#include <array>

namespace lmstress::api {
namespace {

namespace json = boost::json;
using text_kind = event::text::kind;
using tool_step = event::tool_call::step;

constexpr std::string_view list_of_tools = "mcp_list_tools";

/// One event, and what is known of those before it.
struct frame {
    const json::object& o;
    std::string_view data;  ///< the text of `o`
    bool& arguments_came;   ///< the arguments of the call that is being made came in pieces
};

void boundary(const frame&, event_sink&) {}

void opened(const frame& f, event_sink& sink) {
    const json::object* response = object_at(f.o, "response");
    sink.on_event(event::opened{response ? string_at(*response, "model") : std::string_view{}});
}

void text(const frame& f, text_kind of, std::string_view content, event_sink& sink) {
    if (content.empty()) return;
    sink.on_event(event::text{of, content, llama_cpp_reader::tokens_so_far(f.o)});
}
void answer_delta(const frame& f, event_sink& sink) {
    text(f, text_kind::answer, string_at(f.o, "delta"), sink);
}
void reasoning_delta(const frame& f, event_sink& sink) {
    text(f, text_kind::reasoning, string_at(f.o, "delta"), sink);
}

void arguments_delta(const frame& f, event_sink& sink) {
    f.arguments_came = true;
    text(f, text_kind::tool_arguments, string_at(f.o, "delta"), sink);
}
/// LM Studio was seen to send the arguments whole, without any delta before them. After deltas they
/// are what has come already.
void arguments_done(const frame& f, event_sink& sink) {
    if (!f.arguments_came) text(f, text_kind::tool_arguments, string_at(f.o, "arguments"), sink);
    f.arguments_came = false;
}

/// A call begins with its name, which the model has generated as it does the arguments.
void item_added(const frame& f, event_sink& sink) {
    const json::object* item = object_at(f.o, "item");
    if (item == nullptr) return;
    const std::string_view type = string_at(*item, "type");
    const std::string_view name = string_at(*item, "name");
    f.arguments_came = false;
    // Asking a server for its tools takes its time as well.
    if (type == list_of_tools) sink.on_event(event::tool_call{tool_step::start, list_of_tools});
    if (type == "mcp_call") sink.on_event(event::tool_call{tool_step::start, name});
    if (type == "function_call") text(f, text_kind::tool_arguments, name, sink);
}

void mcp_arguments_done(const frame& f, event_sink& sink) {
    arguments_done(f, sink);
    sink.on_event(event::tool_call{tool_step::arguments, {}});
}
void list_success(const frame&, event_sink& sink) {
    sink.on_event(event::tool_call{tool_step::success, list_of_tools});
}
void list_failure(const frame& f, event_sink& sink) {
    sink.on_event(event::tool_call{tool_step::failure, list_of_tools, error_message_in(f.o)});
}
void tool_success(const frame&, event_sink& sink) {
    sink.on_event(event::tool_call{tool_step::success, {}});
}
void tool_failure(const frame& f, event_sink& sink) {
    sink.on_event(event::tool_call{tool_step::failure, {}, error_message_in(f.o)});
}

void read_usage(const json::object& response, event_sink& sink) {
    const json::object* o = object_at(response, "usage");
    if (o == nullptr) return;
    event::usage usage{.input_tokens = count_at(*o, "input_tokens"),
                       .output_tokens = count_at(*o, "output_tokens")};
    if (const json::object* details = object_at(*o, "input_tokens_details")) {
        usage.cached_tokens = count_at(*details, "cached_tokens");
    }
    if (const json::object* details = object_at(*o, "output_tokens_details")) {
        usage.reasoning_tokens = count_at(*details, "reasoning_tokens");
    }
    sink.on_event(usage);
}

/// Why it stopped: the reason for which it is incomplete, or else its status.
std::string_view finish_reason(const json::object& response) {
    if (const json::object* details = object_at(response, "incomplete_details")) {
        if (const auto reason = string_at(*details, "reason"); !reason.empty()) return reason;
    }
    return string_at(response, "status");
}

void finished(const frame& f, event_sink& sink) {
    llama_cpp_reader::read_timings(f.o, sink);
    if (const json::object* response = object_at(f.o, "response")) {
        if (const auto by = string_at(*response, "model"); !by.empty()) {
            sink.on_event(event::opened{by});
        }
        read_usage(*response, sink);
        if (const auto id = string_at(*response, "id"); !id.empty()) {
            sink.on_event(event::answer_id{id});
        }
        if (const auto reason = finish_reason(*response); !reason.empty()) {
            sink.on_event(event::finish{reason});
        }
    }
    sink.on_event(event::end{});
}

void error(const frame& f, event_sink& sink) {
    sink.on_event(failure_in(f.o, f.data));
}
void failed(const frame& f, event_sink& sink) {
    const json::object* response = object_at(f.o, "response");
    if (response != nullptr) read_usage(*response, sink);
    sink.on_event(failure_in(response != nullptr ? *response : f.o, f.data));
}

struct row {
    std::string_view type;
    void (*read)(const frame& f, event_sink& sink);
};

// The ones that a stream is made of come first
// (https://platform.openai.com/docs/api-reference/responses-streaming).
constexpr std::array event_types = {
    row{"response.output_text.delta", answer_delta},
    row{"response.reasoning_text.delta", reasoning_delta},
    row{"response.reasoning_summary_text.delta", reasoning_delta},
    row{"response.function_call_arguments.delta", arguments_delta},
    row{"response.created", opened},
    row{"response.queued", boundary},
    row{"response.in_progress", boundary},
    row{"response.output_item.added", item_added},
    row{"response.output_item.done", boundary},
    row{"response.content_part.added", boundary},
    row{"response.content_part.done", boundary},
    row{"response.output_text.annotation.added", boundary},
    row{"response.output_text.done", boundary},
    row{"response.refusal.delta", answer_delta},
    row{"response.refusal.done", boundary},
    row{"response.reasoning_text.done", boundary},
    row{"response.reasoning_summary_part.added", boundary},
    row{"response.reasoning_summary_part.done", boundary},
    row{"response.reasoning_summary_text.done", boundary},
    row{"response.function_call_arguments.done", arguments_done},
    row{"response.mcp_list_tools.in_progress", boundary},
    row{"response.mcp_list_tools.completed", list_success},
    row{"response.mcp_list_tools.failed", list_failure},
    row{"response.mcp_call.in_progress", boundary},
    row{"response.mcp_call_arguments.delta", arguments_delta},
    row{"response.mcp_call_arguments.done", mcp_arguments_done},
    row{"response.mcp_call.completed", tool_success},
    row{"response.mcp_call.failed", tool_failure},
    // Of the tools that OpenAI's own servers have, what the model writes is text, the rest is not.
    row{"response.custom_tool_call_input.delta", arguments_delta},
    row{"response.custom_tool_call_input.done", boundary},
    row{"response.code_interpreter_call_code.delta", arguments_delta},
    row{"response.code_interpreter_call_code.done", boundary},
    row{"response.code_interpreter_call.in_progress", boundary},
    row{"response.code_interpreter_call.interpreting", boundary},
    row{"response.code_interpreter_call.completed", boundary},
    row{"response.file_search_call.in_progress", boundary},
    row{"response.file_search_call.searching", boundary},
    row{"response.file_search_call.completed", boundary},
    row{"response.web_search_call.in_progress", boundary},
    row{"response.web_search_call.searching", boundary},
    row{"response.web_search_call.completed", boundary},
    row{"response.image_generation_call.in_progress", boundary},
    row{"response.image_generation_call.generating", boundary},
    row{"response.image_generation_call.partial_image", boundary},
    row{"response.image_generation_call.completed", boundary},
    row{"response.completed", finished},
    row{"response.incomplete", finished},
    row{"response.failed", failed},
    row{"error", error},
};

/// A user's text and the images with it.
void write_shown(wire::json_writer& w, std::string_view text, std::span<const image> images) {
    w.begin_array();
    w.begin_object().field("type", "input_text").field("text", text).end_object();
    for (const image& i : images) {
        w.begin_object().field("type", "input_image").field("image_url", data_url(i)).end_object();
    }
    w.end_array();
}

/// A text, or the items of what was said before and the text.
void write_input(wire::json_writer& w, const chat_request& request) {
    w.key("input");
    if (request.earlier.empty() && request.images.empty()) {
        w.value(request.prompt);
        return;
    }
    using role = chat_message::role;
    const auto user = [&](std::string_view content) {
        w.begin_object().field("role", "user").key("content");
        if (request.images.empty()) {
            w.value(content);
        } else {
            write_shown(w, content, request.images);
        }
        w.end_object();
    };
    // llama.cpp takes an answer as the item that it came as, and in no shorter form.
    const auto assistant = [&](std::string_view content) {
        w.begin_object().field("type", "message").field("role", "assistant").key("content");
        w.begin_array().begin_object().field("type", "output_text").field("text", content);
        w.end_object().end_array().end_object();
    };
    w.begin_array();
    for (const chat_message& m : request.earlier) {
        if (m.by == role::tool) {
            w.begin_object().field("type", "function_call_output").field("call_id", m.answers);
            w.field("output", m.text).end_object();
            continue;
        }
        if (m.by == role::user) {
            user(m.text);
        } else if (m.calls.empty() || !m.text.empty()) {
            assistant(m.text);
        }
        for (const tool_use& call : m.calls) {
            w.begin_object().field("type", "function_call").field("call_id", call.id);
            w.field("name", call.name).field("arguments", call.arguments).end_object();
        }
    }
    if (request.asks_anew()) user(request.prompt);
    w.end_array();
}

class decoder final : public frame_decoder {
  public:
    void on_frame(const wire::sse_event& sse, event_sink& sink) override {
        // Of no meaning here, but servers and gateways append it from habit.
        if (sse.data == "[DONE]") return;
        const json::object* o = json_.parse(sse.data);
        if (o == nullptr) return sink.on_event(unreadable(sse));
        std::string_view type = string_at(*o, "type");
        if (type.empty()) type = sse.type;
        if (type.empty() && o->contains("error")) type = "error";
        llama_cpp_.read_progress(*o, sink);
        read(type, {*o, sse.data, arguments_came_}, sink);
    }

    void on_end_of_body(event_sink& sink) override {
        sink.on_event(
            event::failure{failure_kind::truncated, "the stream ended without response.completed"});
    }

    /// After an `error` a response.failed may come, which says the same.
    [[nodiscard]] bool error_is_final() const noexcept override { return true; }

  private:
    static void read(std::string_view type, const frame& f, event_sink& sink) {
        for (const row& known : event_types) {
            if (known.type == type) return known.read(f, sink);
        }
        sink.on_event(event::unknown{type});
    }

    json_frame json_;
    llama_cpp_reader llama_cpp_;
    bool arguments_came_ = false;
};

}  // namespace

std::string openai_responses_body(const chat_request& request) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object().field("model", request.model);
    if (!request.system_prompt.empty()) w.field("instructions", request.system_prompt);
    write_input(w, request);
    w.field("stream", true);
    w.field("max_output_tokens", request.max_tokens);
    if (!request.previous_response_id.empty())
        w.field("previous_response_id", request.previous_response_id);
    // The server would keep each answer: only where a next turn goes on from it.
    w.field("store", request.store);
    if (request.llama_cpp) w.field("return_progress", true).field("timings_per_token", true);
    w.end_object();
    return body;
}

std::unique_ptr<frame_decoder> make_openai_responses_decoder() {
    return std::make_unique_for_overwrite<decoder>();
}

}  // namespace lmstress::api
