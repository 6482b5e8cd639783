#pragma once

#include <filesystem>
#include <memory>

namespace lmstress::store {

/// Of several processes only one has it. It ends with this object, or with the process.
class directory_lock {
  public:
    ~directory_lock();
    directory_lock(directory_lock&&) = delete;

    /// Null: another one has it. It leaves nothing behind and wants no right to write there, and a
    /// file of the directory may be written anew meanwhile. Where a file system has no such locks
    /// everybody has one.
    [[nodiscard]] static std::unique_ptr<directory_lock> take(
        const std::filesystem::path& directory);

  private:
    explicit directory_lock(int file) : file_(file) {}

    int file_;  // -1: without a lock
};

}  // namespace lmstress::store
