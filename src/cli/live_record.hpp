#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace lmstress::cli {

/// A file beside the history, history.db.live/RUN_ID.jsonl, that says what a run of this machine is
/// at: the dashboard of any terminal follows it. It is there, and locked (flock), for as long as
/// the run goes on; one that nobody has locked was left by a run that was killed. Where it cannot
/// be had there is none, and the run goes on without.
class live_record {
  public:
    /// In a folder that is made where it is missing, and goes with the last of them.
    [[nodiscard]] static std::optional<live_record> open(const std::filesystem::path& folder,
                                                         const std::string& run_id);
    live_record(live_record&& from) noexcept
        : path_(std::move(from.path_)), file_(std::exchange(from.file_, -1)) {}
    live_record& operator=(live_record&&) = delete;
    /// It goes with the run.
    ~live_record();

    [[nodiscard]] int descriptor() const noexcept { return file_; }

  private:
    static std::optional<live_record> made_in(const std::filesystem::path& folder,
                                              const std::string& run_id);
    live_record(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}

    std::filesystem::path path_;
    int file_;
};

}  // namespace lmstress::cli
