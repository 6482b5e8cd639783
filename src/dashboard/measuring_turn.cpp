#include "dashboard/measuring_turn.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace lmstress::dashboard {

measuring_turn::~measuring_turn() {
    if (file_ >= 0) ::close(file_);
}

std::unique_ptr<measuring_turn> measuring_turn::take(const std::filesystem::path& directory) {
    const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    std::unique_ptr<measuring_turn> turn{new measuring_turn{file}};
    if (file < 0 || ::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return turn;
    return nullptr;
}

}  // namespace lmstress::dashboard
