#include "cli/live_record.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <system_error>

namespace lmstress::cli {

namespace fs = std::filesystem;

std::optional<live_record> live_record::open(const fs::path& folder, const std::string& run_id) {
    if (auto made = made_in(folder, run_id)) return made;
    // Another run may just have taken the folder away with it.
    return made_in(folder, run_id);
}

std::optional<live_record> live_record::made_in(const fs::path& folder, const std::string& run_id) {
    std::error_code ec;
    if (fs::create_directories(folder, ec)) fs::permissions(folder, fs::perms::owner_all, ec);
    fs::path path = folder / (run_id + ".jsonl");
    // A file of that name that is there already, or a link, is not ours.
    constexpr int how = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
    const int file = ::open(path.c_str(), how, 0600);
    if (file < 0) return std::nullopt;
    live_record made{std::move(path), file};
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) return std::nullopt;
    return made;
}

live_record::~live_record() {
    if (file_ < 0) return;
    std::error_code ignored;
    fs::remove(path_, ignored);
    fs::remove(path_.parent_path(), ignored);  // only where it is empty
    ::close(file_);
}

}  // namespace lmstress::cli
