#include "server/model_list.hpp"

#include "api/json_frame.hpp"
#include "lmstress/version.hpp"
#include "wire/letters.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace lmstress::server {

namespace json = boost::json;

namespace {

/// The array of that name in the answer; nothing where there is none.
std::optional<json::array> list_in(const http_answer& answer, std::string_view name) {
    auto o = object_of(answer);
    json::value* list = o ? o->if_contains(name) : nullptr;
    if (list == nullptr || !list->is_array()) return std::nullopt;
    return std::move(list->get_array());
}

void read_instances(const json::object& entry, listed_model& m) {
    const json::value* loaded = entry.if_contains("loaded_instances");
    if (loaded == nullptr || !loaded->is_array()) return;
    for (const json::value& v : loaded->get_array()) {
        const json::object* instance = v.if_object();
        if (instance == nullptr) continue;
        m.instances.emplace_back(api::string_at(*instance, "id"));
        const json::object* config = api::object_at(*instance, "config");
        if (config == nullptr || m.instances.size() > 1) continue;
        m.parallel = api::count_at(*config, "parallel");
        m.context_length = api::count_at(*config, "context_length");
    }
}

}  // namespace

std::optional<json::object> object_of(const http_answer& answer) {
    if (!answer.complete || answer.head.status != 200) return std::nullopt;
    json::error_code ec;
    json::value v = json::parse(answer.body, ec);
    if (ec || !v.is_object()) return std::nullopt;
    return std::move(v.get_object());
}

std::optional<std::vector<listed_model>> native_models(const http_answer& answer) {
    const auto list = list_in(answer, "models");
    if (!list) return std::nullopt;
    std::vector<listed_model> out;
    for (const json::value& v : *list) {
        const json::object* entry = v.if_object();
        if (entry == nullptr) continue;
        out.push_back({.key = std::string{api::string_at(*entry, "key")},
                       .embeds = api::string_at(*entry, "type") == "embedding"});
        read_instances(*entry, out.back());
        if (const json::object* q = api::object_at(*entry, "quantization")) {
            out.back().quantization = std::string{api::string_at(*q, "name")};
        }
    }
    return out;
}

std::optional<std::vector<listed_model>> openai_models(const http_answer& answer) {
    const auto list = list_in(answer, "data");
    if (!list) return std::nullopt;
    std::vector<listed_model> out;
    for (const json::value& v : *list) {
        if (const json::object* entry = v.if_object()) {
            out.push_back({.key = std::string{api::string_at(*entry, "id")}});
        }
    }
    return out;
}

bool names(const listed_model& m, std::string_view model) {
    const auto same = [&](std::string_view other) { return wire::same_letters(model, other); };
    return same(m.key) || std::any_of(m.instances.begin(), m.instances.end(), same);
}

std::string head_of(std::string_view method, const net::endpoint& at, const target_settings& target,
                    std::string_view path) {
    std::string head = std::string{method} + " " + at.prefix + std::string{path} +
                       " HTTP/1.1\r\nHost: " + at.host_header + "\r\nUser-Agent: lmstress/" +
                       version + "\r\nAccept: application/json\r\n";
    return head + net::credentials(target);
}

}  // namespace lmstress::server
