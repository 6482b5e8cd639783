#pragma once

#include "lmstress/error.hpp"
#include "lmstress/summary.hpp"
#include "measure/live_counters.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lmstress::cli {

/// What a run is at, as lines of JSON for another program (--progress, docs/dashboard.md). Nothing
/// waits for whoever reads them: a line that a pipe does not take is left out, and a reader that
/// is gone is no error.
///
/// look() is called by the thread of the live view, the others when that does not run.
class progress_writer {
  public:
    [[nodiscard]] static result<std::unique_ptr<progress_writer>> open(const std::string& file);
    ~progress_writer();
    progress_writer(progress_writer&&) = delete;

    void begin(const run_setup& setup, const std::string& directory, const std::string& model,
               std::size_t levels);
    /// Writes a line where one is due. Returns when it wants to be called again at the latest; both
    /// times since the run began.
    nanoseconds look(const measure::live_counters& counters, nanoseconds now);
    void end(const run_setup& setup, int exit_code, std::optional<std::int64_t> in_history);

  private:
    explicit progress_writer(int file) : file_(file) {}
    void write(std::string line);

    int file_;
    std::string run_id_;
    nanoseconds next_{0};
    std::optional<measure::live_snapshot> earlier_;
};

/// A line between two looks at a run, without its end (docs/dashboard.md).
[[nodiscard]] std::string progress_line(const std::string& run_id,
                                        const measure::live_snapshot& latest,
                                        const std::optional<measure::live_snapshot>& earlier);

}  // namespace lmstress::cli
