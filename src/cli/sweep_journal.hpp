#pragma once

#include "cli/resume_journal.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/sweep.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lmstress::cli {

/// What a sweep has done, in DIR/sweep.jsonl: its plan, the model that it means where nobody named
/// one, what was in force of the models, and a line for each cell that is whole. One that was
/// killed goes on from there.
class sweep_journal {
  public:
    struct finished_cell {
        sweep_cell cell;
        std::string directory;  ///< below that of the sweep
        int exit_code = 0;
        bool server_busy = false;  ///< the server was not idle before it
        /// As in analyze::cell_figures.
        std::vector<std::string> not_as_asked = {};
    };

    /// Begins one in a directory that is missing or empty, or with `resume` goes on with the one
    /// that is there. An error where that is of another plan or another scenario.
    [[nodiscard]] static result<sweep_journal> open(const std::filesystem::path& directory,
                                                    const sweep_plan& plan,
                                                    const std::string& scenario_json, bool resume);

    [[nodiscard]] const std::vector<finished_cell>& finished() const noexcept { return finished_; }
    [[nodiscard]] bool is_finished(const sweep_cell& cell) const;
    /// Cells that were finished, and whose results are not there, or not whole, any longer.
    [[nodiscard]] const std::vector<finished_cell>& lost() const noexcept { return lost_; }
    /// It is on the disk when this returns.
    [[nodiscard]] result<void> add(finished_cell cell);
    /// Before these of the finished ones the server was not idle, as is known only now.
    [[nodiscard]] result<void> were_busy(std::span<const sweep_cell> cells);

    /// As in resume_journal.
    [[nodiscard]] const std::string& model() const noexcept { return file_.model(); }
    [[nodiscard]] result<void> mean_model(std::string model) {
        return file_.mean_model(std::move(model));
    }

    /// What was in force of the models before the sweep loaded them anew, by their keys.
    [[nodiscard]] const std::map<std::string, boost::json::object>& kept() const noexcept {
        return kept_;
    }
    [[nodiscard]] result<void> keep(const std::string& model, const boost::json::object& settings);

  private:
    explicit sweep_journal(resume_journal file) : file_(std::move(file)) {}

    resume_journal file_;
    std::vector<finished_cell> finished_;
    std::vector<finished_cell> lost_;
    std::map<std::string, boost::json::object> kept_;
};

/// As sweep_journal::open(), knowing the model that is meant where the plan names none.
[[nodiscard]] result<sweep_journal> begin_journal(const std::filesystem::path& directory,
                                                  const scenario& s, const sweep_plan& plan,
                                                  const std::string& scenario_json, bool resume);

}  // namespace lmstress::cli
