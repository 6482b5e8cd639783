#include "workload/prompts.hpp"

#include "workload/built_in_prompts.hpp"
#include "workload/random.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

namespace lmstress::workload {
namespace {

namespace json = boost::json;

constexpr std::array words = {
    "about",   "after",    "again",   "along", "always", "answer", "around", "because", "before",
    "better",  "bridge",   "carry",   "clear", "city",   "corner", "could",  "country", "during",
    "early",   "earth",    "every",   "far",   "field",  "first",  "follow", "garden",  "great",
    "green",   "ground",   "harbour", "hear",  "house",  "idea",   "into",   "island",  "keep",
    "large",   "later",    "letter",  "light", "little", "long",   "making", "market",  "might",
    "morning", "mountain", "near",    "never", "night",  "often",  "open",   "other",   "over",
    "paper",   "people",   "place",   "plain", "point",  "quiet",  "rain",   "right",   "river",
    "road",    "round",    "school",  "sea",   "second", "set",    "should", "side",    "small",
    "some",    "sound",    "stone",   "story", "street", "such",   "summer", "table",   "than",
    "that",    "there",    "thing",   "think", "three",  "time",   "town",   "tree",    "under",
    "until",   "voice",    "walk",    "water", "where",  "while",  "white",  "window",  "winter",
    "with",    "without",  "wood",    "world", "would",  "year",   "young"};

result<std::string> prompt_of_line(std::string_view line, const std::string& where) {
    if (!line.starts_with('{')) return std::string{line};
    json::error_code ec;
    const json::value v = json::parse(line, ec);
    const json::value* prompt =
        ec || !v.is_object() ? nullptr : v.get_object().if_contains("prompt");
    if (prompt == nullptr || !prompt->is_string() || prompt->get_string().empty()) {
        return error{errc::bad_file, where + " is no prompt",
                     "A line is plain text, or JSON with the prompt in it: {\"prompt\": \"...\"}"};
    }
    return std::string{prompt->get_string().c_str(), prompt->get_string().size()};
}

}  // namespace

double random::normal() noexcept {
    const double u = 1.0 - uniform();  // (0, 1]: the logarithm is finite
    return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * uniform());
}

result<prompts> prompts::from_text(std::string_view content, const std::string& name,
                                   const workload_settings& s) {
    prompts p{s};
    std::optional<error> failed;
    for_each_line(content, [&](std::string_view line, std::size_t number) {
        auto text = prompt_of_line(line, name + " line " + std::to_string(number));
        if (text) {
            p.texts_.push_back(*std::move(text));
        } else {
            failed = text.error();
        }
        return !failed;
    });
    if (failed) return *failed;
    if (p.texts_.empty()) return error{errc::bad_file, name + " holds no prompt"};
    shuffle(p.texts_, s.seed);
    return p;
}

prompts prompts::single(const workload_settings& s) {
    prompts p{s};
    p.texts_.push_back(s.prompt);
    return p;
}

prompts prompts::synthetic(const workload_settings& s) {
    return prompts{s};
}

prompts prompts::of_trace(const workload_settings& s, std::vector<trace_entry> trace) {
    prompts p{s};
    p.trace_ = std::move(trace);
    return p;
}

std::optional<std::uint32_t> prompts::max_tokens(std::uint64_t k) const {
    if (trace_.empty()) return std::nullopt;
    return trace_[k % trace_.size()].output_tokens;
}

prompts prompts::built_in(const workload_settings& s) {
    return from_text(built_in_prompts, "the built-in prompts", s).value();
}

std::string prompts::text(std::uint64_t k, const prompt_calibration* by) const {
    if (!texts_.empty()) return texts_[k % texts_.size()];
    return synthetic_text(hash(std::to_string(k), settings_.seed), words_for(*asked_tokens(k), by));
}

