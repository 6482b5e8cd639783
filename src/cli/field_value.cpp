#include "cli/field_value.hpp"

#include "net/url.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::cli {
namespace {

std::string object_of(std::string_view key, std::string_view value) {
    std::string out;
    wire::json_writer{out}.begin_object().field(key, value).end_object();
    return out;
}

}  // namespace

result<std::string> field_json(const workload::scenario_field& f, const std::string& text,
                               const std::string& name) {
    if (f.pointer == "/target/headers") {
        const auto header = net::parse_header(text);
        if (!header) return error{errc::usage, name + ": " + header.error().message};
        return object_of(header->first, header->second);
    }
    if (f.pointer == "/output/labels" || f.pointer == "/sweep/load_fields") {
        const std::size_t at = text.find('=');
        if (at == 0 || at == std::string::npos) {
            return error{errc::usage, name + " " + text + " is not KEY=VALUE"};
        }
        return object_of(text.substr(0, at), text.substr(at + 1));
    }
    if ((f.rule.types & wire::value_rule::string) == 0) return text;
    std::string json;
    wire::append_json_string(json, text);
    return json;
}

}  // namespace lmstress::cli
