// Answers of POST /v1/embeddings, as LM Studio 0.4 gives them: a vector each input, and no counts.

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

namespace lmstress::sim {
namespace {

constexpr std::size_t dimensions = 8;

class embeddings_answer final : public generation {
  public:
    using generation::generation;

  private:
    /// The same numbers for the same place: what they mean nobody asks.
    static void append_vector(std::string& out, std::uint64_t index) {
        out += fmt::format("{}{{\"object\":\"embedding\",\"embedding\":[", index == 0 ? "" : ",");
        for (std::size_t i = 0; i < dimensions; ++i) {
            out += fmt::format("{}0.{:03}", i == 0 ? "" : ",", (index * 131 + i * 37 + 11) % 1000);
        }
        out += fmt::format("],\"index\":{}}}", index);
    }

    void on_opened(instant) override {}
    void on_token(std::string_view, const emission&) override {}

    void on_end(bool, instant) override {
        std::string body = "{\"object\":\"list\",\"data\":[";
        for (std::uint64_t i = 0; i < chat_.inputs; ++i) append_vector(body, i);
        body += "],\"model\":";
        wire::append_json_string(body, instance_);
        send_whole(json_answer(200, body + ",\"usage\":{\"prompt_tokens\":0,\"total_tokens\":0}}"));
    }

    void on_failed(std::string_view message, instant) override {
        std::string text;
        wire::append_json_string(text, message);
        send_whole(json_answer(400, "{\"error\":" + text + "}"));
    }
};

}  // namespace

std::unique_ptr<generation> make_embeddings_answer(chat c, reply& to) {
    return std::make_unique<embeddings_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
