#pragma once

#include "cli/live_record.hpp"
#include "lmstress/error.hpp"
#include "lmstress/summary.hpp"
#include "measure/live_counters.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lmstress::cli {

/// What a run is at, as lines of JSON for another program (docs/dashboard.md): one that asked for
/// them (--progress), and whatever dashboard of this machine looks at its live record. Nothing
/// waits for whoever reads them: a line that a pipe does not take is left out, and a reader that
/// is gone is no error.
///
/// look() is called by the thread of the live view, the others when that does not run.
class progress_writer {
  public:
    progress_writer() = default;
    ~progress_writer();
    progress_writer(progress_writer&&) = delete;

    [[nodiscard]] result<void> write_to(const std::string& file);
    void write_to(live_record record) { record_.emplace(std::move(record)); }
    /// Whether anybody can read it.
    [[nodiscard]] bool is_read() const noexcept { return file_ >= 0 || record_; }

    void begin(const run_setup& setup, const std::string& directory, const std::string& model,
               std::size_t levels);
    /// Writes a line where one is due. Returns when it wants to be called again at the latest; both
    /// times since the run began.
    nanoseconds look(const measure::live_counters& counters, nanoseconds now);
    void end(const run_setup& setup, int exit_code, std::optional<std::int64_t> in_history);

  private:
    void write(std::string line);

    int file_ = -1;
    std::optional<live_record> record_;
    std::string run_id_;
    nanoseconds next_{0};
    std::optional<measure::live_snapshot> earlier_;
};

/// A line between two looks at a run, without its end (docs/dashboard.md).
[[nodiscard]] std::string progress_line(const std::string& run_id,
                                        const measure::live_snapshot& latest,
                                        const std::optional<measure::live_snapshot>& earlier);

}  // namespace lmstress::cli
