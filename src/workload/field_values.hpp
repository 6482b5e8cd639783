#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/slo.hpp"

#include <boost/json/fwd.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lmstress::wire {
class json_writer;
}

/// The values of a scenario's fields, read from JSON and written to it as their types are.
namespace lmstress::workload::fields {

namespace json = boost::json;
using wire::json_writer;

/// Takes over a value whose JSON type has been checked. False: its text is not of the form; `into`
/// is then what it was.
bool take(const json::value& v, std::string& into);
bool take(const json::value& v, bool& into);
bool take(const json::value& v, double& into);
bool take(const json::value& v, nanoseconds& into);
bool take(const json::value& v, token_lengths& into);
bool take(const json::value& v, slo_limits& into);
/// Members take the place of those of the same name.
bool take(const json::value& v, std::vector<std::pair<std::string, std::string>>& into);
/// Lists: arrays, or texts with commas.
bool take(const json::value& v, std::vector<std::string>& into);
bool take(const json::value& v, std::vector<std::uint64_t>& into);
bool take(const json::value& v, std::vector<double>& into);
bool take(const json::value& v, std::vector<bool>& into);
bool take(const json::value& v, std::vector<stream_count>& into);
/// False too for a number that `into` cannot hold, as 1e300 is where a rule has no bound.
bool take_count(const json::value& v, std::uint64_t most, std::uint64_t& into);
template <std::unsigned_integral Count>
bool take(const json::value& v, Count& into) {
    std::uint64_t count = 0;
    if (!take_count(v, std::numeric_limits<Count>::max(), count)) return false;
    into = static_cast<Count>(count);
    return true;
}
template <class T>
bool take(const json::value& v, std::optional<T>& into) {
    T value{};
    if (!take(v, value)) return false;
    into = value;
    return true;
}

/// A text as it stands, anything else as JSON writes it: 4 is "4".
[[nodiscard]] std::string text_of(const json::value& v);

template <class T>
bool take_text(std::string_view text, std::optional<T> (*parse)(std::string_view), T& into) {
    const auto parsed = parse(text);
    if (parsed) into = *parsed;
    return parsed.has_value();
}

/// One of `words`, which stand in the order of the enumerators.
[[nodiscard]] std::size_t place_of(const json::value& v, std::span<const std::string_view> words);
template <class Enum>
    requires std::is_enum_v<Enum>
bool take_word(const json::value& v, std::span<const std::string_view> words, Enum& into) {
    into = static_cast<Enum>(place_of(v, words));
    return true;
}

/// A list takes the place of what is there, one text is added to it: its flag may be repeated.
bool take_texts(const json::value& v, std::vector<std::string>& into,
                bool (*accepted)(std::string_view));

/// The texts of a list: an array's, or those between a text's commas.
[[nodiscard]] std::vector<std::string> words_of(const json::value& v);
/// The other way: "a,b".
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

/// Writes a value. False: there is none, which a text or a list is that is empty.
bool put(json_writer& w, const std::string& text);
bool put(json_writer& w, bool value);
bool put(json_writer& w, double value);
bool put(json_writer& w, std::uint64_t value);
template <std::unsigned_integral Count>
bool put(json_writer& w, Count value) {
    return put(w, std::uint64_t{value});
}
bool put(json_writer& w, nanoseconds d);
bool put(json_writer& w, const token_lengths& lengths);
bool put(json_writer& w, const slo_limits& slo);
bool put(json_writer& w, const std::vector<std::string>& texts);
bool put(json_writer& w, const std::vector<std::uint64_t>& all);
bool put(json_writer& w, const std::vector<double>& rates);
bool put(json_writer& w, const std::vector<bool>& all);
bool put(json_writer& w, const std::vector<stream_count>& levels);
bool put(json_writer& w, const std::vector<std::pair<std::string, std::string>>& texts);
template <class T>
bool put(json_writer& w, const std::optional<T>& value) {
    return value && put(w, *value);
}
template <class Enum>
    requires std::is_enum_v<Enum>
bool put_word(json_writer& w, std::span<const std::string_view> words, Enum value) {
    return put(w, std::string{words[static_cast<std::size_t>(value)]});
}

}  // namespace lmstress::workload::fields
