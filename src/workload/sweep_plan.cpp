#include "workload/sweep_plan.hpp"

#include "wire/json_writer.hpp"
#include "workload/prompts.hpp"
#include "workload/random.hpp"
#include "workload/values.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

namespace lmstress {

std::string variant_name(const server_variant& v) {
    std::string out;
    const auto add = [&](const std::string& word) { out += (out.empty() ? "" : ", ") + word; };
    if (!v.model.empty()) add(v.model);
    if (v.parallel) add("parallel " + std::to_string(*v.parallel));
    if (v.unified_kv) add(*v.unified_kv ? "unified KV on" : "unified KV off");
    if (v.context_length) add("context " + std::to_string(*v.context_length));
    for (const auto& [name, value] : v.fields) add(name + ' ' + value);
    if (v.cold) add("cold");
    return out.empty() ? "server as it is" : out;
}

}  // namespace lmstress

namespace lmstress::workload {
namespace {

namespace json = boost::json;

std::vector<std::string> parts_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in{text};
    for (std::string part; std::getline(in, part, ',');) out.push_back(part);
    return out;
}

/// As JSON: a word that is no JSON is a text.
std::string json_of(const std::string& word) {
    json::error_code ec;
    json::parse(word, ec);
    if (!ec) return word;
    std::string out;
    wire::append_json_string(out, word);
    return out;
}

/// Each of the variants with each of the values.
template <class Value, class Set>
void go_over(std::vector<server_variant>& all, const std::vector<Value>& values, const Set& set) {
    if (values.empty()) return;
    std::vector<server_variant> out;
    for (const server_variant& v : all) {
        for (const Value& value : values) {
            out.push_back(v);
            set(out.back(), value);
        }
    }
    all = std::move(out);
}

error no_setting(const std::string& text) {
    return {errc::usage, "\"" + text + "\" is not a setting of the server to sweep over",
            "Like parallel=8,unified_kv=on,context_length=8192; other names are load settings as "
            "the server spells them."};
}

error twice(const std::string& what) {
    return {errc::usage, what + " stands there twice",
            "Take one of them out; --runs N measures every cell N times."};
}

std::optional<std::uint64_t> count_of(const std::string& text) {
    const auto n = parse_number(text);
    if (!n || *n < 1 || *n > 1e9 || *n != std::floor(*n)) return std::nullopt;
    return static_cast<std::uint64_t>(*n);
}

/// False where the value is none of that setting.
bool set(server_variant& v, const std::string& name, const std::string& value) {
    if (value.empty()) return false;
    if (name == "parallel") return (v.parallel = count_of(value)).has_value();
    if (name == "context_length") return (v.context_length = count_of(value)).has_value();
    if (name == "model") v.model = value;
    if (name == "unified_kv" || name == "cold") {
        if (value != "on" && value != "off") return false;
        if (name == "cold") v.cold = value == "on";
        if (name == "unified_kv") v.unified_kv = value == "on";
    } else if (name != "model") {
        v.fields.emplace_back(name, json_of(value));
    }
    return true;
}

result<server_variant> variant_of(const std::string& text) {
    server_variant v;
    std::set<std::string> names;
    for (const std::string& part : parts_of(text)) {
        const std::size_t sign = part.find('=');
        const std::string name = part.substr(0, sign);
        const bool good =
            sign != std::string::npos && sign > 0 && set(v, name, part.substr(sign + 1));
        if (!good) return no_setting(text);
        if (!names.insert(name).second) return twice(name + " in --setting " + text);
    }
    return v;
}

/// The flag of a list that --setting would take the place of; empty where there is none.
std::string list_beside(const sweep_settings& s, const std::vector<server_variant>& listed) {
    if (!s.parallel.empty()) return "--parallel";
    if (!s.unified_kv.empty()) return "--unified-kv";
    if (!s.context_length.empty()) return "--context-lengths";
    if (!s.load_fields.empty()) return "--load-field";
    const auto any = [&](auto is) { return std::any_of(listed.begin(), listed.end(), is); };
    if (!s.models.empty() && any([](const server_variant& v) { return !v.model.empty(); })) {
        return "--models";
    }
    return s.cold && any([](const server_variant& v) { return v.cold; }) ? "--cold" : "";
}

result<std::vector<server_variant>> variants_of(const sweep_settings& s,
                                                const std::vector<std::string>& models) {
    std::vector<server_variant> all;
    if (s.list.empty()) {
        all.emplace_back();
    } else {
        for (const std::string& text : s.list) {
            auto v = variant_of(text);
            if (!v) return v.error();
            all.push_back(*std::move(v));
        }
        const std::string beside = list_beside(s, all);
        if (!beside.empty()) {
            return error{errc::usage,
                         "--setting names whole settings of the server, so " + beside +
                             " beside it would have no effect",
                         "Put the values into each --setting, or leave --setting out for every "
                         "combination of the lists."};
        }
    }
    go_over(all, models, [](server_variant& v, const std::string& m) { v.model = m; });
    if (s.list.empty()) {
        go_over(all, s.parallel, [](server_variant& v, std::uint64_t n) { v.parallel = n; });
        go_over(all, s.unified_kv, [](server_variant& v, bool on) { v.unified_kv = on; });
        go_over(all, s.context_length,
                [](server_variant& v, std::uint64_t n) { v.context_length = n; });
        for (const auto& [name, values] : s.load_fields) {
            go_over(all, parts_of(values), [&](server_variant& v, const std::string& value) {
                v.fields.emplace_back(name, json_of(value));
            });
        }
    }
    if (s.cold) {
        go_over(all, std::vector<int>{0, 1},
                [](server_variant& v, int cold) { v.cold = cold > 0; });
    }
    return all;
}

/// Settings that have a flag of their own: under two names one would be asked for, and another
/// measured.
result<void> check_load_fields(const sweep_settings& s) {
    struct row {
        std::string_view field;
        const char* flag;
    };
    constexpr row rows[] = {{"parallel", "--parallel"},
                            {"unified_kv", "--unified-kv"},
                            {"context_length", "--context-lengths"},
                            {"model", "--models"}};
    for (const auto& [name, values] : s.load_fields) {
        for (const row& r : rows) {
            if (name != r.field) continue;
            return error{errc::usage,
                         "--load-field " + name + " is a setting that has a flag of its own",
                         std::string{"Write "} + r.flag + ' ' + values + " in its place."};
        }
    }
    return {};
}

/// What of the settings would have no effect, or not the one that is meant.
result<void> check_settings(const sweep_settings& s, const sweep_plan& plan) {
    const auto fields = check_load_fields(s);
    if (!fields) return fields;
    const std::string choice = choice_of_models(s);
    if (s.models.empty() && !choice.empty()) {
        return error{errc::usage,
                     choice + " chooses among the models of --models, and there is no such list",
                     "--models all goes over those that the server lists."};
    }
    if (s.order == sweep_order::palindromic && s.runs % 2 == 1) {
        return error{errc::usage,
                     "--order palindromic goes forwards in one run and backwards in the next, so "
                     "it takes an even number of runs, and --runs is " +
                         std::to_string(s.runs),
                     "--runs 2, or --order random."};
    }
    for (auto v = plan.variants.begin(); v != plan.variants.end(); ++v) {
        if (std::find(plan.variants.begin(), v, *v) != v) {
            return twice("the setting " + quoted_name(*v));
        }
    }
    for (auto load = plan.loads.begin(); load != plan.loads.end(); ++load) {
        if (std::find(plan.loads.begin(), load, *load) != load) return twice("the load " + *load);
    }
    return {};
}

std::string rate_text(double rate) {
    std::ostringstream out;
    out << rate << "/s";
    return out.str();
}

std::vector<std::string> loads_of(const load_settings& load) {
    std::vector<std::string> out;
    if (!load.arrivals.is_open()) {
        for (const stream_count& c : load.concurrency) out.push_back(streams_text(c));
        return out;
    }
    for (const double rate : load.arrivals.rates) out.push_back(rate_text(rate));
    if (out.empty()) {
        const arrival_settings& a = load.arrivals;
        out.emplace_back(!a.trace_file.empty() ? "trace" : !a.steps.empty() ? "steps" : "ramp");
    }
    return out;
}

/// Users of a cold model would unload it under one another.
bool can_be(const server_variant& v, const load_settings& load, std::size_t level) {
    if (!v.cold) return true;
    return !load.arrivals.is_open() && load.concurrency[level] == stream_count{1};
}

std::vector<std::size_t> order_of(const scenario& s, std::size_t n, std::uint32_t run) {
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (s.sweep.order == sweep_order::random) {
        shuffle(order, hash("sweep", s.workload.seed + run));
    } else if (run % 2 == 1) {
        std::reverse(order.begin(), order.end());
    }
    return order;
}

}  // namespace

