#pragma once

#include "wire/value_rule.hpp"

#include <array>
#include <span>
#include <string_view>

/// Rules that several tables of fields have.
namespace lmstress::workload::fields {

using wire::value_rule;

inline constexpr std::array<std::string_view, 2> switch_words = {"on", "off"};

inline constexpr value_rule text{.types = value_rule::string};
inline constexpr value_rule some_text{
    .types = value_rule::string, .pattern = ".", .form = "a text that is not empty"};
inline constexpr value_rule truth{.types = value_rule::boolean};
inline constexpr value_rule duration{.types = value_rule::string,
                                     .pattern = "^(0|[0-9]+(\\.[0-9]*)?(h|m|s|ms|us|ns))$",
                                     .form = "a duration like 250ms, 30s or 5m"};
inline constexpr value_rule texts_by_name{.types = value_rule::object,
                                          .form = "an object of texts"};
inline constexpr value_rule number_of_requests{
    .types = value_rule::integer, .least = 1, .most = 1'000'000'000};

constexpr value_rule words(std::span<const std::string_view> of) {
    return {.types = value_rule::string, .words = of};
}

}  // namespace lmstress::workload::fields
