#include "server/model_list.hpp"

#include "api/json_frame.hpp"
#include "lmstress/version.hpp"
#include "server/catalog.hpp"
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

model_facts facts_of(const catalog_entry& m) {
    return {.key = m.key,
            .architecture = m.architecture,
            .format = m.format,
            .params = m.params,
            .quantization = m.quantization,
            .size_bytes = m.size_bytes};
}

}  // namespace

std::optional<std::uint64_t> slots_in(std::optional<std::uint64_t> said) {
    return said && *said >= 1 && *said <= 1023 ? said
                                               : std::nullopt;  // as LM Studio's schema has it
}

std::optional<std::uint64_t> tokens_in(std::optional<std::uint64_t> said) {
    return said && *said >= 1 && *said <= 1'000'000'000 ? said : std::nullopt;
}

std::optional<json::object> object_of(const http_answer& answer) {
    if (!answer.complete || answer.head.status != 200) return std::nullopt;
    json::error_code ec;
    json::value v = json::parse(answer.body, ec);
    if (ec || !v.is_object()) return std::nullopt;
    return std::move(v.get_object());
}

std::optional<std::vector<listed_model>> native_models(const http_answer& answer) {
    const auto all = native_catalog(answer);
    if (!all) return std::nullopt;
    std::vector<listed_model> out;
    for (const catalog_entry& m : *all) {
        if (m.key.empty()) continue;
        out.push_back({.key = m.key,
                       .quantization = m.quantization,
                       .facts = facts_of(m),
                       .embeds = m.type == "embedding"});
        for (const model_instance& i : m.instances) out.back().instances.push_back(i.id);
        if (m.instances.empty()) continue;
        const json::object& config = m.instances.front().config;
        out.back().parallel = slots_in(api::count_at(config, "parallel"));
        out.back().context_length = tokens_in(api::count_at(config, "context_length"));
    }
    return out;
}

std::optional<std::vector<listed_model>> openai_models(const http_answer& answer) {
    const auto list = list_in(answer, "data");
    if (!list) return std::nullopt;
    std::vector<listed_model> out;
    for (const json::value& v : *list) {
        const json::object* entry = v.if_object();
        if (entry != nullptr && !api::string_at(*entry, "id").empty()) {
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
    const std::string ours =
        std::string{"User-Agent: lmstress/"} + version + "\r\nAccept: application/json\r\n";
    return std::string{method} + " " + at.prefix + std::string{path} +
           " HTTP/1.1\r\nHost: " + at.host_header + "\r\n" + net::header_fields(ours, target);
}

}  // namespace lmstress::server
