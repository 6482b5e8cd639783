#include "workload/sweep_fields.hpp"

#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"
#include "workload/values.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace lmstress::workload {
namespace {

namespace json = boost::json;
using wire::json_writer;
using wire::value_rule;

std::string text_of(const json::value& v) {
    return v.is_string() ? std::string{v.get_string()} : wire::json_text(v);
}

/// The texts of a list: an array's, or those between a text's commas.
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

template <class Number>
    requires std::is_arithmetic_v<Number>
bool take(const json::value& v, Number& into) {
    json::error_code ec;
    into = v.to_number<Number>(ec);
    return !ec;
}
bool take(const json::value& v, double& into) {
    into = v.is_double() ? wire::as_written(v.get_double()) : v.to_number<double>();
    return true;
}
bool take(const json::value& v, bool& into) {
    into = v.get_bool();
    return true;
}
bool take(const json::value& v, std::string& into) {
    into = text_of(v);
    return true;
}
bool take(const json::value& v, nanoseconds& into) {
    const auto parsed = parse_duration(std::string_view{v.get_string()});
    if (parsed) into = *parsed;
    return parsed.has_value();
}
template <class T>
bool take(const json::value& v, std::optional<T>& into) {
    T value{};
    if (!take(v, value)) return false;
    into = value;
    return true;
}

bool take_load_fields(const json::value& v,
                      std::vector<std::pair<std::string, std::string>>& into) {
    for (const auto& member : v.get_object()) {
        std::vector<std::string> words;
        if (!take(member.value(), words)) return false;
        std::string all;
        for (const std::string& word : words) all += (all.empty() ? "" : ",") + word;
        const std::string key{member.key()};
        std::erase_if(into, [&](const auto& there) { return there.first == key; });
        into.emplace_back(key, all);
    }
    return true;
}

/// "parallel=8,unified_kv=on": a list takes the place of what is there, one text is added.
bool take_list(const json::value& v, std::vector<std::string>& into) {
    std::vector<std::string> all = v.is_array() ? std::vector<std::string>{} : into;
    const auto keep = [&](const json::value& one) {
        if (!one.is_string() || one.get_string().find('=') == json::string::npos) return false;
        all.emplace_back(std::string_view{one.get_string()});
        return true;
    };
    const bool good =
        v.is_array() ? std::all_of(v.get_array().begin(), v.get_array().end(), keep) : keep(v);
    if (good) into = std::move(all);
    return good;
}

bool put(json_writer& w, const std::vector<std::string>& all) {
    w.begin_array();
    for (const std::string& one : all) w.value(one);
    w.end_array();
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
bool put(json_writer& w, const std::vector<std::pair<std::string, std::string>>& texts) {
    w.begin_object();
    for (const auto& [name, value] : texts) w.field(name, value);
    w.end_object();
    return true;
}
bool put(json_writer& w, nanoseconds d) {
    w.value(duration_text(d));
    return true;
}
template <class T>
    requires(std::is_arithmetic_v<T> || std::is_same_v<T, std::string>)
bool put(json_writer& w, const T& value) {
    w.value(value);
    return true;
}
template <class T>
bool put(json_writer& w, const std::optional<T>& value) {
    return value && put(w, *value);
}

/// A row whose value is kept where `At` says. One that is as usual is not written: what is stored
/// of an ordinary run says nothing of it.
template <class At>
constexpr scenario_field row(std::string_view pointer, std::string_view flag,
                             std::string_view value_name, const value_rule& rule,
                             std::string_view text, At) {
    return {.pointer = pointer,
            .flag = flag,
            .value_name = value_name,
            .flag_json = value_name.empty() ? std::string_view{"true"} : std::string_view{},
            .rule = rule,
            .text = text,
            .instead = {},
            .read = [](const json::value& v, scenario& s) { return take(v, At{}(s)); },
            .write =
                [](const scenario& s, json_writer& w) {
                    static const scenario usual;
                    return At{}(s) != At{}(usual) && put(w, At{}(s));
                }};
}

constexpr value_rule truth{.types = value_rule::boolean};
constexpr value_rule some_text{
    .types = value_rule::string, .pattern = ".", .form = "a text that is not empty"};
constexpr value_rule names{.types = value_rule::array | value_rule::string,
                           .pattern = "^[^,]+(,[^,]+)*$",
                           .form = "a list of models like a,b, or all",
                           .items = &some_text};
constexpr value_rule one_count{.types = value_rule::integer, .least = 1, .most = 1'000'000'000};
constexpr value_rule counts{.types = value_rule::array | value_rule::string | value_rule::integer,
                            .least = 1,
                            .most = 1'000'000'000,
                            .pattern = "^[1-9][0-9]*(,[1-9][0-9]*)*$",
                            .form = "a list of whole numbers like 1,2,4,8",
                            .items = &one_count};
constexpr std::array<std::string_view, 2> switch_words = {"on", "off"};
constexpr value_rule one_switch{.types = value_rule::string, .words = switch_words};
constexpr value_rule switches{.types = value_rule::array | value_rule::string,
                              .pattern = "^(on|off)(,(on|off))*$",
                              .form = "on, off or on,off",
                              .items = &one_switch};
constexpr value_rule values_by_name{.types = value_rule::object,
                                    .form = "an object of lists of values"};
constexpr value_rule one_setting{.types = value_rule::string,
                                 .pattern = "^[^=,]+=[^,]+(,[^=,]+=[^,]+)*$"};
constexpr value_rule settings{.types = value_rule::array | value_rule::string,
                              .pattern = "^[^=,]+=[^,]+(,[^=,]+=[^,]+)*$",
                              .form = "a setting like parallel=8,unified_kv=on",
                              .items = &one_setting};
constexpr std::array<std::string_view, 2> type_words = {"llm", "embedding"};
constexpr std::array<std::string_view, 2> order_words = {"random", "palindromic"};
constexpr std::array<std::string_view, 2> load_words = {"users", "rate"};
constexpr value_rule words(std::span<const std::string_view> of) {
    return {.types = value_rule::string, .words = of};
}
constexpr value_rule duration{.types = value_rule::string,
                              .pattern = "^(0|[0-9]+(\\.[0-9]*)?(h|m|s|ms|us|ns))$",
                              .form = "a duration like 250ms, 30s or 5m"};

// clang-format off
constexpr std::array fields = {
    row("/sweep/models", "--models", "A[,B...]", names,
        "models to go over, each loaded, measured and unloaded before the next; all: those that the server lists",
        [](auto& s) -> auto& { return s.sweep.models; }),
    row("/sweep/only_vision", "--only-vision", "", truth, "of --models: those that see pictures",
        [](auto& s) -> auto& { return s.sweep.only_vision; }),
    row("/sweep/only_tools", "--only-tools", "", truth, "of --models: those trained for tool use",
        [](auto& s) -> auto& { return s.sweep.only_tools; }),
    row("/sweep/type", "--type", "WORD", words(type_words), "of --models: those of that type",
        [](auto& s) -> auto& { return s.sweep.type; }),
    row("/sweep/limit", "--limit", "N", one_count, "of --models: the first so many",
        [](auto& s) -> auto& { return s.sweep.limit; }),
    row("/sweep/parallel", "--parallel", "N[,N...]", counts,
        "streams that the server runs at once, to go over: 1,2,4,8,16",
        [](auto& s) -> auto& { return s.sweep.parallel; }),
    row("/sweep/unified_kv", "--unified-kv", "WORD[,WORD]", switches,
        "one pool of context for all streams, a share for each, or both after one another: on,off",
        [](auto& s) -> auto& { return s.sweep.unified_kv; }),
    row("/sweep/context_length", "--context-lengths", "N[,N...]", counts, "tokens of context, to go over",
        [](auto& s) -> auto& { return s.sweep.context_length; }),
    scenario_field{.pointer = "/sweep/load_fields",
        .flag = "--load-field",
        .value_name = "NAME=V[,V...]",
        .flag_json = {},
        .rule = values_by_name,
        .text = "any other setting of a load by the server's name, to go over (flash_attention=true,false), or {NAME} of --server-command; may be repeated",
        .instead = {},
        .read = [](const json::value& v, scenario& s) { return take_load_fields(v, s.sweep.load_fields); },
        .write = [](const scenario& s, json_writer& w) { return !s.sweep.load_fields.empty() && put(w, s.sweep.load_fields); }},
    scenario_field{.pointer = "/sweep/list",
        .flag = "--setting",
        .value_name = "NAME=V[,...]",
        .flag_json = {},
        .rule = settings,
        .text = "in place of the grid over the lists above: one setting of the server to try, like parallel=8,unified_kv=on; may be repeated",
        .instead = {},
        .read = [](const json::value& v, scenario& s) { return take_list(v, s.sweep.list); },
        .write = [](const scenario& s, json_writer& w) { return !s.sweep.list.empty() && put(w, s.sweep.list); },
        .repeated = true},
    row("/sweep/cold", "--cold", "", truth,
        "each setting also with the model unloaded before each request: load time apart from TTFT (LM Studio)",
        [](auto& s) -> auto& { return s.sweep.cold; }),
    row("/sweep/runs", "--runs", "N", {.types = value_rule::integer, .least = 1, .most = 1000},
        "of each cell: intervals are then over runs; default: 1",
        [](auto& s) -> auto& { return s.sweep.runs; }),
    scenario_field{.pointer = "/sweep/order",
        .flag = "--order",
        .value_name = "WORD",
        .flag_json = {},
        .rule = words(order_words),
        .text = "of the settings: random (by the seed), or palindromic (forwards in one run, backwards in the next: an even number of --runs); default: random",
        .instead = {},
        .read = [](const json::value& v, scenario& s) {
            s.sweep.order = v.get_string() == order_words[0] ? sweep_order::random : sweep_order::palindromic;
            return true;
        },
        .write = [](const scenario& s, json_writer& w) {
            if (s.sweep.order == sweep_order::random) return false;
            w.value(order_words[1]);
            return true;
        }},
    row("/sweep/idle_timeout", "--idle-timeout", "TIME", duration,
        "at most so long until the server is idle before a cell of a sweep or a step of a search; default: 60s",
        [](auto& s) -> auto& { return s.sweep.idle_timeout; }),

    scenario_field{.pointer = "/capacity/of",
        .flag = "--of",
        .value_name = "WORD",
        .flag_json = {},
        .rule = words(load_words),
        .text = "what is looked for: the most users at once, or the highest rate of requests a second; default: users",
        .instead = {},
        .read = [](const json::value& v, scenario& s) {
            s.capacity.rate = v.get_string() == load_words[1];
            return true;
        },
        .write = [](const scenario& s, json_writer& w) {
            if (s.capacity.rate) w.value(load_words[1]);
            return s.capacity.rate;
        }},
    row("/capacity/first", "--first", "N", {.types = value_rule::number, .least = 1e-6, .most = 1e6},
        "load to begin with; default: 1", [](auto& s) -> auto& { return s.capacity.first; }),
    row("/capacity/most", "--most", "N", {.types = value_rule::number, .least = 1e-6, .most = 1e6},
        "no load beyond is tried; default: 1024", [](auto& s) -> auto& { return s.capacity.most; }),
    row("/capacity/precision", "--precision", "SHARE", {.types = value_rule::number, .least = 0.001, .most = 1},
        "of a rate: how near the ends of the bracket are to come; default: 0.05",
        [](auto& s) -> auto& { return s.capacity.precision; }),
    row("/capacity/attainment", "--attainment", "SHARE", {.types = value_rule::number, .least = 0.01, .most = 0.9999},
        "share of the requests that must meet --slo; default: 0.95",
        [](auto& s) -> auto& { return s.capacity.attainment; }),
    row("/capacity/step_limit", "--step-limit", "TIME", duration,
        "longest that a step may become while it is undecided; default: four times --duration",
        [](auto& s) -> auto& { return s.capacity.step_limit; }),
    row("/capacity/max_time", "--max-time", "TIME", duration,
        "of the whole search: a step that would go beyond is not begun; default: 30m",
        [](auto& s) -> auto& { return s.capacity.max_time; }),
};
// clang-format on

}  // namespace

std::span<const scenario_field> sweep_fields() noexcept {
    return fields;
}

}  // namespace lmstress::workload
