#include "sim/images.hpp"

#include <boost/json/value.hpp>

namespace lmstress::sim {
namespace {

namespace json = boost::json;

/// The text below `key`, or below `inner` of the object there.
std::string_view text_below(const json::object& o, std::string_view key, std::string_view inner) {
    const json::value* v = o.if_contains(key);
    if (v != nullptr && v->is_object()) v = v->get_object().if_contains(inner);
    return v != nullptr && v->is_string() ? std::string_view{v->get_string()} : std::string_view{};
}

void collect(const json::value& v, std::vector<std::string_view>& into) {
    if (const json::array* items = v.if_array()) {
        for (const json::value& item : *items) collect(item, into);
        return;
    }
    const json::object* o = v.if_object();
    if (o == nullptr) return;
    // LM Studio's own; OpenAI's, as an object in chats and as a text in responses; Anthropic's; a
    // file's by the name that the SDK's socket gave it.
    for (const auto& [key, inner] : {std::pair{"data_url", ""}, std::pair{"image_url", "url"},
                                     std::pair{"source", "data"}, std::pair{"identifier", ""}}) {
        const std::string_view image = text_below(*o, key, inner);
        if (!image.empty()) into.push_back(image);
    }
    if (const json::value* all = o->if_contains("images"); all != nullptr && all->is_array()) {
        for (const json::value& one : all->get_array()) {  // Ollama's
            if (one.is_string()) into.emplace_back(one.get_string());
        }
    }
    if (const json::value* content = o->if_contains("content")) collect(*content, into);
}

}  // namespace

std::vector<std::string_view> images_in(const json::value& v) {
    std::vector<std::string_view> all;
    collect(v, all);
    return all;
}

}  // namespace lmstress::sim
