#include "workload/field_values.hpp"

#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"
#include "workload/arrival_values.hpp"
#include "workload/values.hpp"

#include <boost/json/value.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace lmstress::workload::fields {

bool take(const json::value& v, std::string& into) {
    into.assign(v.get_string().data(), v.get_string().size());
    return true;
}

bool take(const json::value& v, bool& into) {
    into = v.get_bool();
    return true;
}

bool take(const json::value& v, double& into) {
    into = v.is_double() ? wire::as_written(v.get_double()) : v.to_number<double>();
    return true;
}

bool take_count(const json::value& v, std::uint64_t most, std::uint64_t& into) {
    json::error_code ec;
    const auto count = v.to_number<std::uint64_t>(ec);
    if (ec || count > most) return false;
    into = count;
    return true;
}

bool take(const json::value& v, nanoseconds& into) {
    return take_text(v.get_string(), parse_duration, into);
}

bool take(const json::value& v, token_lengths& into) {
    return take_text(v.get_string(), parse_lengths, into);
}

bool take(const json::value& v, slo_limits& into) {
    return take_text(v.get_string(), parse_slo, into);
}

bool take(const json::value& v, std::vector<std::pair<std::string, std::string>>& into) {
    for (const auto& member : v.get_object()) {
        if (!member.value().is_string()) return false;
        const std::string key{member.key()};
        std::erase_if(into, [&](const auto& there) { return there.first == key; });
        into.emplace_back(key, std::string_view{member.value().get_string()});
    }
    return true;
}

std::string text_of(const json::value& v) {
    return v.is_string() ? std::string{v.get_string()} : wire::json_text(v);
}

std::size_t place_of(const json::value& v, std::span<const std::string_view> words) {
    const auto found = std::find(words.begin(), words.end(), std::string_view{v.get_string()});
    return static_cast<std::size_t>(found - words.begin());
}

bool take_texts(const json::value& v, std::vector<std::string>& into,
                bool (*accepted)(std::string_view)) {
    std::vector<std::string> all = v.is_array() ? std::vector<std::string>{} : into;
    const auto keep = [&](const json::value& one) {
        if (!one.is_string() || !accepted(one.get_string())) return false;
        all.emplace_back(std::string_view{one.get_string()});
        return true;
    };
    const bool good =
        v.is_array() ? std::all_of(v.get_array().begin(), v.get_array().end(), keep) : keep(v);
    if (good) into = std::move(all);
    return good;
}

std::vector<std::string> words_of(const json::value& v) {
    std::vector<std::string> out;
    if (v.is_array()) {
        for (const json::value& one : v.get_array()) out.push_back(text_of(one));
        return out;
    }
    std::istringstream in{text_of(v)};
    for (std::string word; std::getline(in, word, ',');) out.push_back(word);
    return out;
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ","));
}

bool take(const json::value& v, std::vector<std::string>& into) {
    into = words_of(v);
    return !into.empty() && std::none_of(into.begin(), into.end(),
                                         [](const std::string& word) { return word.empty(); });
}

bool take(const json::value& v, std::vector<std::uint64_t>& into) {
    std::vector<std::uint64_t> all;
    for (const std::string& word : words_of(v)) {
        const auto n = parse_number(word);
        if (!n || *n < 1 || *n > 1e9 || *n != std::floor(*n)) return false;
        all.push_back(static_cast<std::uint64_t>(*n));
    }
    into = std::move(all);
    return !into.empty();
}

bool take(const json::value& v, std::vector<bool>& into) {
    std::vector<bool> all;
    for (const std::string& word : words_of(v)) {
        const bool on = word == "on" || word == "true";
        if (!on && word != "off" && word != "false") return false;
        all.push_back(on);
    }
    into = std::move(all);
    return !into.empty();
}

bool take(const json::value& v, std::vector<stream_count>& into) {
    if (!v.is_array()) return take_text(text_of(v), parse_levels, into);
    std::vector<stream_count> levels;
    for (const json::value& level : v.get_array()) {
        const auto streams = parse_streams(text_of(level));
        if (!streams) return false;
        levels.push_back(*streams);
    }
    into = std::move(levels);
    return !into.empty();
}

bool take(const json::value& v, std::vector<double>& into) {
    return take_text(v.is_array() ? joined(words_of(v)) : text_of(v), parse_rates, into);
}

bool put(json_writer& w, const std::string& text) {
    if (!text.empty()) w.value(text);
    return !text.empty();
}

bool put(json_writer& w, bool value) {
    w.value(value);
    return true;
}

bool put(json_writer& w, double value) {
    w.value(value);
    return true;
}

bool put(json_writer& w, std::uint64_t value) {
    w.value(value);
    return true;
}

bool put(json_writer& w, nanoseconds d) {
    return put(w, duration_text(d));
}

bool put(json_writer& w, const token_lengths& lengths) {
    return put(w, lengths_text(lengths));
}

bool put(json_writer& w, const slo_limits& slo) {
    return put(w, slo_text(slo));
}

bool put(json_writer& w, const std::vector<std::string>& texts) {
    if (texts.empty()) return false;
    w.begin_array();
    for (const std::string& text : texts) w.value(text);
    w.end_array();
    return true;
}

bool put(json_writer& w, const std::vector<std::pair<std::string, std::string>>& texts) {
    if (texts.empty()) return false;
    w.begin_object();
    for (const auto& [name, value] : texts) w.field(name, value);
    w.end_object();
    return true;
}

bool put(json_writer& w, const std::vector<std::uint64_t>& all) {
    w.begin_array();
    for (const std::uint64_t one : all) w.value(one);
    w.end_array();
    return true;
}
bool put(json_writer& w, const std::vector<bool>& all) {
    w.begin_array();
    for (const bool one : all) w.value(one ? "on" : "off");
    w.end_array();
    return true;
}

bool put(json_writer& w, const std::vector<stream_count>& levels) {
    w.begin_array();
    for (const stream_count& c : levels) {
        if (c.is_multiple) {
            w.value(streams_text(c));
        } else {
            w.value(static_cast<std::uint32_t>(c.n));
        }
    }
    w.end_array();
    return true;
}
bool put(json_writer& w, const std::vector<double>& rates) {
    if (rates.empty()) return false;
    w.begin_array();
    for (const double rate : rates) w.value(rate);
    w.end_array();
    return true;
}

}  // namespace lmstress::workload::fields
