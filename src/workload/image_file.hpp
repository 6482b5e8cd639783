#pragma once

#include "api/chat_request.hpp"
#include "lmstress/error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::workload {

/// A picture to send with the prompts, as requests hold it.
struct image_file {
    std::string_view media_type;  ///< "image/png"
    std::string base64;
    std::string identifier = {};  ///< by which the server knows it, where it was sent it before
};

inline constexpr std::uint64_t largest_image = 20'000'000;  ///< bytes of a file

/// From a file's content: PNG, JPEG or WebP, told by its first bytes. `name` is for the error.
[[nodiscard]] result<image_file> read_image(std::string_view content, const std::string& name);

/// Views of them, for a request that does not outlive them.
[[nodiscard]] std::vector<api::image> images_of(std::span<const image_file> files);

}  // namespace lmstress::workload
