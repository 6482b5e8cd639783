// Ollama's own API (POST /api/chat), a line of JSON each (https://docs.ollama.com/api/chat).

#include "api/api.hpp"
#include "api/chat_messages.hpp"
#include "api/failure_text.hpp"
#include "api/json_frame.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::api {
namespace {

namespace json = boost::json;

std::optional<double> seconds_at(const json::object& o, std::string_view key) {
    const auto nanoseconds = number_at(o, key);
    return nanoseconds ? std::optional{*nanoseconds / 1e9} : std::nullopt;
}

class decoder final : public frame_decoder {
  public:
    void on_frame(const wire::sse_event& line, event_sink& sink) override {
        const json::object* o = json_.parse(line.data);
        if (o == nullptr) return sink.on_event(event::failure{failure_kind::bad_frame, line.data});
        if (const json::value* error = o->if_contains("error"); error && !error->is_null()) {
            const std::string_view message = error_message_in(*o);
            return sink.on_event(event::failure{classify_failure(200, line.data),
                                                message.empty() ? line.data : message});
        }
        if (!opened_) {
            opened_ = true;
            sink.on_event(event::opened{.answered_by = string_at(*o, "model")});
        }
        if (const json::object* message = object_at(*o, "message")) read_message(*message, sink);
        const json::value* done = o->if_contains("done");
        if (done != nullptr && done->is_bool() && done->get_bool()) read_last(*o, sink);
    }

    void on_end_of_body(event_sink& sink) override {
        sink.on_event(
            event::failure{failure_kind::truncated, "the stream ended before a line was done"});
    }

    /// Ollama ends the body after it.
    [[nodiscard]] bool error_is_final() const noexcept override { return true; }

  private:
    static void read_message(const json::object& message, event_sink& sink) {
        using kind = event::text::kind;
        read_text(message, "thinking", kind::reasoning, sink);
        read_text(message, "content", kind::answer, sink);
        const json::value* calls = message.if_contains("tool_calls");
        if (calls == nullptr || !calls->is_array()) return;
        for (const json::value& call : calls->get_array()) {
            const json::object* o = call.if_object();
            const json::object* function = o != nullptr ? object_at(*o, "function") : nullptr;
            // The arguments come whole, with the name, as an object.
            if (function != nullptr) read_text(*function, "name", kind::tool_arguments, sink);
        }
    }

    static void read_text(const json::object& o, std::string_view key, event::text::kind of,
                          event_sink& sink) {
        const std::string_view content = string_at(o, key);
        if (!content.empty()) sink.on_event(event::text{of, content});
    }

    /// No time to first token is among the figures: prompt_eval_duration holds neither the wait for
    /// a slot nor the load.
    static void read_last(const json::object& o, event_sink& sink) {
        if (const auto reason = string_at(o, "done_reason"); !reason.empty()) {
            sink.on_event(event::finish{reason});
        }
        const event::usage usage{.input_tokens = count_at(o, "prompt_eval_count"),
                                 .output_tokens = count_at(o, "eval_count")};
        if (usage.input_tokens || usage.output_tokens) sink.on_event(usage);
        event::server_stats stats{.load_seconds = seconds_at(o, "load_duration")};
        const double seconds = seconds_at(o, "eval_duration").value_or(0.0);
        if (usage.output_tokens && seconds > 0) {
            stats.tokens_per_second = static_cast<double>(*usage.output_tokens) / seconds;
        }
        if (stats.load_seconds || stats.tokens_per_second) sink.on_event(stats);
        sink.on_event(event::end{});
    }

    json_frame json_;
    bool opened_ = false;
};

}  // namespace

std::string ollama_body(const chat_request& request) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object();
    write_messages(w, request, tool_style::ollama);
    w.field("stream", true);
    w.key("options").begin_object().field("num_predict", request.max_tokens);
    if (request.seed) w.field("seed", *request.seed);
    w.end_object().end_object();
    return body;
}

std::unique_ptr<frame_decoder> make_ollama_decoder() {
    return std::make_unique_for_overwrite<decoder>();
}

}  // namespace lmstress::api
