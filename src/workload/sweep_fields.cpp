#include "wire/json_writer.hpp"
#include "workload/field_row.hpp"
#include "workload/field_rules.hpp"
#include "workload/field_tables.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace lmstress::workload::fields {
namespace {

bool take_load_fields(const json::value& v,
                      std::vector<std::pair<std::string, std::string>>& into) {
    for (const auto& member : v.get_object()) {
        std::vector<std::string> words;
        if (!take(member.value(), words)) return false;
        const std::string key{member.key()};
        std::erase_if(into, [&](const auto& there) { return there.first == key; });
        into.emplace_back(key, joined(words));
    }
    return true;
}

bool is_setting(std::string_view text) {
    return text.find('=') != std::string_view::npos;
}

/// A row of which what is as usual is not written: what is stored of an ordinary run says nothing
/// of sweeps.
template <class At>
constexpr scenario_field unusual(std::string_view pointer, std::string_view flag,
                                 std::string_view value_name, const value_rule& rule,
                                 std::string_view text, At at) {
    scenario_field out = row(pointer, flag, value_name, rule, text, at);
    if (value_name.empty()) out.flag_json = "true";
    out.write = [](const scenario& s, json_writer& w) {
        static const scenario usual;
        return At{}(s) != At{}(usual) && put(w, At{}(s));
    };
    return out;
}

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

// clang-format off
constexpr std::array rows = {
    unusual("/sweep/models", "--models", "A[,B...]", names,
        "models to go over, each loaded, measured and unloaded before the next; all: those that the server lists",
        [](auto& s) -> auto& { return s.sweep.models; }),
    unusual("/sweep/only_vision", "--only-vision", "", truth, "of --models: those that see pictures",
        [](auto& s) -> auto& { return s.sweep.only_vision; }),
    unusual("/sweep/only_tools", "--only-tools", "", truth, "of --models: those trained for tool use",
        [](auto& s) -> auto& { return s.sweep.only_tools; }),
    unusual("/sweep/type", "--type", "WORD", words(type_words), "of --models: those of that type",
        [](auto& s) -> auto& { return s.sweep.type; }),
    unusual("/sweep/limit", "--limit", "N", one_count, "of --models: the first so many",
        [](auto& s) -> auto& { return s.sweep.limit; }),
    unusual("/sweep/parallel", "--parallel", "N[,N...]", counts,
        "streams that the server runs at once, to go over: 1,2,4,8,16",
        [](auto& s) -> auto& { return s.sweep.parallel; }),
    unusual("/sweep/unified_kv", "--unified-kv", "WORD[,WORD]", switches,
        "one pool of context for all streams, a share for each, or both after one another: on,off",
        [](auto& s) -> auto& { return s.sweep.unified_kv; }),
    unusual("/sweep/context_length", "--context-lengths", "N[,N...]", counts, "tokens of context, to go over",
        [](auto& s) -> auto& { return s.sweep.context_length; }),
    scenario_field{.pointer = "/sweep/load_fields",
        .flag = "--load-field",
        .value_name = "NAME=V[,V...]",
        .flag_json = {},
        .rule = values_by_name,
        .text = "any other setting of a load by the server's name, to go over (flash_attention=true,false), or {NAME} of --server-command; may be repeated",
        .instead = {},
        .read = [](const json::value& v, scenario& s) { return take_load_fields(v, s.sweep.load_fields); },
        .write = [](const scenario& s, json_writer& w) { return put(w, s.sweep.load_fields); }},
    scenario_field{.pointer = "/sweep/list",
        .flag = "--setting",
        .value_name = "NAME=V[,...]",
        .flag_json = {},
        .rule = settings,
        .text = "in place of the grid over the lists above: one setting of the server to try, like parallel=8,unified_kv=on; may be repeated",
        .instead = {},
        .read = [](const json::value& v, scenario& s) { return take_texts(v, s.sweep.list, is_setting); },
        .write = [](const scenario& s, json_writer& w) { return put(w, s.sweep.list); },
        .repeated = true},
    unusual("/sweep/cold", "--cold", "", truth,
        "each setting also with the model unloaded before each request: load time apart from TTFT (LM Studio)",
        [](auto& s) -> auto& { return s.sweep.cold; }),
    unusual("/sweep/runs", "--runs", "N", {.types = value_rule::integer, .least = 1, .most = 1000},
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
    unusual("/sweep/idle_timeout", "--idle-timeout", "TIME", duration,
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
    unusual("/capacity/first", "--first", "N", {.types = value_rule::number, .least = 1e-6, .most = 1e6},
        "load to begin with; default: 1", [](auto& s) -> auto& { return s.capacity.first; }),
    unusual("/capacity/most", "--most", "N", {.types = value_rule::number, .least = 1e-6, .most = 1e6},
        "no load beyond is tried; default: 1024", [](auto& s) -> auto& { return s.capacity.most; }),
    unusual("/capacity/precision", "--precision", "SHARE", {.types = value_rule::number, .least = 0.001, .most = 1},
        "how near the ends of the bracket are to come, of a rate, and of users around undecided loads; default: 0.05",
        [](auto& s) -> auto& { return s.capacity.precision; }),
    unusual("/capacity/attainment", "--attainment", "SHARE", {.types = value_rule::number, .least = 0.01, .most = 0.9999},
        "share of the requests that must meet --slo; default: 0.95",
        [](auto& s) -> auto& { return s.capacity.attainment; }),
    unusual("/capacity/step_limit", "--step-limit", "TIME", duration,
        "longest that a step may become while it is undecided; default: four times --duration",
        [](auto& s) -> auto& { return s.capacity.step_limit; }),
    unusual("/capacity/max_time", "--max-time", "TIME", duration,
        "of the whole search: a step that would go beyond is not begun; default: 30m",
        [](auto& s) -> auto& { return s.capacity.max_time; }),
};
// clang-format on

}  // namespace

std::span<const scenario_field> sweep_fields() noexcept {
    return rows;
}

}  // namespace lmstress::workload::fields
