#include "sim/tokens.hpp"

#include "sim/request_json.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::sim {

namespace {

constexpr std::uint32_t vocabulary = 32'000;

std::uint32_t token_of(std::string_view piece) {
    std::uint32_t state = 0x811C'9DC5U;  // FNV-1a
    for (const char c : piece) state = (state ^ static_cast<unsigned char>(c)) * 0x0100'0193U;
    return state % vocabulary;
}

}  // namespace

std::vector<std::uint32_t> tokens_of(std::string_view text, double characters_each) {
    std::vector<std::uint32_t> out;
    if (text.empty()) return out;
    const std::uint64_t count = prompt_tokens(text.size(), 0, characters_each);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto ends = [&](std::uint64_t n) {
            const double at = static_cast<double>(n) * characters_each;
            return std::min(static_cast<std::size_t>(at), text.size());
        };
        out.push_back(token_of(text.substr(ends(i), ends(i + 1) - ends(i))));
    }
    return out;
}

std::string templated(const boost::json::value& messages, bool with_beginning) {
    std::string out = with_beginning ? "<s>" : "";
    if (const boost::json::array* all = messages.if_array()) {
        for (const boost::json::value& m : *all) {
            const std::string role = m.is_object() ? string_in(m.get_object(), "role") : "user";
            out += fmt::format("<|im_start|>{}\n{}<|im_end|>\n", role, text_in(m));
        }
    }
    return out + "<|im_start|>assistant\n";
}

}  // namespace lmstress::sim
