// The chunks in which OpenAI's chat completions and completions are streamed, as LM Studio,
// llama.cpp, Ollama, vLLM, SGLang and others send them: one reader for all their dialects, that of
// LM Studio's REST v0 among them (https://lmstudio.ai/docs/developer/rest/endpoints).

#include "api/api.hpp"
#include "api/error_frame.hpp"
#include "api/json_frame.hpp"
#include "api/llama_cpp.hpp"

namespace lmstress::api {
namespace {

namespace json = boost::json;

class decoder final : public frame_decoder {
  public:
    void on_frame(const wire::sse_event& frame, event_sink& sink) override {
        if (frame.data == "[DONE]") return sink.on_event(event::end{});
        const json::object* o = json_.parse(frame.data);
        if (o == nullptr) return sink.on_event(unreadable(frame));
        if (frame.type == "error" || has_error(*o)) {
            return sink.on_event(failure_in(*o, frame.data));
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
        llama_cpp_.read_progress(o, sink);
        const json::object* usage = object_at(o, "usage");
        tokens_so_far_ = llama_cpp_.tokens_so_far(o);
        if (usage != nullptr) tokens_so_far_ = count_at(*usage, "completion_tokens");
        if (const json::value* choices = o.if_contains("choices"); choices && choices->is_array()) {
            for (const json::value& choice : choices->get_array()) {
                if (choice.is_object()) read_choice(choice.get_object(), sink);
            }
        }
        if (usage != nullptr) read_usage(*usage, sink);
        llama_cpp_.read_timings(o, sink);
        if (const json::object* stats = object_at(o, "stats")) read_stats(*stats, sink);
        read_engine(o, sink);
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

    /// Of LM Studio's v0, on whichever chunk.
    static void read_engine(const json::object& o, event_sink& sink) {
        const json::object* model = object_at(o, "model_info");
        const json::object* runtime = object_at(o, "runtime");
        event::engine_facts facts;
        if (model != nullptr) {
            facts.arch = string_at(*model, "arch");
            facts.quant = string_at(*model, "quant");
            facts.format = string_at(*model, "format");
            facts.context_length = count_at(*model, "context_length");
        }
        if (runtime != nullptr) {
            facts.runtime = string_at(*runtime, "name");
            facts.runtime_version = string_at(*runtime, "version");
        }
        if (model != nullptr || runtime != nullptr) sink.on_event(facts);
    }

    /// Of LM Studio's v0, and with a draft model of its OpenAI routes, on whichever chunk. Why it
    /// stopped is said in its engine's own words, and a finish_reason goes before them.
    void read_stats(const json::object& o, event_sink& sink) {
        const event::server_stats stats{.ttft_seconds = number_at(o, "time_to_first_token"),
                                        .tokens_per_second = number_at(o, "tokens_per_second"),
                                        .load_seconds = {},
                                        .stop_reason = string_at(o, "stop_reason")};
        const auto reason = stats.stop_reason;
        if (stats.ttft_seconds || stats.tokens_per_second || !reason.empty()) sink.on_event(stats);
        if (const auto total = count_at(o, "total_draft_tokens_count")) {
            sink.on_event(event::draft_stats{
                .total = *total,
                .accepted = count_at(o, "accepted_draft_tokens_count").value_or(0),
                .rejected = count_at(o, "rejected_draft_tokens_count").value_or(0),
                .ignored = count_at(o, "ignored_draft_tokens_count").value_or(0),
                .model = string_at(o, "draft_model")});
        }
        if (finished_ || reason.empty()) return;
        finished_ = true;
        sink.on_event(event::finish{reason});
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

    json_frame json_;
    llama_cpp_reader llama_cpp_;
    std::optional<std::uint64_t> tokens_so_far_;
    bool opened_ = false;
    bool finished_ = false;
};

}  // namespace

std::unique_ptr<frame_decoder> make_openai_chunk_decoder() {
    return std::make_unique_for_overwrite<decoder>();
}

}  // namespace lmstress::api
