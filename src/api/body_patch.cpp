#include "api/body_patch.hpp"

#include "wire/json_value.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace lmstress::api {

namespace json = boost::json;

body_patch::body_patch(const field_texts& fields, std::string_view extra) {
    for (const auto& [name, value] : fields) fields_[name] = json::parse(value);
    if (!extra.empty()) extra_ = json::parse(extra).as_object();
}

std::string body_patch::apply(std::string body) const {
    if (fields_.empty() && extra_.empty()) return body;
    json::value whole = json::parse(body);
    wire::merge(whole.as_object(), fields_);
    wire::merge(whole.as_object(), extra_);
    return wire::json_text(whole);
}

}  // namespace lmstress::api
