#include "cli/images.hpp"

#include "store/journal.hpp"

#include <filesystem>

namespace lmstress::cli {

result<std::vector<workload::image_file>> load_images(const workload_settings& w) {
    std::vector<workload::image_file> all;
    for (const std::string& file : w.images) {
        // Before all of it is read: a device would never end.
        std::error_code ec;
        if (std::filesystem::exists(file, ec) && !std::filesystem::is_directory(file, ec) &&
            !std::filesystem::is_regular_file(file, ec)) {
            return error{errc::bad_file, file + " is no file that holds an image"};
        }
        const auto content = store::read_file(file);
        if (!content) return content.error();
        auto image = workload::read_image(*content, file);
        if (!image) return image.error();
        all.push_back(*std::move(image));
    }
    return all;
}

}  // namespace lmstress::cli
