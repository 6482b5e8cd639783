#include "wire/json_value.hpp"

#include "wire/json_writer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace lmstress::wire {

namespace json = boost::json;

namespace {

void write(json_writer& w, const json::value& v);

void write(json_writer& w, const json::object& o) {
    w.begin_object();
    for (const auto& member : o) {
        w.key(member.key());
        write(w, member.value());
    }
    w.end_object();
}

void write(json_writer& w, const json::value& v) {
    switch (v.kind()) {
        case json::kind::null:
            w.null();
            break;
        case json::kind::bool_:
            w.value(v.get_bool());
            break;
        case json::kind::int64:
            w.value(v.get_int64());
            break;
        case json::kind::uint64:
            w.value(v.get_uint64());
            break;
        case json::kind::double_:
            w.value(as_written(v.get_double()));
            break;
        case json::kind::string:
            w.value(std::string_view{v.get_string()});
            break;
        case json::kind::array:
            w.begin_array();
            for (const json::value& item : v.get_array()) write(w, item);
            w.end_array();
            break;
        case json::kind::object:
            write(w, v.get_object());
            break;
    }
}

}  // namespace

double as_written(double read) {
    const std::string digits = fmt::format("{:.15g}", read);
    double out = read;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    // Boost.JSON is wrong by a neighbour at most; what differs by more was written with more
    // digits.
    const double up = std::nextafter(read, std::numeric_limits<double>::infinity());
    const double down = std::nextafter(read, -std::numeric_limits<double>::infinity());
    return out == up || out == down ? out : read;
}

boost::json::value parse_nested(std::string_view text) {
    boost::json::parse_options deep;
    deep.max_depth = 200;
    return boost::json::parse(text, {}, deep);
}

boost::json::value parse_nested(std::string_view text, boost::system::error_code& ec) {
    boost::json::parse_options deep;
    deep.max_depth = 200;
    return boost::json::parse(text, ec, {}, deep);
}

std::string json_text(const json::value& v) {
    std::string out;
    json_writer w{out};
    write(w, v);
    return out;
}

std::string json_text(const json::object& o) {
    std::string out;
    json_writer w{out};
    write(w, o);
    return out;
}

namespace {

void combine(json::object& target, const json::object& patch, bool null_removes) {
    for (const auto& member : patch) {
        const json::value& v = member.value();
        if (v.is_null() && null_removes) {
            target.erase(member.key());
        } else if (v.is_object()) {
            json::value& there = target[member.key()];
            if (!there.is_object()) there.emplace_object();
            combine(there.get_object(), v.get_object(), null_removes);
        } else {
            target[member.key()] = v;
        }
    }
}

}  // namespace

void merge(json::object& target, const json::object& patch) {
    combine(target, patch, true);
}

void lay_over(json::object& target, const json::object& patch) {
    combine(target, patch, false);
}

}  // namespace lmstress::wire
