// OpenAI's embeddings (POST /v1/embeddings), as LM Studio, llama.cpp and others speak them: one
// body, no stream and no generated text.

#include "api/api.hpp"
#include "api/failure_text.hpp"
#include "api/json_frame.hpp"
#include "wire/json_writer.hpp"

#include <algorithm>

namespace lmstress::api {
namespace {

namespace json = boost::json;

/// Numbers, or base64 where the request wanted that.
bool is_vector(const json::value& item) {
    const json::object* o = item.if_object();
    const json::value* vector = o != nullptr ? o->if_contains("embedding") : nullptr;
    if (vector == nullptr) return false;
    if (vector->is_array()) return !vector->get_array().empty();
    return vector->is_string() && !vector->get_string().empty();
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
        const json::array& items = data->get_array();
        const auto n = std::count_if(items.begin(), items.end(), is_vector);
        if (n > 0) sink.on_event(event::vectors{static_cast<std::uint64_t>(n)});
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
    w.begin_object().field("model", request.model).field("input", request.prompt).end_object();
    return body;
}

std::unique_ptr<frame_decoder> make_openai_embeddings_decoder() {
    return std::make_unique<decoder>();
}

}  // namespace lmstress::api
