// Answers of POST /v1/embeddings, as LM Studio 0.4 gives them: a vector each input, and no counts.

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <openssl/evp.h>
#include <vector>

namespace lmstress::sim {
namespace {

constexpr std::size_t dimensions = 8;

class embeddings_answer final : public generation {
  public:
    using generation::generation;

  private:
    /// The same numbers for the same place: what they mean nobody asks.
    static float number(std::uint64_t index, std::size_t i) {
        return static_cast<float>((index * 131 + i * 37 + 11) % 1000) / 1000;
    }

    static std::string vector_of(std::uint64_t index) {
        std::string out = "[";
        for (std::size_t i = 0; i < dimensions; ++i) {
            out += fmt::format("{}{}", i == 0 ? "" : ",", number(index, i));
        }
        return out + "]";
    }

    /// Its bytes, least significant first, as OpenAI's own client asks for it.
    static std::string base64_of(std::uint64_t index) {
        std::vector<unsigned char> bytes;
        for (std::size_t i = 0; i < dimensions; ++i) {
            const auto bits = std::bit_cast<std::uint32_t>(number(index, i));
            for (unsigned shift = 0; shift < 32; shift += 8) {
                bytes.push_back(static_cast<unsigned char>((bits >> shift) & 0xFFU));
            }
        }
        std::array<unsigned char, dimensions * sizeof(float) * 4 / 3 + 8> text{};
        const int n = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
        return '"' + std::string{text.begin(), text.begin() + n} + '"';
    }

    [[nodiscard]] std::string logged_text() const override {
        std::string out = "[";
        for (std::uint64_t i = 0; i < chat_.inputs; ++i) {
            out += (i == 0 ? "" : ",") + vector_of(i);
        }
        return out + "]";
    }

    void on_opened(instant) override {}
    void on_token(std::string_view, const emission&) override {}

    void on_end(bool, instant) override {
        std::string body = "{\"object\":\"list\",\"data\":[";
        for (std::uint64_t i = 0; i < chat_.inputs; ++i) {
            body += fmt::format(R"({}{{"object":"embedding","embedding":{},"index":{}}})",
                                i == 0 ? "" : ",", chat_.base64 ? base64_of(i) : vector_of(i), i);
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

std::unique_ptr<generation> make_embeddings_answer(chat c, reply& to) {
    return std::make_unique<embeddings_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
