#pragma once

#include "cli/resume_journal.hpp"
#include "lmstress/clock.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace lmstress::cli {

/// What a capacity search has measured, in DIR/capacity.jsonl: its scenario, the model that it
/// means where nobody named one, and a line for each run of a step. The search follows from these,
/// so one that was killed goes on from there.
class capacity_journal {
  public:
    struct piece {
        double load = 0;
        std::string directory;  ///< below that of the search
        int exit_code = 0;
        nanoseconds took{0};       ///< in all
        bool server_busy = false;  ///< the server was not idle before it
    };

    /// As resume_journal::open(). How long a search may take is no part of what it is: one that ran
    /// out of time goes on with more of it.
    [[nodiscard]] static result<capacity_journal> open(const std::filesystem::path& directory,
                                                       const scenario& s, bool resume);

    /// Those that were measured before, in their order.
    [[nodiscard]] const std::vector<piece>& pieces() const noexcept { return pieces_; }
    /// It is on the disk when this returns.
    [[nodiscard]] result<void> add(piece p);
    /// Before the pieces from `first` on the server was not idle, as is known only now.
    [[nodiscard]] result<void> were_busy(std::size_t first);
    /// The pieces from `n` on were for nothing.
    [[nodiscard]] result<void> cut(std::size_t n);

    /// As in resume_journal.
    [[nodiscard]] const std::string& model() const noexcept { return file_.model(); }
    [[nodiscard]] result<void> mean_model(std::string model) {
        return file_.mean_model(std::move(model));
    }

  private:
    explicit capacity_journal(resume_journal file) : file_(std::move(file)) {}

    resume_journal file_;
    std::vector<piece> pieces_;
    std::vector<std::size_t> lines_;  // of the pieces, among the entries of the file
};

}  // namespace lmstress::cli
