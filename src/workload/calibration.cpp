#include "workload/calibration.hpp"

#include "workload/prompts.hpp"
#include "workload/random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace lmstress::workload {
namespace {

constexpr std::uint64_t of_each_length = 3;
constexpr std::uint64_t most_passes = 3;  // through the list of words: enough for a percent
/// No level has this index, so that no prompt of the load begins like one of these.
constexpr std::uint32_t no_level = std::numeric_limits<std::uint32_t>::max();

/// What is stored is what was used: so few digits are read back as they were written.
double to_thousandths(double v) {
    return std::round(v * 1000) / 1000;
}

double median(std::vector<double> values) {
    const std::size_t half = values.size() / 2;
    std::sort(values.begin(), values.end());
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

std::vector<std::uint64_t> words_to_count(const workload_settings& s) {
    const std::uint64_t list = synthetic_words();
    const auto asked = static_cast<std::uint64_t>(s.synthetic.value_or(token_lengths{}).a);
    const std::uint64_t passes =
        std::clamp(static_cast<std::uint64_t>(words_for(asked, nullptr)) / list, std::uint64_t{1},
                   most_passes);
    // An empty prompt is none.
    const std::uint64_t least = s.salt == salt_mode::none ? list : 0;
    std::vector<std::uint64_t> words;
    for (std::uint64_t i = 0; i < of_each_length; ++i) {
        words.push_back(least);
        words.push_back(least + passes * list);
    }
    return words;
}

script script_to_count(const workload_settings& s, std::string_view run_id, std::uint64_t i,
                       std::uint64_t words) {
    const auto text = [&](std::uint64_t k) {
        const std::uint64_t seed = hash("calibration " + std::to_string(k), s.seed);
        return salted(s, run_id, no_level, k, synthetic_text(seed, static_cast<double>(words)));
    };
    const std::uint64_t first = i * s.inputs_each;
    script one;
    one.turns.push_back({text(first)});
    for (std::uint32_t input = 1; input < s.inputs_each; ++input) {
        one.turns.front().further_inputs.push_back(text(first + input));
    }
    one.max_tokens = 1;
    return one;
}

std::optional<prompt_calibration> calibrated(std::span<const counted_words> counts) {
    const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
    std::vector<double> slopes;
    for (const counted_words& a : counts) {
        for (const counted_words& b : counts) {
            if (a.words >= b.words) continue;
            slopes.push_back((number(b.tokens) - number(a.tokens)) / number(b.words - a.words));
        }
    }
    if (slopes.empty()) return std::nullopt;
    prompt_calibration law{.tokens_per_word = to_thousandths(median(std::move(slopes))),
                           .requests = counts.size()};
    if (law.tokens_per_word <= 0) return std::nullopt;
    std::vector<double> left;
    for (const counted_words& c : counts) {
        left.push_back(number(c.tokens) - number(c.words) * law.tokens_per_word);
    }
    law.overhead = to_thousandths(median(left));
    for (const double tokens : left) {
        law.largest_residual =
            std::max(law.largest_residual, to_thousandths(std::abs(tokens - law.overhead)));
    }
    return law;
}

}  // namespace lmstress::workload
