// Answers of POST /v1/embeddings, as LM Studio 0.4 gives them: a vector each text, and no counts.

#include "sim/embeddings.hpp"
#include "sim/generation.hpp"
#include "wire/base64.hpp"
#include "wire/fnv1a.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <bit>

namespace lmstress::sim {
namespace {

constexpr std::size_t dimensions = 8;

using vector = std::array<float, dimensions>;

/// From -1 to 1, the same for the same text: what they mean nobody asks.
vector vector_of(std::string_view text) {
    std::uint64_t state = wire::fnv1a(text);
    vector numbers{};
    for (std::size_t i = 0; i < dimensions; ++i) {
        const char number = static_cast<char>(i);
        state = wire::fnv1a({&number, 1}, state);
        numbers[i] = static_cast<float>(static_cast<int>((state >> 24U) % 2001) - 1000) / 1000;
    }
    return numbers;
}

std::string digits_of(const vector& numbers) {
    return fmt::format("[{}]", fmt::join(numbers, ","));
}

class embeddings_answer final : public generation {
  public:
    using generation::generation;

  private:
    /// Its bytes, least significant first, as OpenAI's own client asks for it.
    static std::string base64_of(const vector& numbers) {
        std::string bytes;
        for (const float number : numbers) {
            const auto bits = std::bit_cast<std::uint32_t>(number);
            for (unsigned shift = 0; shift < 32; shift += 8) {
                bytes += static_cast<char>((bits >> shift) & 0xFFU);
            }
        }
        return '"' + wire::base64(bytes) + '"';
    }

    [[nodiscard]] std::string logged_text() const override {
        std::string out = "[";
        for (const std::string& text : chat_.inputs) {
            out += (out.size() == 1 ? "" : ",") + digits_of(vector_of(text));
        }
        return out + "]";
    }

    void on_opened(instant) override {}
    void on_token(std::string_view, const emission&) override {}

    void on_end(bool, instant) override {
        std::string body = "{\"object\":\"list\",\"data\":[";
        for (std::size_t i = 0; i < chat_.inputs.size(); ++i) {
            const vector numbers = vector_of(chat_.inputs[i]);
            body += fmt::format(R"({}{{"object":"embedding","embedding":{},"index":{}}})",
                                i == 0 ? "" : ",",
                                chat_.base64 ? base64_of(numbers) : digits_of(numbers), i);
        }
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

std::string embedding_of(std::string_view input) {
    return digits_of(vector_of(input));
}

std::unique_ptr<generation> make_embeddings_answer(chat c, reply& to) {
    return std::make_unique<embeddings_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
