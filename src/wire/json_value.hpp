#pragma once

#include <boost/json/fwd.hpp>
#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

// Values of Boost.JSON on their way in and out.

namespace lmstress::wire {

/// `read` as it was most likely written: Boost.JSON 1.81 reads 0.7 as 0.7000000000000001. Of what
/// people write, fifteen digits and less, none is changed.
[[nodiscard]] double as_written(double read);

/// Of text that holds what a user merges into a body, which may be nested more deeply than
/// Boost.JSON takes by itself. The first throws where it is no JSON.
[[nodiscard]] boost::json::value parse_nested(std::string_view text);
[[nodiscard]] boost::json::value parse_nested(std::string_view text, boost::system::error_code& ec);

/// The value as compact JSON text, numbers in their shortest form.
[[nodiscard]] std::string json_text(const boost::json::value& v);
[[nodiscard]] std::string json_text(const boost::json::object& o);

/// Changes `target` by an RFC 7396 merge patch: objects are merged, anything else takes the place
/// of what was there, and null removes it.
void merge(boost::json::object& target, const boost::json::object& patch);

/// The same, but null takes its place like any other value: a patch over a patch.
void lay_over(boost::json::object& target, const boost::json::object& patch);

}  // namespace lmstress::wire
