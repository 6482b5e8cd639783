#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "workload/image_file.hpp"

#include <vector>

namespace lmstress::cli {

/// The images that the workload names.
[[nodiscard]] result<std::vector<workload::image_file>> load_images(const workload_settings& w);

}  // namespace lmstress::cli
