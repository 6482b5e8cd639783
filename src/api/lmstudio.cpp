// LM Studio's native API: POST /api/v1/chat, nineteen event types
// (https://lmstudio.ai/docs/developer/rest/streaming-events).

#include "api/api.hpp"
#include "api/data_url.hpp"
#include "api/error_frame.hpp"
#include "api/json_frame.hpp"
#include "wire/json_writer.hpp"

#include <array>

namespace lmstress::api {
namespace {

namespace json = boost::json;
using namespace std::string_view_literals;

void opened(const json::object& o, std::string_view, event_sink& sink) {
    sink.on_event(event::opened{.answered_by = string_at(o, "model_instance_id")});
}

void load_start(const json::object&, std::string_view, event_sink& sink) {
    sink.on_event(event::load_progress{.at = event::load_progress::step::start});
}
void load_progress(const json::object& o, std::string_view, event_sink& sink) {
    sink.on_event(event::load_progress{.at = event::load_progress::step::progress,
                                       .fraction = number_at(o, "progress").value_or(0.0)});
}
void load_end(const json::object& o, std::string_view, event_sink& sink) {
    sink.on_event(event::load_progress{.at = event::load_progress::step::end,
                                       .fraction = 1.0,
                                       .load_seconds = number_at(o, "load_time_seconds")});
}

void prefill_start(const json::object&, std::string_view, event_sink& sink) {
    sink.on_event(event::prefill_progress{.at = event::prefill_progress::step::start});
}
void prefill_progress(const json::object& o, std::string_view, event_sink& sink) {
    sink.on_event(event::prefill_progress{.at = event::prefill_progress::step::progress,
                                          .fraction = number_at(o, "progress")});
}
void prefill_end(const json::object&, std::string_view, event_sink& sink) {
    sink.on_event(event::prefill_progress{.at = event::prefill_progress::step::end});
}

void reasoning(const json::object& o, std::string_view, event_sink& sink) {
    sink.on_event(event::text{event::text::kind::reasoning, string_at(o, "content")});
}
void answer_text(const json::object& o, std::string_view, event_sink& sink) {
    sink.on_event(event::text{event::text::kind::answer, string_at(o, "content")});
}

void tool_start(const json::object& o, std::string_view, event_sink& sink) {
    sink.on_event(event::tool_call{event::tool_call::step::start, string_at(o, "tool")});
}
void tool_arguments(const json::object& o, std::string_view data, event_sink& sink) {
    // The arguments come whole, as an object: the frame's own text stands for them.
    sink.on_event(event::text{event::text::kind::tool_arguments, data});
    sink.on_event(event::tool_call{event::tool_call::step::arguments, string_at(o, "tool")});
}
void tool_success(const json::object& o, std::string_view, event_sink& sink) {
    sink.on_event(event::tool_call{event::tool_call::step::success, string_at(o, "tool")});
}
void tool_failure(const json::object& o, std::string_view, event_sink& sink) {
    const json::object* metadata = object_at(o, "metadata");
    sink.on_event(event::tool_call{event::tool_call::step::failure,
                                   metadata ? string_at(*metadata, "tool_name") : ""sv,
                                   string_at(o, "reason")});
}

void error(const json::object& o, std::string_view data, event_sink& sink) {
    sink.on_event(failure_in(o, data));
}

void chat_end(const json::object& o, std::string_view, event_sink& sink) {
    const json::object* result = object_at(o, "result");
    if (result != nullptr) {
        if (const auto by = string_at(*result, "model_instance_id"); !by.empty()) {
            sink.on_event(event::opened{.answered_by = by});
        }
        if (const auto id = string_at(*result, "response_id"); !id.empty()) {
            sink.on_event(event::answer_id{id});
        }
        if (const json::object* stats = object_at(*result, "stats")) {
            sink.on_event(
                event::usage{.input_tokens = count_at(*stats, "input_tokens"),
                             .output_tokens = count_at(*stats, "total_output_tokens"),
                             .reasoning_tokens = count_at(*stats, "reasoning_output_tokens")});
            sink.on_event(event::server_stats{
                .ttft_seconds = number_at(*stats, "time_to_first_token_seconds"),
                .tokens_per_second = number_at(*stats, "tokens_per_second"),
                .load_seconds = number_at(*stats, "model_load_time_seconds")});
        }
    }
    sink.on_event(event::end{});
}

void boundary(const json::object&, std::string_view, event_sink&) {}

struct row {
    std::string_view type;
    void (*read)(const json::object& o, std::string_view data, event_sink& sink);
};

// The ones that a stream is made of come first.
constexpr std::array event_types = {
    row{"message.delta", answer_text},
    row{"reasoning.delta", reasoning},
    row{"chat.start", opened},
    row{"model_load.start", load_start},
    row{"model_load.progress", load_progress},
    row{"model_load.end", load_end},
    row{"prompt_processing.start", prefill_start},
    row{"prompt_processing.progress", prefill_progress},
    row{"prompt_processing.end", prefill_end},
    row{"reasoning.start", boundary},
    row{"reasoning.end", boundary},
    row{"tool_call.start", tool_start},
    row{"tool_call.arguments", tool_arguments},
    row{"tool_call.success", tool_success},
    row{"tool_call.failure", tool_failure},
    row{"message.start", boundary},
    row{"message.end", boundary},
    row{"error", error},
    row{"chat.end", chat_end},
};
static_assert(event_types.size() == 19);

class decoder final : public frame_decoder {
  public:
    void on_frame(const wire::sse_event& frame, event_sink& sink) override {
        // Not documented, but several gateways append it.
        if (frame.data == "[DONE]") return;
        const json::object* o = json_.parse(frame.data);
        if (o == nullptr) return sink.on_event(event::failure{failure_kind::bad_frame, frame.data});
        // Some builds send {} as the data of the smaller events: the type is then in `event:`
        // alone.
        std::string_view type = string_at(*o, "type");
        if (type.empty()) type = frame.type;
        if (type.empty() && o->contains("error")) type = "error";
        for (const row& known : event_types) {
            if (known.type == type) return known.read(*o, frame.data, sink);
        }
        sink.on_event(event::unknown{type});
    }

