#pragma once

#include "store/history.hpp"
#include "store/sqlite.hpp"
#include "support/child_process.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace test {

/// A run with something in most of its members, as a history has it of that directory.
lmstress::store::history_entry entry_at(const std::filesystem::path& directory);
/// The same at another place, found there without a tag.
lmstress::store::history_entry moved_to(lmstress::store::history_entry e,
                                        const std::filesystem::path& directory);

/// The test ends where it cannot be opened.
lmstress::store::history opened(const std::filesystem::path& file);

/// A history, and room for results beside it; both go with it.
struct scratch_history {
    temporary_directory directory;
    std::filesystem::path file = directory.path() / "of-runs" / "history.db";
    lmstress::store::history runs = opened(file);

    [[nodiscard]] std::filesystem::path at(std::string_view name) const;
    /// Makes a result, as far as its journal says whose it is, with its id for a tag.
    lmstress::store::history_entry result_at(const std::filesystem::path& place,
                                             const std::string& run_id) const;
    /// Its number; the test ends where it is not taken.
    std::int64_t put(const lmstress::store::history_entry& e,
                     const std::string& summary_json = "{}");
    /// The entry of that number; the test ends where there is none.
    [[nodiscard]] lmstress::store::history_entry row(std::int64_t id);
    [[nodiscard]] std::string summary_of(std::int64_t id);
    [[nodiscard]] std::int64_t count();
    /// Does that to the database, as another program would.
    void by_hand(std::string_view sql) const;
};

}  // namespace test
