// Answers of POST /api/chat, as Ollama gives them: a line of JSON each.

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

namespace lmstress::sim {
namespace {

class ollama_answer final : public generation {
  public:
    using generation::generation;

  private:
    void line(std::string_view type, const std::string& fields, instant due) {
        send_event(type, fields + "\n", due);
    }
    [[nodiscard]] std::string said(std::string_view content, std::string_view thinking,
                                   bool done) const {
        std::string out = "{\"model\":";
        wire::append_json_string(out, instance_);
        out +=
            ",\"created_at\":\"2026-09-20T15:42:24Z\",\"message\":{\"role\":\"assistant\","
            "\"content\":";
        wire::append_json_string(out, content);
        if (!thinking.empty()) {
            out += ",\"thinking\":";
            wire::append_json_string(out, thinking);
        }
        return out + (done ? "},\"done\":true" : "},\"done\":false");
    }
    [[nodiscard]] std::string last(std::string_view content, std::string_view thinking, bool cut,
                                   instant now) const {
        const auto load = static_cast<std::int64_t>(load_seconds_ * 1e9);
        return said(content, thinking, true) +
               fmt::format(
                   ",\"done_reason\":\"{}\",\"total_duration\":{},\"load_duration\":{},"
                   "\"prompt_eval_count\":{},\"prompt_eval_duration\":{},\"eval_count\":{},"
                   "\"eval_duration\":{}}}",
                   cut ? "length" : "stop", (now - taken_).count(), load, chat_.prompt_tokens,
                   time_to_first_token().count(), tokens_, time_of_further_tokens().count());
    }

    void on_opened(instant now) override { taken_ = now; }

    void on_token(std::string_view word, const emission& e) override {
        if (!chat_.stream) return;
        // The head goes out with the first line, so that what fails before has a status of its own.
        if (e.done == 1) open_stream("application/x-ndjson");
        line("token", (reasons() ? said("", word, false) : said(word, "", false)) + '}', e.due);
    }

    void on_end(bool cut, instant now) override {
        if (!chat_.stream) {
            return send_whole(json_answer(200, last(whole_text(), reasoning_text(), cut, now)));
        }
        line("done", last("", "", cut, now), now);
        end_stream();
    }

    void on_failed(std::string_view message, instant now) override {
        std::string error = "{\"error\":";
        wire::append_json_string(error, message);
        error += '}';
        if (!chat_.stream || tokens_ == 0) return send_whole(json_answer(500, error));
        line("error", error, now);
        end_stream();
    }

    instant taken_{};
};

}  // namespace

std::unique_ptr<generation> make_ollama_answer(chat c, reply& to) {
    return std::make_unique<ollama_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
