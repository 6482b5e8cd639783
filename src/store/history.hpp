#pragma once

#include "lmstress/error.hpp"
#include "store/history_entry.hpp"
#include "store/sqlite.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::store {

/// Which runs are asked for; what is absent is left out of account.
struct history_filter {
    std::optional<std::int64_t> id = {};
    std::optional<std::int64_t> before = {};  ///< numbers below it
    std::optional<std::string> model = {};
    std::optional<run_kind> kind = {};
    std::optional<std::string> tag = {};
    std::optional<std::string> run_id = {};
    std::optional<std::int64_t> since_unix_ns = {};
    std::int64_t limit = 1000;
};

/// The runs that were made, in a SQLite database (docs/history.md). What it holds is a copy: the
/// directories of the results are the truth, and it can be made anew from them.
///
/// How a run came to be in the history.
enum class placed : std::uint8_t { added, moved, known };
struct kept_run {
    std::int64_t id = 0;  ///< its number
    placed how = placed::added;
};

/// Several processes may write at once; each waits for the others. What keep() and put() fail at
/// they fail at by themselves; once anything else has failed, all further calls of this object fail
/// likewise.
class history {
  public:
    static constexpr std::chrono::milliseconds patience{5000};

    /// Makes the file, and its directory, where they are missing, and brings an older one up to
    /// date. An error where it is of a newer version than this program knows.
    [[nodiscard]] static result<history> open(const std::filesystem::path& file) {
        return open(file, patience);
    }
    [[nodiscard]] static result<history> open(const std::filesystem::path& file,
                                              std::chrono::milliseconds wait_for_others);

    /// The same for who only reads: where this user may not write to it, or beside it, it is read
    /// as it is; an error where it would have to be brought up to date first.
    [[nodiscard]] static result<history> open_to_read(const std::filesystem::path& file);

    /// Adds a run, or brings it up to date where it is known in this directory; or in one that is
    /// gone, or that another run has now, for then it was moved here. Another run that was known in
    /// this directory keeps its number and its tags, and its directory says that it is there no
    /// longer (place_before); where it is found again it counts as moved.
    [[nodiscard]] result<kept_run> keep(const history_entry& e, const std::string& summary_json);
    /// The same, for its number alone.
    [[nodiscard]] result<std::int64_t> put(const history_entry& e, const std::string& summary_json);
    /// What became of the sweep, search or comparison in that directory, which is absolute, as far
    /// as the history has parts of it. It is forgotten with the last of them, and as soon as a
    /// further one is added; and it moves with them.
    [[nodiscard]] result<void> put_whole(const std::string& directory, const history_whole& w);
    /// Newest first.
    [[nodiscard]] result<std::vector<history_entry>> list(const history_filter& f);
    /// How many there are, whatever the filter's limit is.
    [[nodiscard]] result<std::int64_t> count(const history_filter& f);
    /// The summary.json that it was put with; nothing: there is no such run.
    [[nodiscard]] result<std::optional<std::string>> summary_of(std::int64_t id);
    [[nodiscard]] result<void> tag(std::int64_t id, const std::vector<std::string>& add,
                                   const std::vector<std::string>& remove);
    /// Of the history only: its directory stays. False: there is no such run.
    [[nodiscard]] result<bool> forget(std::int64_t id);
    /// The same of whatever is known in that directory, which is absolute.
    [[nodiscard]] result<bool> forget_place(const std::string& directory);

    /// The version that this program writes.
    [[nodiscard]] static int newest_version() noexcept;
    /// Makes a database as that version did, for tests of what comes after it.
    [[nodiscard]] static result<void> make_old(const std::filesystem::path& file, int version);

  private:
    explicit history(sqlite db) : db_(std::move(db)) {}
    [[nodiscard]] static result<void> migrate(sqlite& db, const std::filesystem::path& file,
                                              int to);
    void bind(sql_statement& s, const history_filter& f);
    [[nodiscard]] result<kept_run> keep_at_once(const history_entry& e,
                                                const std::string& summary_json);
    void put_parts(std::int64_t id, const history_entry& e);

    sqlite db_;
};

/// What stands for the directory of that run once another run has it.
[[nodiscard]] std::string place_before(const std::string& directory, std::int64_t id);

}  // namespace lmstress::store
