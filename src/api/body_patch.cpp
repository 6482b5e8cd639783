#include "api/body_patch.hpp"

#include "wire/json_value.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace lmstress::api {

namespace json = boost::json;

body_patch::body_patch(const field_texts& fields, std::string_view extra, field_setter set)
    : set_(set) {
    for (const auto& [name, value] : fields) fields_[name] = json::parse(value);
    if (!extra.empty()) extra_ = json::parse(extra).as_object();
}

std::string body_patch::apply(std::string body) const {
    if (fields_.empty() && extra_.empty()) return body;
    json::value whole = json::parse(body);
    json::object& o = whole.as_object();
    for (const auto& field : fields_) {
        if (set_ != nullptr) {
            set_(o, field.key(), field.value());
            continue;
        }
        json::value& there = o[field.key()];
        // Of stream_options the load itself needs a part.
        if (there.is_object() && field.value().is_object()) {
            wire::lay_over(there.get_object(), field.value().get_object());
        } else {
            there = field.value();
        }
    }
    wire::merge(o, extra_);
    return wire::json_text(whole);
}

}  // namespace lmstress::api
