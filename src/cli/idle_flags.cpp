#include "cli/idle_flags.hpp"

namespace lmstress::cli {

result<void> refuse_idle_flags(const settings& effective,
                               std::span<const std::string_view> pointers, const std::string& why,
                               const std::string& advice) {
    for (const std::string_view pointer : pointers) {
        const auto from = effective.about.origins.find(std::string{pointer});
        if (from == effective.about.origins.end() || !from->second.starts_with("--")) continue;
        return error{errc::usage, from->second + ' ' + why, advice};
    }
    return {};
}

}  // namespace lmstress::cli
