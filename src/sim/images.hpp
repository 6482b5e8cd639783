#pragma once

#include "sim/http_request.hpp"
#include "sim/reply.hpp"

#include <boost/json/fwd.hpp>

#include <string_view>
#include <vector>

namespace lmstress::sim {

/// LM Studio's words (lmstudio-bug-tracker#908).
inline constexpr std::string_view sees_nothing =
    "Model does not support images. Please use a model that does.";

/// The images in an input or a message list, as data URLs or base64, whichever API's they are; on
/// the SDK's socket, the identifiers of files.
/// Views into `v`.
[[nodiscard]] std::vector<std::string_view> images_in(const boost::json::value& v);

}  // namespace lmstress::sim
