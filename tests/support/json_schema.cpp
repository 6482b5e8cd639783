#include "support/json_schema.hpp"

// The validator's own code is not for our warnings.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wswitch-enum"
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

#include <boost/json/parse.hpp>

#include <functional>

namespace test {

namespace json = boost::json;

namespace {

/// Calls `visit` with each object of the value, the schema that it is held to, and its pointer.
class walker {
  public:
    using visitor =
        std::function<void(const json::object& schema, json::object& value, const std::string& at)>;

    walker(const json::value& root, visitor v) : root_(root), visit_(std::move(v)) {}

    void walk(const json::value& schema, json::value& v, const std::string& at) {
        const json::object& s = resolved(schema.as_object());
        if (const json::value* choices = s.if_contains("anyOf")) {
            for (const json::value& choice : choices->as_array()) {
                if (is_for(resolved(choice.as_object()), v)) return walk(choice, v, at);
            }
            return;
        }
        if (v.is_array()) {
            if (v.get_array().empty() || !s.contains("items")) return;
            walk(s.at("items"), v.get_array().front(), at + "/0");
        }
        if (!v.is_object()) return;
        visit_(s, v.get_object(), at);
        const json::value* properties = s.if_contains("properties");
        for (auto& member : v.get_object()) {
            const json::value* below =
                properties ? properties->as_object().if_contains(member.key()) : nullptr;
            if (below != nullptr)
                walk(*below, member.value(), at + '/' + std::string{member.key()});
        }
    }

  private:
    const json::object& resolved(const json::object& s) const {
        const json::value* ref = s.if_contains("$ref");
        if (ref == nullptr) return s;
        const std::string name{std::string_view{ref->as_string()}.substr(14)};  // #/definitions/
        return root_.at("definitions").at(name).as_object();
    }
    static bool is_for(const json::object& s, const json::value& v) {
        const json::value* type = s.if_contains("type");
        return type != nullptr && type->is_string() && v.is_object() &&
               type->get_string() == "object";
    }

    const json::value& root_;
    visitor visit_;
};

}  // namespace

json_schema::json_schema(const std::string& text) : schema_(json::parse(text)) {}

std::string json_schema::error_in(const json::value& v) const {
    valijson::Schema compiled;
    valijson::SchemaParser parser{valijson::SchemaParser::kDraft7};
    parser.populateSchema(valijson::adapters::BoostJsonAdapter{schema_}, compiled);
    valijson::Validator validator{valijson::Validator::kStrongTypes};
    valijson::ValidationResults results;
    const valijson::adapters::BoostJsonAdapter target{v};
    if (validator.validate(compiled, target, &results)) return {};
    valijson::ValidationResults::Error e;
    results.popError(e);
    std::string at;
    for (const std::string& step : e.context) at += step;
    return at + ": " + e.description;
}

std::vector<json_schema::mutilated> json_schema::without_each_required(const json::value& v) const {
    std::vector<mutilated> out;
    json::value copy = v;
    walker{schema_,
           [&](const json::object& s, json::object& o, const std::string& at) {
               const json::value* required = s.if_contains("required");
               if (required == nullptr) return;
               for (const json::value& name : required->as_array()) {
                   const json::object whole = o;
                   o.erase(std::string_view{name.as_string()});
                   out.push_back({at + '/' + name.as_string().c_str(), copy});
                   o = whole;
               }
           }}
        .walk(schema_, copy, "");
    return out;
}

std::vector<json_schema::mutilated> json_schema::with_an_unknown_field(const json::value& v) const {
    std::vector<mutilated> out;
    json::value copy = v;
    walker{schema_,
           [&](const json::object& s, json::object& o, const std::string& at) {
               const json::value* more = s.if_contains("additionalProperties");
               if (more == nullptr || !more->is_bool() || more->get_bool()) return;
               o["not_in_the_schema"] = 1;
               out.push_back({at, copy});
               o.erase("not_in_the_schema");
           }}
        .walk(schema_, copy, "");
    return out;
}

}  // namespace test