std::string quoted_name(const server_variant& v) {
    const std::string name = variant_name(v);
    const char quote = name.find('"') == std::string::npos ? '"' : '\'';
    return quote + name + quote;
}

std::string choice_of_models(const sweep_settings& s) {
    if (s.only_vision) return "--only-vision";
    if (s.only_tools) return "--only-tools";
    if (!s.type.empty()) return "--type";
    return s.limit ? "--limit" : "";
}

result<sweep_plan> plan_sweep(const scenario& s, const std::vector<std::string>& models) {
    auto variants = variants_of(s.sweep, models);
    if (!variants) return variants.error();
    sweep_plan plan{.variants = *std::move(variants), .loads = loads_of(s.load), .cells = {}};
    const auto meant = check_settings(s.sweep, plan);
    if (!meant) return meant.error();
    for (std::uint32_t run = 0; run < s.sweep.runs; ++run) {
        for (const std::size_t v : order_of(s, plan.variants.size(), run)) {
            for (const std::size_t load : order_of(s, plan.loads.size(), run)) {
                if (can_be(plan.variants[v], s.load, load)) plan.cells.push_back({v, load, run});
            }
        }
    }
    const bool cold_without_cells =
        s.sweep.cold && std::none_of(plan.cells.begin(), plan.cells.end(),
                                     [&](const auto& c) { return plan.variants[c.variant].cold; });
    if (cold_without_cells || plan.cells.empty()) {
        return error{errc::usage, "a cold model is measured by one user at a time, and no level is",
                     "Put a 1 into --concurrency."};
    }
    if (plan.cells.size() < 2) {
        return error{errc::usage, "there is one setting and one load only: nothing to sweep over",
                     "Give a list: --parallel 1,2,4, --unified-kv on,off, --concurrency 1x,2x, "
                     "--models a,b ... (lmstress sweep --help)"};
    }
    return plan;
}

