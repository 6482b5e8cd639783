#include "workload/image_file.hpp"

#include "wire/base64.hpp"

#include <fmt/format.h>

namespace lmstress::workload {
namespace {

using namespace std::string_view_literals;

/// Empty: neither of the three.
std::string_view media_type_of(std::string_view content) {
    if (content.starts_with("\x89PNG\r\n\x1A\n"sv)) return "image/png";
    if (content.starts_with("\xFF\xD8\xFF"sv)) return "image/jpeg";
    // The four bytes between are the length of the file.
    const std::string_view begin = content.substr(0, 12);
    if (begin.starts_with("RIFF") && begin.size() == 12 && begin.ends_with("WEBP")) {
        return "image/webp";
    }
    return {};
}

}  // namespace

result<image_file> read_image(std::string_view content, const std::string& name) {
    if (content.size() > largest_image) {
        return error{errc::bad_file, fmt::format("{} is larger than an image may be, {} MB", name,
                                                 largest_image / 1'000'000)};
    }
    const std::string_view media_type = media_type_of(content);
    if (media_type.empty()) {
        return error{errc::bad_file, name + " is no image: it is neither PNG nor JPEG nor WebP"};
    }
    return image_file{media_type, wire::base64(content)};
}

std::vector<api::image> images_of(std::span<const image_file> files) {
    std::vector<api::image> out;
    for (const image_file& f : files) out.push_back({f.media_type, f.base64, f.identifier});
    return out;
}

}  // namespace lmstress::workload
