// OpenAI's embeddings (POST /v1/embeddings), as LM Studio, llama.cpp and others speak them: one
// body, no stream and no generated text.

#include "api/api.hpp"
#include "api/failure_text.hpp"
#include "api/json_frame.hpp"
#include "wire/json_writer.hpp"

#include <string>

namespace lmstress::api {
namespace {

namespace json = boost::json;

/// The bytes that base64 stands for; padding stands for none.
std::uint64_t bytes_of(std::string_view base64) {
    while (base64.ends_with('=')) base64.remove_suffix(1);
    return base64.size() * 3 / 4;
}

/// Numbers, or base64 of four bytes each where the request wanted that. 0: it is no vector.
std::uint64_t size_of(const json::value& item) {
    const json::object* o = item.if_object();
    const json::value* vector = o != nullptr ? o->if_contains("embedding") : nullptr;
    if (vector == nullptr) return 0;
    if (vector->is_array()) return vector->get_array().size();
    return vector->is_string() ? bytes_of(vector->get_string()) / 4 : 0;
}

/// The vectors, of which all must have one size. None is said where there is none.
void read_vectors(const json::array& items, event_sink& sink) {
    event::vectors all{.count = 0};
    for (const json::value& item : items) {
        const std::uint64_t size = size_of(item);
        if (size == 0) continue;
        if (all.count++ > 0 && size != all.size) {
            const std::string sentence = "the answer has vectors of " + std::to_string(all.size) +
                                         " and of " + std::to_string(size) + " numbers";
            return sink.on_event(event::failure{failure_kind::bad_frame, sentence});
        }
        all.size = size;
    }
    if (all.count > 0) sink.on_event(all);
}

class decoder final : public frame_decoder {
  public:
    void on_frame(const wire::sse_event& body, event_sink& sink) override {
        const json::object* o = json_.parse(body.data);
        if (o == nullptr) return sink.on_event(event::failure{failure_kind::bad_frame, body.data});
        if (const json::value* error = o->if_contains("error"); error && !error->is_null()) {
            const std::string_view message = error_message_in(*o);
            return sink.on_event(event::failure{classify_failure(200, body.data),
                                                message.empty() ? body.data : message});
        }
        const json::value* data = o->if_contains("data");
        if (data == nullptr || !data->is_array()) {
            return sink.on_event(event::failure{failure_kind::bad_frame, body.data});
        }
        sink.on_event(event::opened{.answered_by = string_at(*o, "model")});
        read_vectors(data->get_array(), sink);
        if (const json::object* usage = object_at(*o, "usage")) {
            // LM Studio says 0 of every input, which is no count.
            const auto tokens = count_at(*usage, "prompt_tokens");
            if (tokens.value_or(0) > 0) sink.on_event(event::usage{.input_tokens = tokens});
        }
        sink.on_event(event::end{});
    }

    /// Every body that holds anything ends the answer.
    void on_end_of_body(event_sink& sink) override {
        sink.on_event(event::failure{failure_kind::truncated, "an empty body"});
    }

    [[nodiscard]] bool error_is_final() const noexcept override { return true; }

  private:
    json_frame json_;
};

}  // namespace

std::string openai_embeddings_body(const chat_request& request) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object().field("model", request.model).key("input");
    if (request.further_inputs.empty()) {
        w.value(request.prompt).end_object();
        return body;
    }
    w.begin_array().value(request.prompt);
    for (const std::string& text : request.further_inputs) w.value(text);
    w.end_array().end_object();
    return body;
}

std::unique_ptr<frame_decoder> make_openai_embeddings_decoder() {
    return std::make_unique_for_overwrite<decoder>();
}

}  // namespace lmstress::api
