// The chunks in which OpenAI's chat completions and completions are streamed, as LM Studio,
// llama.cpp, Ollama, vLLM, SGLang and others send them: one reader for all their dialects.

#include "api/api.hpp"
#include "api/failure_text.hpp"
#include "api/json_frame.hpp"

namespace lmstress::api {
namespace {

namespace json = boost::json;

class decoder final : public frame_decoder {
  public:
    void on_frame(const wire::sse_event& frame, event_sink& sink) override {
        if (frame.data == "[DONE]") return sink.on_event(event::end{});
        const json::object* o = json_.parse(frame.data);
        if (o == nullptr) {
            const bool named_error = frame.type == "error";
            return sink.on_event(event::failure{
                named_error ? classify_failure(200, frame.data) : failure_kind::bad_frame,
                frame.data});
        }
        if (frame.type == "error" || has_error(*o)) {
            const std::string_view message = error_message_in(*o);
            return sink.on_event(event::failure{classify_failure(200, frame.data),
                                                message.empty() ? frame.data : message});
        }
        read_chunk(*o, sink);
    }

    void on_end_of_body(event_sink& sink) override {
        // Some servers send no [DONE]; a finish_reason says as much.
        if (finished_) return sink.on_event(event::end{});
        sink.on_event(event::failure{failure_kind::truncated,
                                     "the stream ended without a finish_reason or [DONE]"});
    }

    /// Whether [DONE] follows an error is not documented anywhere.
    [[nodiscard]] bool error_is_final() const noexcept override { return true; }

  private:
    static bool has_error(const json::object& o) {
        const json::value* error = o.if_contains("error");
        return error != nullptr && !error->is_null();
    }

    void read_chunk(const json::object& o, event_sink& sink) {
        if (!opened_) {
            opened_ = true;
            sink.on_event(event::opened{.answered_by = string_at(o, "model")});
        }
        if (const json::object* progress = object_at(o, "prompt_progress")) {
            read_progress(*progress, sink);
        }
        const json::object* usage = object_at(o, "usage");
        const json::object* timings = object_at(o, "timings");
        tokens_so_far_ = {};
        if (timings != nullptr) tokens_so_far_ = count_at(*timings, "predicted_n");
        if (usage != nullptr) tokens_so_far_ = count_at(*usage, "completion_tokens");
        if (const json::value* choices = o.if_contains("choices"); choices && choices->is_array()) {
            for (const json::value& choice : choices->get_array()) {
                if (choice.is_object()) read_choice(choice.get_object(), sink);
            }
        }
        if (usage != nullptr) read_usage(*usage, sink);
        if (timings != nullptr) read_timings(*timings, sink);
    }

    /// llama.cpp with return_progress: {"total", "cache", "processed", "time_ms"}, of which
    /// `processed` includes `cache`.
    void read_progress(const json::object& o, event_sink& sink) {
        using step = event::prefill_progress::step;
        event::prefill_progress p{.at = step::start,
                                  .done = count_at(o, "processed"),
                                  .total = count_at(o, "total"),
                                  .cached = count_at(o, "cache"),
                                  .server_time_ms = number_at(o, "time_ms")};
        if (!in_prefill_) {
            in_prefill_ = true;
            sink.on_event(p);
        }
        p.at = p.done == p.total ? step::end : step::progress;
        sink.on_event(p);
    }

    void read_choice(const json::object& choice, event_sink& sink) {
        using kind = event::text::kind;
        if (const json::object* delta = object_at(choice, "delta")) {
            read_text(*delta, "reasoning_content", kind::reasoning, sink);
            read_text(*delta, "reasoning", kind::reasoning, sink);
            read_text(*delta, "content", kind::answer, sink);
            read_tool_calls(*delta, sink);
        }
        // Completions have no roles and no tools, only this.
        read_text(choice, "text", kind::answer, sink);
        if (const auto reason = string_at(choice, "finish_reason"); !reason.empty()) {
            finished_ = true;
            sink.on_event(event::finish{reason});
        }
    }

    void read_text(const json::object& delta, std::string_view key, event::text::kind of,
                   event_sink& sink) {
        const std::string_view content = string_at(delta, key);
        if (!content.empty()) sink.on_event(event::text{of, content, tokens_so_far_});
    }

    void read_tool_calls(const json::object& delta, event_sink& sink) {
        const json::value* calls = delta.if_contains("tool_calls");
        if (calls == nullptr || !calls->is_array()) return;
        for (const json::value& call : calls->get_array()) {
            const json::object* o = call.if_object();
            const json::object* function = o ? object_at(*o, "function") : nullptr;
            if (function == nullptr) continue;
            if (const auto name = string_at(*function, "name"); !name.empty()) {
                sink.on_event(event::text{event::text::kind::tool_arguments, name, tokens_so_far_});
            }
            read_text(*function, "arguments", event::text::kind::tool_arguments, sink);
        }
    }

    static void read_usage(const json::object& o, event_sink& sink) {
        event::usage usage{.input_tokens = count_at(o, "prompt_tokens"),
                           .output_tokens = count_at(o, "completion_tokens")};
        if (const json::object* details = object_at(o, "prompt_tokens_details")) {
            usage.cached_tokens = count_at(*details, "cached_tokens");
        }
        if (const json::object* details = object_at(o, "completion_tokens_details")) {
            usage.reasoning_tokens = count_at(*details, "reasoning_tokens");
        }
        sink.on_event(usage);
    }

    /// llama.cpp: `prompt_ms` runs from taking the prompt to sampling the first token, which is its
    /// own time to first token; the counts before generation are all zero and say nothing.
    static void read_timings(const json::object& o, event_sink& sink) {
        if (count_at(o, "predicted_n").value_or(0) == 0) return;
        event::server_stats stats{.tokens_per_second = number_at(o, "predicted_per_second")};
        if (const auto ms = number_at(o, "prompt_ms")) stats.ttft_seconds = *ms / 1000.0;
        sink.on_event(stats);
    }

    json_frame json_;
    std::optional<std::uint64_t> tokens_so_far_;
    bool opened_ = false;
    bool in_prefill_ = false;
    bool finished_ = false;
};

}  // namespace

std::unique_ptr<frame_decoder> make_openai_chunk_decoder() {
    return std::make_unique<decoder>();
}

}  // namespace lmstress::api