scenario scenario_of(const scenario& s, const sweep_plan& plan, const sweep_cell& cell) {
    scenario out = s;
    out.sweep = {};
    out.capacity = {};
    // Runs are draws of their own; the settings of one run meet the same.
    out.workload.seed += cell.run;
    const server_variant& v = plan.variants[cell.variant];
    if (!v.model.empty()) out.target.model = v.model;
    if (v.parallel) out.server.parallel = v.parallel;
    if (v.unified_kv) out.server.unified_kv = v.unified_kv;
    if (v.context_length) out.server.context_length = v.context_length;
    load_settings& load = out.load;
    if (!load.arrivals.is_open()) load.concurrency = {load.concurrency[cell.load]};
    if (!load.arrivals.rates.empty()) load.arrivals.rates = {load.arrivals.rates[cell.load]};
    auto& labels = out.output.labels;
    labels.emplace_back("setting", variant_name(v));
    labels.emplace_back("load", plan.loads[cell.load]);
    labels.emplace_back("run", std::to_string(cell.run + 1));
    return out;
}

std::optional<nanoseconds> length_of(const scenario& s, const sweep_plan& plan) {
    if (s.load.ends_with_arrivals()) return std::nullopt;
    const nanoseconds each = s.load.warmup_in_effect() + s.load.duration_in_effect();
    return each * static_cast<std::int64_t>(plan.cells.size());
}

std::size_t changes_of(const sweep_plan& plan) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < plan.cells.size(); ++i) {
        n += i == 0 || plan.cells[i].variant != plan.cells[i - 1].variant ||
             plan.cells[i].run != plan.cells[i - 1].run;
    }
    return n;
}

}  // namespace lmstress::workload
