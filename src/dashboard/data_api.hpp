#pragma once

#include "dashboard/http_message.hpp"
#include "store/history.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lmstress::dashboard {

/// What two runs differ in so much that their figures say nothing, or their comparison.
struct compared_runs {
    std::string json;                     ///< lmstress.comparison/1
    std::vector<std::string> other_work;  ///< a sentence each; empty: they are comparable
};

/// What is made of the directory of a result, by those who know how.
struct run_readers {
    std::function<result<std::string>(const std::filesystem::path&)> report;  ///< lmstress.report/1
    std::function<result<compared_runs>(const std::filesystem::path& a,
                                        const std::filesystem::path& b, bool force)>
        compare;
};

/// The routes that read the history (docs/dashboard.md). They change nothing, and may be asked by
/// several threads at once: each request opens the database for itself.
class data_api {
  public:
    data_api(std::filesystem::path history_file, run_readers readers)
        : file_(std::move(history_file)), readers_(std::move(readers)) {}

    /// Whether a journal is read for it, which takes its time.
    [[nodiscard]] static bool is_long(std::string_view path);
    /// 404 where it is none of its routes.
    [[nodiscard]] http_answer answer(const http_request& r) const;
    /// How many runs there are; 0 also where they cannot be counted.
    [[nodiscard]] std::int64_t runs() const;
    /// Of the history, in the text format of Prometheus.
    [[nodiscard]] std::string metrics() const;

  private:
    [[nodiscard]] result<store::history> open() const;
    [[nodiscard]] http_answer list(const http_request& r) const;
    [[nodiscard]] http_answer one(std::int64_t id) const;
    [[nodiscard]] http_answer report(std::int64_t id) const;
    [[nodiscard]] http_answer compare(const http_request& r) const;
    [[nodiscard]] http_answer chart(
        const http_request& r, std::string (*make)(std::span<const store::history_entry>)) const;
    /// The directory of a run's result, where it is there still; or why not, as an answer.
    [[nodiscard]] boost::system::result<std::filesystem::path, http_answer> place_of(
        std::int64_t id) const;

    std::filesystem::path file_;
    run_readers readers_;
};

/// The number in "/api/runs/42/report", with "/report" as the rest; nothing where it is none.
struct numbered_path {
    std::int64_t number = 0;
    std::string_view rest = {};
};
[[nodiscard]] std::optional<numbered_path> number_after(std::string_view prefix,
                                                        std::string_view path);
/// A whole number from 0 on, of at most 18 digits.
[[nodiscard]] std::optional<std::int64_t> whole_number_in(std::string_view text);
/// The time of day.
[[nodiscard]] std::int64_t unix_ms();
/// The last event that a page has had, which says so by a header where its browser connects again,
/// and by ?after= where the page does.
[[nodiscard]] std::uint64_t seen_before(const http_request& r);

}  // namespace lmstress::dashboard
