#include "cli/history_place.hpp"

#include "cli/options.hpp"
#include "cli/settings.hpp"
#include "report/summary_json.hpp"
#include "report/together.hpp"
#include "report/verdict_state.hpp"
#include "store/history.hpp"

#include <filesystem>

namespace lmstress::cli {
namespace {

result<std::int64_t> put(const std::string& file, const run_summary& run,
                         const std::string& directory) {
    auto opened = store::history::open(file);
    if (!opened) return opened.error();
    return opened->put(history_entry_of(run, whole_name(directory)), report::summary_json(run));
}

}  // namespace

result<std::string> history_file(const output_settings& o) {
    if (!o.history.empty()) return o.history;
    std::string own = user_file("XDG_DATA_HOME", ".local/share", "lmstress/history.db",
                                surroundings_of_process().variables);
    if (!own.empty()) return own;
    return error{errc::usage, "there is no home directory for a history",
                 "Name its file with --history."};
}

std::filesystem::path live_folder(const std::string& history) {
    return history + ".live";
}

std::string whole_name(const std::filesystem::path& directory) {
    std::error_code ec;
    const auto canonical = std::filesystem::canonical(directory, ec);
    return ec ? std::filesystem::absolute(directory, ec).string() : canonical.string();
}

store::history_entry history_entry_of(const run_summary& run, const std::string& directory) {
    store::history_entry e = store::entry_of(run, directory, to_string(report::state_of(run)));
    store::add_together(e, report::levels_together(run));
    return e;
}

std::optional<std::int64_t> keep_in_history(const scenario& s, const run_summary& run,
                                            const std::string& directory) {
    if (!s.output.keep_history) return std::nullopt;
    const auto file = history_file(s.output);
    if (!file) return std::nullopt;
    const auto kept = put(*file, run, directory);
    if (kept) return *kept;
    complain({errc::output, "the run is not in the history: " + kept.error().message,
              "Its directory is whole; lmstress history import " + directory + " adds it."});
    return std::nullopt;
}

void forget_in_history(const scenario& s, const std::filesystem::path& directory) {
    std::error_code ec;
    if (!s.output.keep_history || !std::filesystem::exists(directory, ec)) return;
    const auto file = history_file(s.output);
    if (!file || !std::filesystem::exists(*file, ec)) return;
    auto there = store::history::open(*file);
    if (!there) return;
    // What cannot be forgotten is one entry too many, and no result is lost by it.
    static_cast<void>(there->forget_place(whole_name(directory)));
}

}  // namespace lmstress::cli
