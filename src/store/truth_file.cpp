#include "store/truth_file.hpp"

#include "store/json_lines.hpp"

#include <string>

namespace lmstress::store {

namespace json = boost::json;

namespace {

bool bears_token(std::string_view type) {
    return type == "message.delta" || type == "token" || type == "fragment";
}

void take(const json::object& line, truth_by_request& into) {
    const auto ns = [&](std::string_view key) { return line.at(key).to_number<std::int64_t>(); };
    const std::string_view type{line.at("type").as_string()};
    if (type != "request" && !bears_token(type)) return;
    true_request& r = into[std::string{std::string_view{line.at("request_id").as_string()}}];
    if (type == "request") {
        r.kernel_ns = ns("kernel_ns");
    } else {
        r.tokens.push_back(ns("sent_ns"));
    }
}

}  // namespace

result<truth_by_request> truth_of_log(std::string_view content) {
    truth_by_request out;
    const auto bad = take_json_lines(content, [&](const json::object& line) { take(line, out); });
    if (bad) {
        return error{errc::bad_file,
                     "line " + std::to_string(*bad) + " of the truth log is not as it was written"};
    }
    return out;
}

}  // namespace lmstress::store
