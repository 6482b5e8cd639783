#include "api/json_frame.hpp"

#include <cmath>

namespace lmstress::api {

namespace json = boost::json;

const json::object* json_frame::parse(std::string_view text) {
    value_.reset();
    resource_.release();
    parser_.reset(&resource_);
    json::error_code ec;
    parser_.write(text.data(), text.size(), ec);
    if (ec) return nullptr;
    value_.emplace(parser_.release());
    return value_->if_object();
}

std::string_view string_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr || !v->is_string()) return {};
    const json::string& s = v->get_string();
    return {s.data(), s.size()};
}

const json::object* object_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v == nullptr ? nullptr : v->if_object();
}

std::optional<double> number_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr || !v->is_number()) return std::nullopt;
    const double n = v->to_number<double>();
    return std::isfinite(n) ? std::optional{n} : std::nullopt;
}

std::optional<std::uint64_t> count_at(const json::object& o, std::string_view key) {
    const std::optional<double> n = number_at(o, key);
    if (!n || *n < 0 || *n > 1e15) return std::nullopt;
    return static_cast<std::uint64_t>(*n);
}

std::string_view error_message_in(const json::object& o) {
    if (const json::object* error = object_at(o, "error")) {
        if (const auto message = string_at(*error, "message"); !message.empty()) return message;
        return string_at(*error, "type");
    }
    if (const auto text = string_at(o, "error"); !text.empty()) return text;
    return string_at(o, "message");
}

}  // namespace lmstress::api
