#include "workload/scenario_fields.hpp"

#include "api/api.hpp"
#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"
#include "workload/arrival_values.hpp"
#include "workload/integration.hpp"
#include "workload/server_command.hpp"
#include "workload/sweep_fields.hpp"
#include "workload/values.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <sstream>

namespace lmstress::workload {
namespace {

namespace json = boost::json;
using wire::json_writer;
using wire::value_rule;

// How the values are read. Their types have been checked.

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
template <class Count>
    requires std::is_unsigned_v<Count>
bool take(const json::value& v, Count& into) {
    json::error_code ec;
    into = v.to_number<Count>(ec);  // not of 1e300, which fits a rule without a bound
    return !ec;
}
template <class T>
bool take_text(const json::value& v, std::optional<T> (*parse)(std::string_view), T& into) {
    const auto parsed = parse(std::string_view{v.get_string()});
    if (parsed) into = *parsed;
    return parsed.has_value();
}
bool take(const json::value& v, nanoseconds& into) {
    return take_text(v, parse_duration, into);
}
bool take(const json::value& v, token_lengths& into) {
    return take_text(v, parse_lengths, into);
}
/// Adds to those that are there: a file's and a flag's hold both.
bool take_thresholds(const json::value& v, std::vector<std::string>& into) {
    const auto add = [&](const json::value& one) {
        if (!one.is_string() || one.get_string().empty()) return false;
        const std::string text{std::string_view{one.get_string()}};
        if (std::find(into.begin(), into.end(), text) == into.end()) into.push_back(text);
        return true;
    };
    if (!v.is_array()) return add(v);
    const json::array& all = v.get_array();
    return std::all_of(all.begin(), all.end(), add);
}

bool put_thresholds(json_writer& w, const std::vector<std::string>& bounds) {
    if (bounds.empty()) return false;
    w.begin_array();
    for (const std::string& bound : bounds) w.value(bound);
    w.end_array();
    return true;
}

bool take(const json::value& v, slo_limits& into) {
    return take_text(v, parse_slo, into);
}
template <class T>
bool take(const json::value& v, std::optional<T>& into) {
    T value{};
    if (!take(v, value)) return false;
    into = value;
    return true;
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

bool take(const json::value& v, std::vector<stream_count>& into) {
    const auto text_of = [](const json::value& level) {
        return level.is_string() ? std::string{level.get_string()} : wire::json_text(level);
    };
    if (!v.is_array()) return take_text(json::value(text_of(v)), parse_levels, into);
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
    if (v.is_array()) {
        std::string all;
        for (const json::value& rate : v.get_array()) {
            all += (all.empty() ? "" : ",") + wire::json_text(rate);
        }
        return take_text(json::value(all), parse_rates, into);
    }
    return take_text(json::value(v.is_string() ? std::string{v.get_string()} : wire::json_text(v)),
                     parse_rates, into);
}

/// The names of APIs, none of them twice; `auto` is none.
bool take_apis(const json::value& v, std::string& into) {
    std::vector<std::string> names;
    const json::array one{v};
    for (const json::value& item : v.is_array() ? v.get_array() : one) {
        if (!item.is_string()) return false;
        std::istringstream text{std::string{item.get_string()}};
        for (std::string name; std::getline(text, name, ',');) names.push_back(name);
    }
    std::string all;
    for (const std::string& name : names) {
        const bool alone = names.size() == 1;
        if (api::find_api(name) == nullptr && !(alone && name == "auto")) return false;
        if (std::count(names.begin(), names.end(), name) > 1) return false;
        all += (all.empty() ? "" : ",") + name;
    }
    into = all;
    return !all.empty();
}

bool take_switch(const json::value& v, std::optional<bool>& into) {
    into = v.is_bool() ? v.get_bool() : v.get_string() == "on";
    return true;
}

constexpr std::array<std::string_view, 3> salt_words = {"run", "seed", "none"};

bool take_salt(const json::value& v, salt_mode& into) {
    const auto found =
        std::find(salt_words.begin(), salt_words.end(), std::string_view{v.get_string()});
    into = static_cast<salt_mode>(found - salt_words.begin());
    return true;
}

// How they are written. A text that is empty is one that was not given.

bool put(json_writer& w, const std::string& text) {
    if (!text.empty()) w.value(text);
    return !text.empty();
}
bool put(json_writer& w, nanoseconds d) {
    w.value(duration_text(d));
    return true;
}
template <class T>
    requires std::is_arithmetic_v<T>
bool put(json_writer& w, T value) {
    w.value(value);
    return true;
}
bool put(json_writer& w, const token_lengths& lengths) {
    w.value(lengths_text(lengths));
    return true;
}
bool put(json_writer& w, const slo_limits& slo) {
    return put(w, slo_text(slo));
}
template <class T>
bool put(json_writer& w, const std::optional<T>& value) {
    return value && put(w, *value);
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
bool put(json_writer& w, const std::vector<std::pair<std::string, std::string>>& texts) {
    if (texts.empty()) return false;
    w.begin_object();
    for (const auto& [name, value] : texts) w.field(name, value);
    w.end_object();
    return true;
}

/// A row whose value is kept where `At` says, and read and written as its type is.
template <class At>
constexpr scenario_field row(std::string_view pointer, std::string_view flag,
                             std::string_view value_name, const value_rule& rule,
                             std::string_view text, At) {
    return {.pointer = pointer,
            .flag = flag,
            .value_name = value_name,
            .flag_json = {},
            .rule = rule,
            .text = text,
            .instead = {},
            .stored = true,
            .secret = false,
            .read = [](const json::value& v, scenario& s) { return take(v, At{}(s)); },
            .write = [](const scenario& s, json_writer& w) { return put(w, At{}(s)); }};
}
/// One that belongs to a single run.
constexpr scenario_field unstored(scenario_field f) {
    f.stored = false;
    return f;
}
constexpr scenario_field secret(scenario_field f) {
    f.stored = false;
    f.secret = true;
    return f;
}
/// A flag that takes no value and sets this one.
constexpr scenario_field sets(scenario_field f, std::string_view json) {
    f.flag_json = json;
    return f;
}
/// One of several fields of which only one may be given, and how it takes the others' place.
constexpr scenario_field instead(scenario_field f, std::string_view group,
                                 bool (*read)(const json::value& v, scenario& s)) {
    f.instead = group;
    f.read = read;
    return f;
}
constexpr scenario_field read_by(scenario_field f,
                                 bool (*read)(const json::value& v, scenario& s)) {
    f.read = read;
    return f;
}

constexpr std::array<std::string_view, 3> history_words = {"auto", "stateful", "resent"};

bool take_history(const json::value& v, history_mode& into) {
    const auto found =
        std::find(history_words.begin(), history_words.end(), std::string_view{v.get_string()});
    into = static_cast<history_mode>(found - history_words.begin());
    return true;
}

bool take_integrations(const json::value& v, std::vector<std::string>& into) {
    // A flag's text is a text: what begins like JSON is no plugin's name, and its headers are
    // secrets.
    if (v.is_string() && v.get_string().find_first_of("{[") != json::string::npos) {
        json::error_code ec;
        const json::value inside = json::parse(std::string_view{v.get_string()}, ec);
        return !ec && !inside.is_string() && take_integrations(inside, into);
    }
    std::vector<std::string> all;
    const auto keep = [&](const json::value& one) {
        all.push_back(wire::json_text(one));
        return is_integration(one);
    };
    const bool good =
        v.is_array() ? std::all_of(v.get_array().begin(), v.get_array().end(), keep) : keep(v);
    if (good) into = std::move(all);
    return good;
}

/// With the values of its headers: who shows or stores them hides those.
bool put_integrations(json_writer& w, const std::vector<std::string>& all) {
    if (all.empty()) return false;
    w.begin_array();
    for (const std::string& one : all) w.raw(one);
    w.end_array();
    return true;
}

/// A list takes the place of what is there, one file is added to it: its flag may be repeated.
bool take_images(const json::value& v, std::vector<std::string>& into) {
    std::vector<std::string> all = v.is_array() ? std::vector<std::string>{} : into;
    const auto keep = [&](const json::value& one) {
        if (!one.is_string() || one.get_string().empty()) return false;
        all.emplace_back(std::string_view{one.get_string()});
        return true;
    };
    const bool good =
        v.is_array() ? std::all_of(v.get_array().begin(), v.get_array().end(), keep) : keep(v);
    if (good) into = std::move(all);
    return good;
}

bool put_images(json_writer& w, const std::vector<std::string>& all) {
    if (all.empty()) return false;
    w.begin_array();
    for (const std::string& one : all) w.value(one);
    w.end_array();
    return true;
}

constexpr value_rule one_integration{.types = value_rule::string | value_rule::object};
constexpr value_rule integrations{
    .types = value_rule::array | value_rule::string | value_rule::object,
    .form =
        "a plugin's name, {\"type\": \"plugin\", \"id\": ...}, {\"type\": \"ephemeral_mcp\", "
        "\"server_label\": ..., \"server_url\": ...} with allowed_tools and headers, or a list of "
        "those",
    .items = &one_integration};

constexpr value_rule text{.types = value_rule::string};
constexpr value_rule some_text{
    .types = value_rule::string, .pattern = ".", .form = "a text that is not empty"};
constexpr value_rule images{.types = value_rule::array | value_rule::string,
                            .form = "a file, or a list of files",
                            .items = &some_text};
constexpr value_rule truth{.types = value_rule::boolean};
constexpr value_rule duration{.types = value_rule::string,
                              .pattern = "^(0|[0-9]+(\\.[0-9]*)?(h|m|s|ms|us|ns))$",
                              .form = "a duration like 250ms, 30s or 5m"};
constexpr value_rule slo{
    .types = value_rule::string,
    .pattern =
        "^(ttft|ttfa|tpot|itl_max|e2e)<[0-9.]+(h|m|s|ms|us|ns)"
        "(,(ttft|ttfa|tpot|itl_max|e2e)<[0-9.]+(h|m|s|ms|us|ns))*$",
    .form =
        "clauses like ttft<2s,tpot<50ms,e2e<30s, each of ttft, ttfa, tpot, itl_max and e2e at "
        "most once"};
constexpr value_rule threshold{.types = value_rule::string,
                               .pattern = "^[^<>]+(<|<=|>|>=)[^<>=]+$",
                               .form = "a threshold like ttft_ms.p95 < 2000"};
constexpr value_rule thresholds{.types = value_rule::string | value_rule::array,
                                .form = "a threshold like ttft_ms.p95 < 2000, or a list of them",
                                .items = &threshold};
constexpr value_rule texts_by_name{.types = value_rule::object, .form = "an object of texts"};
constexpr value_rule one_level{.types = value_rule::integer | value_rule::string,
                               .least = 1,
                               .most = 100'000,
                               .pattern = "^([0-9]*[1-9][0-9]*|[0-9]+(\\.[0-9]+)?x)$"};
constexpr value_rule levels{
    .types = value_rule::array | value_rule::string | value_rule::integer,
    .least = 1,
    .most = 100'000,
    .pattern =
        "^([0-9]*[1-9][0-9]*|[0-9]+(\\.[0-9]+)?x)(,([0-9]*[1-9][0-9]*|[0-9]+(\\.[0-9]+)?x))*$",
    .form = "a list of numbers of streams like 1,4,16, or of the server's slots like 0.5x,1x,2x",
    .items = &one_level};
constexpr value_rule one_rate{.types = value_rule::number, .least = 1e-6, .most = 1e6};
constexpr value_rule rates{.types = value_rule::array | value_rule::string | value_rule::number,
                           .least = 1e-6,
                           .most = 1e6,
                           .pattern = "^[0-9.]+(,[0-9.]+)*$",
                           .form = "a list of rates above 0, in requests a second, like 0.5,1,2",
                           .items = &one_rate};
constexpr value_rule rate_steps{
    .types = value_rule::string,
    .pattern = "^[0-9.]+:[0-9.]+(h|m|s|ms|us|ns)(,[0-9.]+:[0-9.]+(h|m|s|ms|us|ns))*$",
    .form = "rates and how long each holds, like 1:30s,2:30s"};
constexpr value_rule ramp{.types = value_rule::string,
                          .pattern = "^[0-9]+(\\.[0-9]+)?\\.\\.[0-9]+(\\.[0-9]+)?$",
                          .form = "two rates, in requests a second, like 1..10"};
constexpr value_rule arrivals{.types = value_rule::string,
                              .pattern = "^(constant|poisson|gamma:[0-9.]+)$",
                              .form =
                                  "constant, poisson, or gamma with the coefficient of variation "
                                  "of the gaps, like gamma:2"};
constexpr value_rule lengths{
    .types = value_rule::string,
    .pattern =
        "^(fixed:[1-9][0-9.]*|uniform:[1-9][0-9.]*\\.\\.[0-9.]+|(log)?normal:[1-9][0-9.]*,[0-9.]+)"
        "$",
    .form =
        "a law of lengths like fixed:512, uniform:100..500, normal:512,64 or lognormal:512,0.6"};
constexpr value_rule share{.types = value_rule::number, .least = 0, .most = 1};
constexpr value_rule port{.types = value_rule::integer, .least = 0, .most = 65535};
constexpr value_rule slots{.types = value_rule::integer, .least = 1, .most = 1023};
constexpr value_rule context{.types = value_rule::integer, .least = 1, .most = 1'000'000'000};
constexpr value_rule command{
    .types = value_rule::string,
    .pattern = ".",
    .form = "a command, its words parted by blanks and quoted as in a shell"};
constexpr value_rule number_of_requests{
    .types = value_rule::integer, .least = 1, .most = 1'000'000'000};
constexpr std::array<std::string_view, 2> switch_words = {"on", "off"};

constexpr value_rule words(std::span<const std::string_view> of) {
    return {.types = value_rule::string, .words = of};
}

constexpr value_rule one_api{.types = value_rule::string, .words = api::api_words};
constexpr value_rule apis{.types = value_rule::string | value_rule::array,
                          .words = api::api_words,
                          .several = true,
                          .items = &one_api};

constexpr auto give_prompt = [](const json::value& v, scenario& s) {
    s.workload.conversation.file.clear();
    s.workload.prompts_file.clear();
    s.workload.synthetic.reset();
    return take(v, s.workload.prompt) && !s.workload.prompt.empty();
};
constexpr auto give_prompts = [](const json::value& v, scenario& s) {
    s.workload.conversation.file.clear();
    s.workload.prompt.clear();
    s.workload.synthetic.reset();
    return take(v, s.workload.prompts_file);
};
constexpr auto give_synthetic = [](const json::value& v, scenario& s) {
    s.workload.prompt.clear();
    s.workload.prompts_file.clear();
    s.workload.conversation.file.clear();
    return take(v, s.workload.synthetic);
};
constexpr auto give_conversations = [](const json::value& v, scenario& s) {
    s.workload.prompt.clear();
    s.workload.prompts_file.clear();
    s.workload.synthetic.reset();
    return take(v, s.workload.conversation.file);
};

constexpr std::string_view loop = "load";  // one of these fields says which load it is

void close_loop(scenario& s) {
    arrival_settings& a = s.load.arrivals;
    a.rates.clear();
    a.steps.clear();
    a.ramp.reset();
    a.trace_file.clear();
}
constexpr auto give_concurrency = [](const json::value& v, scenario& s) {
    close_loop(s);
    return take(v, s.load.concurrency);
};
constexpr auto give_rate = [](const json::value& v, scenario& s) {
    close_loop(s);
    return take(v, s.load.arrivals.rates);
};
constexpr auto give_rate_steps = [](const json::value& v, scenario& s) {
    close_loop(s);
    return take_text(v, parse_rate_steps, s.load.arrivals.steps);
};
constexpr auto give_trace = [](const json::value& v, scenario& s) {
    close_loop(s);
    return take(v, s.load.arrivals.trace_file) && !s.load.arrivals.trace_file.empty();
};
constexpr auto give_ramp = [](const json::value& v, scenario& s) {
    close_loop(s);
    const auto parsed = parse_ramp(std::string_view{v.get_string()});
    s.load.arrivals.ramp = parsed;
    return parsed.has_value();
};

// clang-format off
constexpr std::array fields = {
    read_by(row("/target/url", "--url", "URL", some_text, "server under test",
        [](auto& s) -> auto& { return s.target.url; }),
        [](const json::value& v, scenario& s) {
            s.target.further_urls.clear();
            return take(v, s.target.url);
        }),
    read_by(row("/target/api", "--api", "WORD[,...]", apis,
        "API to use; auto takes LM Studio's own where the server has it, else openai-chat; several take turns and are compared",
        [](auto& s) -> auto& { return s.target.api; }),
        [](const json::value& v, scenario& s) { return take_apis(v, s.target.api); }),
    sets(row("/target/allow_missing", "--allow-missing", "", truth,
        "leave out what an API has no way to express, and say so, where that would be an error",
        [](auto& s) -> auto& { return s.request.allow_missing; }), "true"),
    row("/target/model", "--model", "NAME", text, "model to ask for; default: the one that is loaded",
        [](auto& s) -> auto& { return s.target.model; }),
    instead(row("/target/api_token_file", "--api-token-file", "FILE", text, "file that holds the API token",
        [](auto& s) -> auto& { return s.target.api_token_file; }), "token",
        [](const json::value& v, scenario& s) {
            s.target.api_token.clear();
            return take(v, s.target.api_token_file);
        }),
    secret(instead(row("/target/api_token", "--api-token", "TOKEN", text,
        "the token itself; ps shows it to other users, so rather the file or the variable LM_API_TOKEN",
        [](auto& s) -> auto& { return s.target.api_token; }), "token",
        [](const json::value& v, scenario& s) {
            s.target.api_token_file.clear();
            return take(v, s.target.api_token);
        })),
    secret(row("/target/headers", "--header", "K:V", texts_by_name,
        "header for every request; may be repeated",
        [](auto& s) -> auto& { return s.target.headers; })),
    sets(row("/target/verify_tls", "--insecure", "", truth,
        "trust any certificate of an https server",
        [](auto& s) -> auto& { return s.target.verify_tls; }), "false"),
    row("/target/ca_file", "--ca-file", "FILE", text,
        "PEM file of the authorities to trust; default: the system's",
        [](auto& s) -> auto& { return s.target.ca_file; }),
    sets(row("/target/quick_ack", "--no-quickack", "", truth,
        "acknowledge segments as late as the system likes, as ordinary clients do",
        [](auto& s) -> auto& { return s.target.quick_ack; }), "false"),
    sets(row("/target/kernel_times", "--user-clock", "", truth,
        "time what comes by this process's own clock and not by the kernel's, as where there is none",
        [](auto& s) -> auto& { return s.target.kernel_times; }), "false"),

    row("/server/parallel", "--n-parallel", "N", slots,
        "streams that the server must run at once: LM Studio's model is loaded so where it is not",
        [](auto& s) -> auto& { return s.server.parallel; }),
    read_by(row("/server/unified_kv", "--unified-kv-cache", "WORD",
        {.types = value_rule::string | value_rule::boolean, .words = switch_words, .form = "on or off"},
        "on or off: one pool of context for all streams; LM Studio's model is loaded so, and it is read back",
        [](auto& s) -> auto& { return s.server.unified_kv; }),
        [](const json::value& v, scenario& s) { return take_switch(v, s.server.unified_kv); }),
    row("/server/context_length", "--context-length", "N", context, "tokens of context of the server that --server-command starts",
        [](auto& s) -> auto& { return s.server.context_length; }),
    scenario_field{"/server/command", "--server-command", "COMMAND", "", command,
        "start the server for this run, and stop it after; {parallel}, {kv_flag}, {context_length} and {port} are filled in",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.server.command) && is_command(s.server.command); },
        [](const scenario& s, json_writer& w) { return put(w, shown_command(s.server.command)); }},

    instead(row("/workload/prompt", "--prompt", "TEXT", some_text, "one prompt for all requests",
        [](auto& s) -> auto& { return s.workload.prompt; }), "prompt", give_prompt),
    instead(row("/workload/prompts", "--prompts", "FILE", text,
        "file of prompts: JSONL with a \"prompt\" in each line, or a prompt a line; default: 48 built-in chat prompts",
        [](auto& s) -> auto& { return s.workload.prompts_file; }), "prompt", give_prompts),
    instead(row("/workload/synthetic", "--synthetic", "LAW", lengths,
        "made-up prompts of these lengths in tokens: fixed:512, uniform:100..500, normal:512,64, lognormal:512,0.6",
        [](auto& s) -> auto& { return s.workload.synthetic; }), "prompt", give_synthetic),
    sets(row("/workload/calibrate", "--no-calibration", "", truth,
        "take four characters for a token in made-up prompts, and send no requests to find out what the server counts",
        [](auto& s) -> auto& { return s.workload.calibrate; }), "false"),
    instead(row("/workload/system_prompt", "--system-prompt", "TEXT", text, "system prompt of every request",
        [](auto& s) -> auto& { return s.workload.system_prompt; }), "system prompt",
        [](const json::value& v, scenario& s) {
            s.workload.system_prompt_file.clear();
            return take(v, s.workload.system_prompt);
        }),
    instead(row("/workload/system_prompt_file", "--system-prompt-file", "FILE", text, "file that holds it",
        [](auto& s) -> auto& { return s.workload.system_prompt_file; }), "system prompt",
        [](const json::value& v, scenario& s) {
            s.workload.system_prompt.clear();
            return take(v, s.workload.system_prompt_file);
        }),
    row("/workload/max_tokens", "--max-tokens", "N",
        {.types = value_rule::integer, .least = 1, .most = 1'000'000}, "longest answer, in tokens",
        [](auto& s) -> auto& { return s.workload.max_tokens; }),
    row("/workload/seed", "--seed", "N",
        {.types = value_rule::integer, .most = 1.8446744073709552e19,
         .form = "a whole number from 0 to 18446744073709551615"},
        "of everything that chance decides", [](auto& s) -> auto& { return s.workload.seed; }),
    row("/workload/turns", "--turns", "N",
        {.types = value_rule::integer, .least = 1, .most = 1000},
        "user turns of each conversation, a prompt each: the answer of each is in the request of the next",
        [](auto& s) -> auto& { return s.workload.conversation.turns; }),
    instead(row("/workload/conversations", "--conversations", "FILE", text,
        "file of conversations: JSONL with \"messages\" in each line, as OpenAI or Anthropic have them",
        [](auto& s) -> auto& { return s.workload.conversation.file; }), "prompt",
        give_conversations),
    scenario_field{"/workload/history", "--conversation-history", "WORD", "", words(history_words),
        "how earlier turns reach the server: stateful (it remembers them), resent, or auto (stateful where the API is)",
        "", true, false,
        [](const json::value& v, scenario& s) { return take_history(v, s.workload.conversation.history); },
        [](const scenario& s, json_writer& w) {
            w.value(history_words.at(static_cast<std::size_t>(s.workload.conversation.history)));
            return true;
        }},
    scenario_field{"/workload/integrations", "--integrations", "JSON", "", integrations,
        "MCP servers and plugins whose tools LM Studio may call itself (native API): a plugin's name, or JSON; the values of headers are secrets",
        "", true, true,
        [](const json::value& v, scenario& s) { return take_integrations(v, s.workload.integrations); },
        [](const scenario& s, json_writer& w) { return put_integrations(w, s.workload.integrations); }},
    scenario_field{.pointer = "/workload/images",
        .flag = "--image",
        .value_name = "FILE",
        .flag_json = {},
        .rule = images,
        .text = "image to send with each prompt, PNG, JPEG or WebP; may be repeated",
        .instead = {},
        .read = [](const json::value& v, scenario& s) { return take_images(v, s.workload.images); },
        .write = [](const scenario& s, json_writer& w) { return put_images(w, s.workload.images); },
        .repeated = true},
    row("/workload/inputs", "--inputs", "N", {.types = value_rule::integer, .least = 1, .most = 100'000},
        "texts in each request of openai-embeddings, a prompt each",
        [](auto& s) -> auto& { return s.workload.inputs_each; }),
    scenario_field{"/workload/salt", "--salt", "WORD", "", words(salt_words),
        "what stands before each prompt so that no two share a prefix: run (new in each run), seed (repeatable) or none",
        "", true, false, [](const json::value& v, scenario& s) { return take_salt(v, s.workload.salt); },
        [](const scenario& s, json_writer& w) {
            w.value(salt_words.at(static_cast<std::size_t>(s.workload.salt)));
            return true;
        }},

    scenario_field{"/load/concurrency", "--concurrency", "N[,N...]", "", levels,
        "concurrent streams; several levels as a list: 1,4,16; multiples of the server's slots: 0.5x,1x,2x",
        loop, true, false, give_concurrency,
        [](const scenario& s, json_writer& w) { return !s.load.arrivals.is_open() && put(w, s.load.concurrency); }},
    scenario_field{"/load/rate", "--rate", "R[,R...]", "", rates,
        "an open loop: requests arrive at this rate, in requests a second, whether or not earlier ones have ended; several levels as a list",
        loop, true, false, give_rate,
        [](const scenario& s, json_writer& w) { return put(w, s.load.arrivals.rates); }},
    scenario_field{"/load/rate_steps", "--rate-steps", "R:TIME[,...]", "", rate_steps,
        "an open loop whose rate goes up or down in steps, each for its time: 1:30s,2:30s",
        loop, true, false, give_rate_steps,
        [](const scenario& s, json_writer& w) { return put(w, rate_steps_text(s.load.arrivals.steps)); }},
    scenario_field{"/load/ramp", "--ramp", "R..R", "", ramp,
        "an open loop whose rate changes evenly over the window: 1..10",
        loop, true, false, give_ramp,
        [](const scenario& s, json_writer& w) { return s.load.arrivals.ramp && put(w, ramp_text(*s.load.arrivals.ramp)); }},
    scenario_field{"/load/trace", "--trace", "FILE", "", some_text,
        "an open loop that replays a recorded trace, each request with its time and lengths: Mooncake (JSONL), BurstGPT or Azure (CSV)",
        loop, true, false, give_trace,
        [](const scenario& s, json_writer& w) { return put(w, s.load.arrivals.trace_file); }},
    scenario_field{"/load/trace_scale", "--trace-scale", "X", "", {.types = value_rule::number, .least = 1e-6, .most = 1e6},
        "the times of the trace are multiplied by this: 0.5 is twice as fast; default: 1",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.load.arrivals.trace_scale); },
        [](const scenario& s, json_writer& w) { return !s.load.arrivals.trace_file.empty() && put(w, s.load.arrivals.trace_scale); }},
    scenario_field{"/load/trace_limit", "--trace-limit", "N", "", {.types = value_rule::integer, .least = 1, .most = 30'000'000},
        "only the first requests of the trace",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.load.arrivals.trace_limit); },
        [](const scenario& s, json_writer& w) { return !s.load.arrivals.trace_file.empty() && put(w, s.load.arrivals.trace_limit); }},
    scenario_field{"/load/arrivals", "--arrivals", "LAW", "", arrivals,
        "how the gaps between arrivals spread: constant, poisson, or gamma:CV with their coefficient of variation (above 1 arrivals come in bursts); default: poisson",
        "", true, false,
        [](const json::value& v, scenario& s) { return take_text(v, parse_arrivals, s.load.arrivals.law); },
        [](const scenario& s, json_writer& w) { return s.load.arrivals.is_open() && s.load.arrivals.trace_file.empty() && put(w, arrivals_text(s.load.arrivals.law)); }},
    scenario_field{"/load/max_in_flight", "--max-in-flight", "N", "", {.types = value_rule::integer, .least = 1, .most = 100'000},
        "of an open loop: so many requests, or conversations, at once; an arrival that finds as many is shed, and a miss; default: 1000",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.load.arrivals.max_in_flight); },
        [](const scenario& s, json_writer& w) { return s.load.arrivals.is_open() && put(w, s.load.arrivals.max_in_flight); }},
    scenario_field{"/load/catch_up", "--catch-up", "", "true", truth,
        "of an open loop: send in a burst what this machine was over 100 ms late for, which is shed otherwise",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.load.arrivals.catch_up); },
        [](const scenario& s, json_writer& w) { return s.load.arrivals.is_open() && put(w, s.load.arrivals.catch_up); }},
    instead(row("/load/requests", "--requests", "N", number_of_requests,
        "end a level's window after this many requests of all its workers",
        [](auto& s) -> auto& { return s.load.requests; }), "length",
        [](const json::value& v, scenario& s) { return take(v, s.load.requests); }),
    scenario_field{"/load/duration", "--duration", "TIME", "", duration, "length of a level's window",
        "length", true, false,
        [](const json::value& v, scenario& s) {
            s.load.requests.reset();
            return take(v, s.load.duration);
        },
        [](const scenario& s, json_writer& w) { return !s.load.ends_with_arrivals() && put(w, s.load.duration_in_effect()); }},
    scenario_field{"/load/warmup", "--warmup", "TIME", "", duration,
        "before the window, at the level's own concurrency; default: a tenth of the duration, at most 10s, and none with --requests",
        "", true, false, [](const json::value& v, scenario& s) { return take(v, s.load.warmup); },
        [](const scenario& s, json_writer& w) { return put(w, s.load.warmup_in_effect()); }},
    row("/load/grace", "--grace", "TIME", duration, "for requests in flight when the window ends",
        [](auto& s) -> auto& { return s.load.grace; }),
    row("/load/think_time", "--think-time", "TIME", duration, "between an answer and the next request",
        [](auto& s) -> auto& { return s.load.think_time; }),

    sets(row("/load/response_cache", "--response-cache", "", truth,
        "for rehearsals: answer a request whose body was sent before from memory, in none of the figures; wants --salt none",
        [](auto& s) -> auto& { return s.request.response_cache; }), "true"),

    row("/limits/max_error_rate", "--max-error-rate", "SHARE", share,
        "share of failed and timed out requests above which the exit code is 4",
        [](auto& s) -> auto& { return s.limits.max_error_rate; }),
    row("/limits/max_failures", "--max-failures", "N", number_of_requests,
        "end the run once this many requests have failed or timed out; the exit code is then 4",
        [](auto& s) -> auto& { return s.limits.max_failures; }),
    row("/limits/slo", "--slo", "CLAUSES", slo,
        "what each request is held to: ttft<2s,tpot<50ms,e2e<30s; also ttfa and itl_max. Those that "
        "meet all of it are the goodput",
        [](auto& s) -> auto& { return s.limits.slo; }),
    scenario_field{.pointer = "/limits/thresholds",
              .flag = "--threshold",
              .value_name = "BOUND",
              .flag_json = {},
              .rule = thresholds,
              .text = "a bound on a figure of summary.json, like ttft_ms.p95 < 2000; may be repeated",
              .instead = {},
              .stored = true,
              .secret = false,
              .read = [](const json::value& v, scenario& s) {
                  return take_thresholds(v, s.limits.thresholds);
              },
              .write = [](const scenario& s, json_writer& w) {
                  return put_thresholds(w, s.limits.thresholds);
              },
                   .repeated = true},
    scenario_field{.pointer = "/limits/abort_on",
              .flag = "--abort-on",
              .value_name = "BOUND",
              .flag_json = {},
              .rule = thresholds,
              .text = "a bound as of --threshold that also ends the run, as soon as it can only fail; may be repeated",
              .instead = {},
              .stored = true,
              .secret = false,
              .read = [](const json::value& v, scenario& s) {
                  return take_thresholds(v, s.limits.abort_on);
              },
              .write = [](const scenario& s, json_writer& w) {
                  return put_thresholds(w, s.limits.abort_on);
              },
                   .repeated = true},
    row("/limits/max_read_lag", "--max-read-lag", "TIME", duration,
        "p99 of the time that bytes may lie in the kernel before they are read, in a valid run (or 5 % of the median gap); 0 is off, here and below",
        [](auto& s) -> auto& { return s.limits.validity.read_lag; }),
    row("/limits/max_event_loop_lag", "--max-event-loop-lag", "TIME", duration,
        "p99 of how late the event loop may be in a valid run",
        [](auto& s) -> auto& { return s.limits.validity.event_loop_lag; }),
    row("/limits/max_send_lag", "--max-send-lag", "TIME", duration,
        "p99 of how late requests may be sent in a valid run, in an open loop",
        [](auto& s) -> auto& { return s.limits.validity.send_lag; }),
    row("/limits/max_client_cpu", "--max-client-cpu", "PERCENT",
        {.types = value_rule::integer, .least = 0, .most = 1000},
        "of a core that this process may use in a valid run",
        [](auto& s) -> auto& { return s.limits.validity.client_cpu_percent; }),
    row("/limits/timeout_connect", "--timeout-connect", "TIME", duration,
        "for a connection; 0 is off, here and below",
        [](auto& s) -> auto& { return s.deadlines.connect; }),
    row("/limits/timeout_headers", "--timeout-headers", "TIME", duration, "from the send to the header",
        [](auto& s) -> auto& { return s.deadlines.headers; }),
    row("/limits/timeout_first_token", "--timeout-first-token", "TIME", duration,
        "from the send to the first token",
        [](auto& s) -> auto& { return s.deadlines.first_token; }),
    row("/limits/timeout_gap", "--timeout-gap", "TIME", duration, "between two events of an answer",
        [](auto& s) -> auto& { return s.deadlines.gap; }),
    row("/limits/timeout_tool_gap", "--timeout-tool-gap", "TIME", duration,
        "the same while tool arguments are made",
        [](auto& s) -> auto& { return s.deadlines.tool_gap; }),
    row("/limits/timeout_request", "--timeout-request", "TIME", duration, "for a whole request",
        [](auto& s) -> auto& { return s.deadlines.whole; }),
    row("/limits/timeout_server", "--timeout-server", "TIME", duration,
        "for the server that --server-command starts, until it answers",
        [](auto& s) -> auto& { return s.deadlines.server_start; }),

    unstored(row("/output/directory", "--out", "DIR", text,
        "directory for the results, missing or empty; default: lmstress-results/<time>-<run>",
        [](auto& s) -> auto& { return s.output.directory; })),
    unstored(row("/output/labels", "--label", "K=V", texts_by_name,
        "note to store with the results; may be repeated",
        [](auto& s) -> auto& { return s.output.labels; })),
    unstored(row("/output/history", "--history", "FILE", text,
        "database of all runs; default: ~/.local/share/lmstress/history.db",
        [](auto& s) -> auto& { return s.output.history; })),
    unstored(sets(row("/output/keep_history", "--no-history", "", truth,
        "leave the run out of the history",
        [](auto& s) -> auto& { return s.output.keep_history; }), "false")),
    unstored(row("/output/progress", "--progress", "FILE", text,
        "file or pipe to write to, once a second, what the run is at, as lines of JSON",
        [](auto& s) -> auto& { return s.output.progress; })),
    unstored(row("/output/metrics_port", "--metrics-port", "N", port,
        "port of 127.0.0.1 where Prometheus reads what the run is at; 0: a free one",
        [](auto& s) -> auto& { return s.output.metrics_port; })),
    sets(row("/output/server_state", "--server-state", "", truth,
        "ask LM Studio once a second what the model is doing and how many requests it has",
        [](auto& s) -> auto& { return s.output.server_state; }), "true"),
    sets(row("/output/events", "--events", "", truth, "store when every token arrived (event_ns)",
        [](auto& s) -> auto& { return s.output.events; }), "true"),
};
// clang-format on

constexpr std::array sections = {
    scenario_section{"target", "where the load goes"},
    scenario_section{"server", "settings of the server that must be in force"},
    scenario_section{"workload", "what is asked"},
    scenario_section{"request", "fields of the API's request body, by its own names"},
    scenario_section{"load", "how many ask, and for how long"},
    scenario_section{"limits", "how long to wait for what, and how much may fail"},
    scenario_section{"output", "what is kept"},
    scenario_section{"sweep", "what lmstress sweep goes over", "sweep"},
    scenario_section{"capacity", "how lmstress capacity searches", "capacity"},
};

}  // namespace

std::span<const scenario_field> scenario_fields() noexcept {
    static const std::vector<scenario_field> all = [] {
        std::vector<scenario_field> rows{fields.begin(), fields.end()};
        const auto more = sweep_fields();
        rows.insert(rows.end(), more.begin(), more.end());
        return rows;
    }();
    return all;
}

const scenario_field* find_scenario_field(std::string_view pointer) noexcept {
    const auto all = scenario_fields();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const scenario_field& f) { return f.pointer == pointer; });
    return found == all.end() ? nullptr : &*found;
}

std::span<const scenario_section> scenario_sections() noexcept {
    return sections;
}

}  // namespace lmstress::workload
