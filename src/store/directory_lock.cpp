#include "store/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace lmstress::store {

directory_lock::~directory_lock() {
    if (file_ >= 0) ::close(file_);
}

std::unique_ptr<directory_lock> directory_lock::take(const std::filesystem::path& directory) {
    const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    std::unique_ptr<directory_lock> lock{new directory_lock{file}};
    if (file < 0 || ::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return lock;
    return nullptr;
}

}  // namespace lmstress::store
