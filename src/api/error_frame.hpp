#pragma once

#include "lmstress/stream_event.hpp"
#include "wire/sse_parser.hpp"

#include <boost/json/fwd.hpp>

#include <string_view>

namespace lmstress::api {

/// The failure that `said` in a frame of this text tells of.
[[nodiscard]] event::failure failure_in(const boost::json::object& said, std::string_view data);
/// Of a frame that is no JSON object: an error if it is called so, else nothing that can be read.
[[nodiscard]] event::failure unreadable(const wire::sse_event& frame);

}  // namespace lmstress::api