std::optional<std::uint64_t> prompts::asked_tokens(std::uint64_t k) const {
    if (!texts_.empty()) return std::nullopt;
    if (!trace_.empty()) return trace_[k % trace_.size()].input_tokens;
    const token_lengths lengths = settings_.synthetic.value_or(token_lengths{});
    return draw_length(lengths, hash(std::to_string(k), settings_.seed));
}

std::uint64_t prompts::typical_tokens() const {
    constexpr std::uint64_t sample = 256;  // of synthetic ones
    const std::size_t before = settings_.system_prompt_in_effect().size();
    std::uint64_t sum = 0;
    if (texts_.empty()) {
        for (std::uint64_t k = 0; k < sample; ++k) sum += *asked_tokens(k);
        // Once it is calibrated, the length is that of all that is sent.
        return sum / sample + (settings_.calibrate ? 0 : before / characters_per_token);
    }
    for (const std::string& text : texts_) sum += text.size();
    return (sum / texts_.size() + before) / characters_per_token;
}

std::string prompts::at(std::string_view run_id, std::uint32_t level, std::uint64_t k) const {
    return salted(settings_, run_id, level, k, text(k));
}

std::string salted(const workload_settings& s, std::string_view run_id, std::uint32_t level,
                   std::uint64_t k, std::string text) {
    switch (s.salt) {
        case salt_mode::none:
            return text;
        case salt_mode::run:
            return salt(run_id, level, k) + ' ' + text;
        case salt_mode::seed:
            return salt("seed " + std::to_string(s.seed), level, k) + ' ' + text;
    }
    return {};
}

std::string salt(std::string_view run, std::uint32_t level, std::uint64_t k) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string of = std::string{run} + '/' + std::to_string(level) + '/' + std::to_string(k);
    random r{hash(of)};
    std::string out(10, ' ');
    for (char& c : out) c = letters[r.below(letters.size())];
    return out;
}

std::string synthetic_text(std::uint64_t seed, double count) {
    random r{seed};
    std::array<std::string_view, words.size()> pass{};
    std::string out;
    const auto all = static_cast<std::uint64_t>(std::ceil(count));
    out.reserve(all * 6);
    for (std::uint64_t i = 0; i < all; ++i) {
        const std::size_t at = i % pass.size();
        if (at == 0) std::copy(words.begin(), words.end(), pass.begin());
        std::swap(pass[at], pass[at + r.below(pass.size() - at)]);
        if (!out.empty()) out += ' ';
        const double part = std::min(count - static_cast<double>(i), 1.0);
        const double letters = std::ceil(part * static_cast<double>(pass[at].size()));
        out += pass[at].substr(0, static_cast<std::size_t>(letters));
    }
    return out;
}

std::size_t synthetic_words() noexcept {
    return words.size();
}

double words_for(std::uint64_t tokens, const prompt_calibration* by) {
    static const double guessed = [] {
        std::size_t characters = 0;  // each with the blank before it
        for (const std::string_view word : words) characters += word.size() + 1;
        return static_cast<double>(characters) / words.size() / characters_per_token;
    }();
    const double left = static_cast<double>(tokens) - (by == nullptr ? 0 : by->overhead);
    const double tokens_each = by == nullptr ? guessed : by->tokens_per_word;
    const double count = left / tokens_each;
    constexpr double many = 2;
    return std::clamp(tokens_each < many ? std::round(count) : count, 1.0, 1e7);
}

std::uint64_t draw_length(const token_lengths& lengths, std::uint64_t seed) {
    random r{seed ^ 0x6C656E677468ULL};
    double n = lengths.a;
    switch (lengths.follows) {
        case token_lengths::law::fixed:
            break;
        case token_lengths::law::uniform:
            n = lengths.a + std::floor(r.uniform() * (lengths.b - lengths.a + 1));
            break;
        case token_lengths::law::normal:
            n = lengths.a + lengths.b * r.normal();
            break;
        case token_lengths::law::lognormal:
            n = lengths.a * std::exp(lengths.b * r.normal());
            break;
    }
    return static_cast<std::uint64_t>(std::clamp(std::round(n), 1.0, 1e7));
}

}  // namespace lmstress::workload
