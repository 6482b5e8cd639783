#pragma once

#include "api/chat_request.hpp"

#include <string>

namespace lmstress::api {

/// "data:image/png;base64,..." (RFC 2397)
[[nodiscard]] inline std::string data_url(const image& i) {
    std::string url = "data:";
    url.append(i.media_type).append(";base64,").append(i.base64);
    return url;
}

}  // namespace lmstress::api
