#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace test {

/// A JSON Schema (draft 7), and what a validator that others wrote (valijson) says by it.
class json_schema {
  public:
    explicit json_schema(const std::string& text);

    /// Empty: the value is valid. Else the first thing that is wrong.
    [[nodiscard]] std::string error_in(const boost::json::value& v) const;

    /// The value without one of the fields that the schema requires, for each of them, at any
    /// depth; with the JSON pointer of what is missing.
    struct mutilated {
        std::string missing;
        boost::json::value value;
    };
    [[nodiscard]] std::vector<mutilated> without_each_required(const boost::json::value& v) const;
    /// The same with one unknown field more in each object that takes none.
    [[nodiscard]] std::vector<mutilated> with_an_unknown_field(const boost::json::value& v) const;

  private:
    boost::json::value schema_;
};

}  // namespace test
