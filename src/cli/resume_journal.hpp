#pragma once

#include "lmstress/error.hpp"
#include "store/directory_lock.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lmstress::cli {

/// What a command of many runs has done, a line each, in a file of its directory: one that was
/// ended, by whomever, goes on from there. The first line says what it does; where that is
/// otherwise it is another, and does not go on there.
class resume_journal {
  public:
    struct place {
        std::filesystem::path directory;
        std::string file;  ///< "sweep.jsonl"
        std::string what;  ///< "sweep", for sentences
    };

    /// Begins one in a directory that is missing or empty, or with `resume` goes on with the one
    /// that is there. A last line that was not written to its end is gone then. One that was ended
    /// in its first line begins anew, unless there are results beside it. The directory is this
    /// process's alone as long as this lives: another one that goes on there is refused.
    [[nodiscard]] static result<resume_journal> open(const place& at, const std::string& first,
                                                     bool resume);

    /// The lines after the first one; one that is no JSON object is an empty one.
    [[nodiscard]] std::vector<boost::json::object> entries() const;
    /// A JSON object. It is on the disk when this returns; and the answer (sweep.json) that was
    /// given before it is there no longer.
    [[nodiscard]] result<void> add(std::string line);
    /// The entries from `n` on were for nothing.
    [[nodiscard]] result<void> cut(std::size_t n);

    /// The model that is meant where the scenario names none, in a line of its own, so that who
    /// goes on means the same one; empty: not known yet.
    [[nodiscard]] const std::string& model() const noexcept { return model_; }
    [[nodiscard]] result<void> mean_model(std::string model);

  private:
    resume_journal(std::filesystem::path file, std::string first)
        : file_(std::move(file)), first_(std::move(first)) {}
    [[nodiscard]] result<void> lock(const place& at);
    [[nodiscard]] result<void> write_all() const;

    std::filesystem::path file_;
    std::string first_;
    std::vector<std::string> lines_;
    std::string model_;
    std::unique_ptr<store::directory_lock> lock_;
};

}  // namespace lmstress::cli