    void on_end_of_body(event_sink& sink) override {
        sink.on_event(event::failure{failure_kind::truncated, "the stream ended without chat.end"});
    }

    /// An error event is followed by chat.end with whatever was generated.
    [[nodiscard]] bool error_is_final() const noexcept override { return false; }

  private:
    json_frame json_;
};

/// A text, or the items of the text and its images.
void write_input(wire::json_writer& w, const chat_request& request) {
    w.key("input");
    if (request.images.empty()) {
        w.value(request.prompt);
        return;
    }
    w.begin_array();
    w.begin_object().field("type", "text").field("content", request.prompt).end_object();
    for (const image& i : request.images) {
        w.begin_object().field("type", "image").field("data_url", data_url(i)).end_object();
    }
    w.end_array();
}

}  // namespace

std::string lmstudio_body(const chat_request& request) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object().field("model", request.model);
    write_input(w, request);
    if (!request.system_prompt.empty()) w.field("system_prompt", request.system_prompt);
    w.field("stream", true).field("max_output_tokens", request.max_tokens);
    if (!request.integrations.empty()) {
        w.key("integrations").begin_array();
        for (const std::string& one : request.integrations) w.raw(one);
        w.end_array();
    }
    if (!request.previous_response_id.empty())
        w.field("previous_response_id", request.previous_response_id);
    // The server keeps an answer for thirty days: only where a next turn goes on from it.
    w.field("store", request.store).end_object();
    return body;
}

std::unique_ptr<frame_decoder> make_lmstudio_decoder() {
    return std::make_unique_for_overwrite<decoder>();
}

}  // namespace lmstress::api
