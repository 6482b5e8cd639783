#include "analyze/likeness.hpp"

#include "wire/json_value.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace lmstress::analyze {
namespace {

namespace json = boost::json;

/// Prompts or answers that differ by more are not the same work.
constexpr double same_length = 0.02;

/// What a difference at a path of the scenario means. The longest beginning that fits decides.
enum class meaning : std::uint8_t { nothing, work, server };
struct rule {
    std::string_view begins;
    meaning means;
};
constexpr rule rules[] = {
    {"", meaning::nothing},
    {"/target/api", meaning::work},
    {"/target/model", meaning::work},
    {"/target/url", meaning::server},
    {"/server", meaning::server},
    {"/workload", meaning::work},
    {"/workload/seed", meaning::nothing},  // other prompts of the same kind
    {"/request", meaning::work},
    {"/load", meaning::work},
    {"/load/duration", meaning::nothing},  // more or less of the same
    {"/load/requests", meaning::nothing},
    {"/load/warmup", meaning::nothing},
    {"/load/grace", meaning::nothing},
    {"/load/concurrency", meaning::nothing},  // levels are compared with their like
    {"/load/rate", meaning::nothing},
};

meaning meaning_of(std::string_view path) {
    const rule* best = nullptr;
    for (const rule& r : rules) {
        if (path.starts_with(r.begins) &&
            (best == nullptr || r.begins.size() > best->begins.size()))
            best = &r;
    }
    return best->means;
}

std::string text_of(const json::value* v) {
    return v == nullptr ? "not set" : wire::json_text(*v);
}

void differ(const std::string& path, const json::value* a, const json::value* b, unlikeness& to) {
    if (a != nullptr && b != nullptr && *a == *b) return;
    const json::object none;
    const json::object* one = a != nullptr ? a->if_object() : nullptr;
    const json::object* other = b != nullptr ? b->if_object() : nullptr;
    if ((one != nullptr || a == nullptr) && (other != nullptr || b == nullptr)) {
        std::set<std::string> keys;
        for (const json::object* o : {one, other}) {
            for (const auto& member : o != nullptr ? *o : none) keys.emplace(member.key());
        }
        for (const std::string& key : keys) {
            differ(path + '/' + key, one != nullptr ? one->if_contains(key) : nullptr,
                   other != nullptr ? other->if_contains(key) : nullptr, to);
        }
        return;
    }
    const meaning m = meaning_of(path);
    if (m == meaning::nothing) return;
    const std::string sentence = path + " is " + text_of(a) + " in A and " + text_of(b) + " in B";
    (m == meaning::work ? to.other_work : to.other_server).push_back(sentence);
}

/// Files that the requests are made of.
constexpr std::string_view request_files[] = {"/workload/prompts", "/workload/conversations",
                                              "/workload/system_prompt_file", "/workload/images",
                                              "/load/trace"};

/// Of a file, or in their order of the files of a list: "/workload/images/0".
std::vector<std::string> hashes_at(std::string_view pointer, const run_setup& s) {
    std::vector<std::string> out;
    for (const auto& [at, hash] : s.file_hashes) {
        const bool below = at.starts_with(pointer) && at.substr(pointer.size()).starts_with('/');
        if (at == pointer || below) out.push_back(hash);
    }
    return out;
}

json::object* section_of(json::value& scenario, std::string_view pointer) {
    json::object* all = scenario.if_object();
    json::value* section =
        all != nullptr ? all->if_contains(pointer.substr(1, pointer.find('/', 1) - 1)) : nullptr;
    return section != nullptr ? section->if_object() : nullptr;
}

/// What stands in a section of the scenario, and from then on does not. Null: nothing did.
json::value take(json::value& scenario, std::string_view pointer) {
    json::object* section = section_of(scenario, pointer);
    const std::string_view name = pointer.substr(pointer.find('/', 1) + 1);
    json::value* there = section != nullptr ? section->if_contains(name) : nullptr;
    if (there == nullptr) return nullptr;
    json::value out = std::move(*there);
    section->erase(name);
    return out;
}

/// Takes out of both scenarios the files whose bytes are known.
void differ_in_files(const run_setup& a, json::value& one, const run_setup& b, json::value& other,
                     unlikeness& to) {
    for (const std::string_view pointer : request_files) {
        const auto ours = hashes_at(pointer, a);
        const auto theirs = hashes_at(pointer, b);
        if (ours.empty() || theirs.empty()) continue;
        const std::string file = wire::json_text(take(one, pointer));
        const std::string others = wire::json_text(take(other, pointer));
        if (ours == theirs) continue;
        to.other_work.push_back(std::string{pointer} + " is " + file +
                                (file == others
                                     ? " in both, which held other bytes in B than in A"
                                     : " in A and " + others + " in B, which held other bytes"));
    }
}

/// A server that the run started on this machine has a port that it mostly chose itself, and that
/// says nothing of the server.
void forget_own_port(json::value& scenario) {
    constexpr std::string_view here = "http://127.0.0.1:";
    json::object* server = section_of(scenario, "/server/command");
    json::object* target = section_of(scenario, "/target/url");
    if (server == nullptr || !server->contains("command") || target == nullptr) return;
    json::value* url = target->if_contains("url");
    const json::string* text = url != nullptr ? url->if_string() : nullptr;
    if (text == nullptr || !text->starts_with(here)) return;
    if (text->find_first_not_of("0123456789", here.size()) != json::string::npos) return;
    *url = here.substr(0, here.size() - 1);
}

unlikeness differences(const run_setup& a, json::value one, const run_setup& b, json::value other) {
    unlikeness out;
    differ_in_files(a, one, b, other, out);
    forget_own_port(one);
    forget_own_port(other);
    differ("", &one, &other, out);
    return out;
}

json::value scenario_of(const run_setup& s) {
    boost::system::error_code ec;
    return json::parse(s.scenario_json, ec);
}

/// Levels of one run tell the same of its server.
void say_once(std::string sentence, std::vector<std::string>& to) {
    if (std::find(to.begin(), to.end(), sentence) == to.end()) to.push_back(std::move(sentence));
}

json::object target_of(const json::value& scenario) {
    const json::object* all = scenario.if_object();
    const json::value* target = all != nullptr ? all->if_contains("target") : nullptr;
    return target != nullptr && target->is_object() ? target->get_object() : json::object{};
}

/// Left to the server to say.
bool is_open(const json::object& target, std::string_view name) {
    const json::value* v = target.if_contains(name);
    const json::string* text = v != nullptr ? v->if_string() : nullptr;
    return text == nullptr || text->empty() || *text == "auto";
}

struct mean_length {
    double mean = 0;
    double error = 0;  ///< standard error
};

/// Of the completed requests: those that failed were not counted by the server.
std::optional<mean_length> length_in(const measured_level& l,
                                     std::optional<std::uint64_t> request_record::* of) {
    double sum = 0;
    double squares = 0;
    double n = 0;
    for (const request_record& r : l.requests) {
        const std::optional<std::uint64_t>& tokens = r.*of;
        if (r.phase != run_phase::measured || r.ended != outcome::completed || !tokens) continue;
        const auto t = static_cast<double>(*tokens);
        sum += t;
        squares += t * t;
        n += 1;
    }
    if (sum <= 0) return std::nullopt;
    const double mean = sum / n;
    return mean_length{mean, std::sqrt(std::max(squares / n - mean * mean, 0.0) / n)};
}

std::string rounded(double v) {
    return std::to_string(std::llround(v));
}

void differ_in_length(const char* what, const measured_level& a, const measured_level& b,
                      std::optional<std::uint64_t> request_record::* of, unlikeness& to) {
    const auto one = length_in(a, of);
    const auto other = length_in(b, of);
    if (!one || !other) return;
    const double by_chance = 4 * std::hypot(one->error, other->error);
    const double allowed = std::max(same_length * one->mean + 1, by_chance);
    if (std::abs(other->mean - one->mean) <= allowed) return;
    say_once(std::string{what} + " have " + rounded(one->mean) + " tokens on average in A and " +
                 rounded(other->mean) + " in B",
             to.other_work);
}

/// `asked_at` is where the scenario asks for it.
template <class T>
void differ_in_setting(const char* what, std::string_view asked_at, const server_setting<T>& a,
                       const server_setting<T>& b, unlikeness& to) {
    if (!a.confirmed || !b.confirmed || *a.confirmed == *b.confirmed) return;
    const auto text = [](const T& v) {
        if constexpr (std::is_same_v<T, bool>)
            return std::string{v ? "on" : "off"};
        else
            return std::to_string(v);
    };
    std::erase_if(to.other_server, [&](const std::string& said) {
        return said.starts_with(std::string{asked_at} + " is ");
    });
    say_once(std::string{what} + " is " + text(*a.confirmed) + " in A and " + text(*b.confirmed) +
                 " in B",
             to.other_server);
}

}  // namespace

