#pragma once

#include "lmstress/error.hpp"
#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace lmstress::store {

/// Whether a result can go there: the directory is missing and may be made, or is empty.
[[nodiscard]] result<void> check_directory(const std::filesystem::path& directory);

/// Whether a directory can be made there: the first one on the way that exists may be written to.
[[nodiscard]] result<void> check_parent_of(const std::filesystem::path& directory);

/// Makes the directory of a result, or takes an empty one. One that holds something is refused: a
/// result is never written over.
[[nodiscard]] result<void> prepare_directory(const std::filesystem::path& directory);

/// Writes a file as a whole or not at all: under another name first, then renamed. A link leads to
/// it; what is there and no regular file, as a pipe, is written into.
[[nodiscard]] result<void> write_file(const std::filesystem::path& path,
                                      const std::string& content);
[[nodiscard]] result<std::string> read_file(const std::filesystem::path& path);

/// The journal of a run: requests.jsonl and run.jsonl, whole lines in each write, appended as they
/// happen, so that a run that is killed loses nothing but what was under way, or ended in the 5 ms
/// before.
///
/// A thread of its own writes; the one that measures only formats a line and hands it over.
class journal {
  public:
    [[nodiscard]] static result<std::unique_ptr<journal>> open(
        const std::filesystem::path& directory);
    ~journal();
    journal(journal&&) = delete;

    void run(const run_setup& setup);
    void level_begin(const level_setup& setup, const level_course& planned);
    void request(const request_record& record);
    void level_end(const level_setup& setup, const level_course& course);
    void state(const server_state& s);
    void run_end(int exit_code, const std::string& ended_early);

    /// Waits until all is written. The first error that occurred, if any: what came after it was
    /// not written.
    [[nodiscard]] result<void> flush();

  private:
    struct lines {
        int file;
        std::string text;
    };
    journal(int requests, int notes, std::filesystem::path directory);
    void hand_over(int file, std::string text);
    static int write_all_of(const std::deque<lines>& batch);
    void write_lines(const std::stop_token& stop);

    int requests_;
    int notes_;
    std::filesystem::path directory_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<lines> waiting_;  // of the same file together, where they follow one another
    bool writing_ = false;
    bool flushing_ = false;  // somebody waits for it
    std::optional<error> failed_;
    std::jthread writer_;  // last: it ends before what it uses
};

/// The run that a directory's journal tells of, measured anew. `skipped_lines` says how many lines
/// of requests.jsonl were cut, unreadable or repeated.
struct rebuilt {
    run_summary summary;
    std::uint64_t skipped_lines = 0;
    /// Of each level, in the order in which they ended; empty unless they were to be kept.
    std::vector<std::vector<request_record>> requests = {};
};
enum class keep_requests : std::uint8_t { no, yes };
[[nodiscard]] result<rebuilt> rebuild(const std::filesystem::path& directory,
                                      keep_requests keep = keep_requests::no);
/// The same of what run.jsonl and requests.jsonl hold.
[[nodiscard]] result<rebuilt> rebuild_from(std::string_view notes, std::string_view requests,
                                           keep_requests keep = keep_requests::no);

}  // namespace lmstress::store
