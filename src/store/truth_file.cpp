#include "store/truth_file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <exception>
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
    std::size_t number = 0;
    while (!content.empty()) {
        const std::size_t end = content.find('\n');
        if (end == std::string_view::npos) break;
        ++number;
        try {
            take(json::parse(content.substr(0, end)).as_object(), out);
        } catch (const std::exception&) {
            return error{errc::bad_file, "line " + std::to_string(number) +
                                             " of the truth log is not as it was written"};
        }
        content.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace lmstress::store
