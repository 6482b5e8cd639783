#include "dashboard/measuring_turn.hpp"

#include <utility>

namespace lmstress::dashboard {

std::unique_ptr<measuring_turn> measuring_turn::take(const std::filesystem::path& directory) {
    auto lock = store::directory_lock::take(directory);
    if (!lock) return nullptr;
    return std::unique_ptr<measuring_turn>{new measuring_turn{std::move(lock)}};
}

}  // namespace lmstress::dashboard
