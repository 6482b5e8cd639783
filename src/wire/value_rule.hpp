#pragma once

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lmstress::wire {

class json_writer;

/// What a JSON value must be: to be checked, said in words, and published as JSON Schema, all from
/// the same few facts.
struct value_rule {
    // Types, to be added up.
    static constexpr unsigned boolean = 1;
    static constexpr unsigned integer = 2;  ///< also 4.0: JSON does not tell them apart
    static constexpr unsigned number = 4;
    static constexpr unsigned string = 8;
    static constexpr unsigned array = 16;
    static constexpr unsigned object = 32;

    unsigned types = 0;
    double least = 0;  ///< of integers and numbers
    double most = 1e18;
    std::span<const std::string_view> words = {};  ///< that a string may be; empty: any
    bool several = false;           ///< a string may be several of the words, with commas between
    std::string_view pattern = {};  ///< that it must match (ECMA 262), for the schema
    std::string_view form = {};     ///< in words; empty: made from the above
    const value_rule* items = nullptr;  ///< of an array, for the schema: one at least
};

/// Whether the value is of the rule's types, within its range and one of its words. A pattern is
/// not looked at: who reads the text knows better.
[[nodiscard]] bool fits(const value_rule& rule, const boost::json::value& v);
/// "a whole number from 1 to 1023": it completes "... is not".
[[nodiscard]] std::string form_of(const value_rule& rule);
/// The members of the rule's JSON Schema, into an object that is open.
void write_schema(json_writer& w, const value_rule& rule);

}  // namespace lmstress::wire