unlikeness unlikeness_of(const run_setup& a, const run_setup& b) {
    return differences(a, scenario_of(a), b, scenario_of(b));
}

unlikeness unlikeness_of_plans(const run_setup& a, const run_setup& b) {
    json::value one = scenario_of(a);
    json::value other = scenario_of(b);
    json::object ours = target_of(one);
    json::object theirs = target_of(other);
    for (const char* name : {"api", "model"}) {
        if (!is_open(ours, name) && !is_open(theirs, name)) continue;
        ours.erase(name);
        theirs.erase(name);
    }
    if (one.is_object()) one.get_object()["target"] = std::move(ours);
    if (other.is_object()) other.get_object()["target"] = std::move(theirs);
    return differences(a, std::move(one), b, std::move(other));
}

void add_unlike_lengths(const measured_level& a, const measured_level& b, unlikeness& to) {
    differ_in_length("prompts", a, b, &request_record::input_tokens, to);
    differ_in_length("answers", a, b, &request_record::output_tokens, to);
}

void add_unlikeness(const level_summary& a, const level_summary& b, unlikeness& to) {
    if (!a.answered_by.empty() && !b.answered_by.empty() && a.answered_by != b.answered_by) {
        say_once("A was answered by " + a.answered_by + " and B by " + b.answered_by,
                 to.other_work);
    }
    const server_settings& one = a.setup.server;
    const server_settings& other = b.setup.server;
    if (!one.quantization.empty() && !other.quantization.empty() &&
        one.quantization != other.quantization) {
        say_once(
            "the quantization is " + one.quantization + " in A and " + other.quantization + " in B",
            to.other_server);
    }
    differ_in_setting("the server's parallel", "/server/parallel", one.parallel, other.parallel,
                      to);
    differ_in_setting("unified KV", "/server/unified_kv", one.unified_kv, other.unified_kv, to);
    differ_in_setting("the context length", "/server/context_length", one.context_length,
                      other.context_length, to);
}

}  // namespace lmstress::analyze
