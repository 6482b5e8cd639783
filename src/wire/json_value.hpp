#pragma once

#include <boost/json/fwd.hpp>

#include <string>

// Values of Boost.JSON on their way in and out.

namespace lmstress::wire {

/// `read` as it was most likely written: Boost.JSON 1.81 reads 0.7 as 0.7000000000000001. Of what
/// people write, fifteen digits and less, none is changed.
[[nodiscard]] double as_written(double read);

/// The value as compact JSON text, numbers in their shortest form.
[[nodiscard]] std::string json_text(const boost::json::value& v);
[[nodiscard]] std::string json_text(const boost::json::object& o);

/// Changes `target` by an RFC 7396 merge patch: objects are merged, anything else takes the place
/// of what was there, and null removes it.
void merge(boost::json::object& target, const boost::json::object& patch);

/// The same, but null takes its place like any other value: a patch over a patch.
void lay_over(boost::json::object& target, const boost::json::object& patch);

}  // namespace lmstress::wire
