#include "cli/history_import.hpp"

#include "cli/history_place.hpp"
#include "cli/options.hpp"
#include "cli/whole_result.hpp"
#include "report/summary_json.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace lmstress::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t refusals_that_end_it = 3;

/// The directories below, itself included, that hold a result, in the order of their names.
result<std::vector<fs::path>> results_below(const std::string& top) {
    std::error_code ec;
    const fs::path base = fs::canonical(top, ec);
    if (ec) return error{errc::bad_file, "cannot read " + top + ": " + ec.message()};
    std::vector<fs::path> out;
    if (fs::exists(base / "run.jsonl", ec)) out.push_back(base);
    const auto how = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at{base, how, ec}, end; !ec && at != end;
         at.increment(ec)) {
        if (at->is_directory(ec) && fs::exists(at->path() / "run.jsonl", ec)) {
            out.push_back(at->path());
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

error not_taken(const fs::path& directory, const error& why) {
    return {why.code, directory.string() + " was not taken: " + why.message, why.advice};
}

/// What a history does not take is taken when it is asked for again; what it has taken stays.
error given_up(const imported& before, std::size_t of, const fs::path& at, const error& why) {
    const std::size_t taken = before.added.size() + before.moved + before.known;
    const std::string have = taken == 0
                                 ? "Nothing was taken now; what was in the history before stays."
                             : taken == 1 ? "The one is in the history."
                                          : fmt::format("The {} are in the history.", taken);
    return {why.code,
            fmt::format("took {} of {}; stopped at {}: {}", taken, wire::plural(of, "result"),
                        at.string(), why.message),
            have + (why.advice.empty() ? "" : ' ' + why.advice)};
}

void count(const store::kept_run& kept, imported& into) {
    switch (kept.how) {
        case store::placed::added:
            into.added.push_back(kept.id);
            break;
        case store::placed::moved:
            ++into.moved;
            break;
        case store::placed::known:
            ++into.known;
            break;
    }
}

/// What became of a whole is an answer that its directory has; where that does not say, or the
/// history does not take it, its parts are there all the same.
void take_wholes(store::history& into, const std::set<std::string>& groups) {
    for (const std::string& group : groups) {
        const auto whole = whole_of(group);
        if (whole) static_cast<void>(into.put_whole(group, *whole));
    }
}

}  // namespace

result<imported> import_results(store::history& into, std::span<const std::string> tops) {
    std::vector<fs::path> all;
    for (const std::string& top : tops) {
        auto some = results_below(top);
        if (!some) return some.error();
        all.insert(all.end(), some->begin(), some->end());
    }
    imported out;
    std::set<std::string> groups;
    std::size_t in_a_row = 0;
    for (const fs::path& directory : all) {
        const auto measured = store::rebuild(directory);
        if (!measured) {
            ++out.left_out;
            complain(not_taken(directory, measured.error()));
            continue;
        }
        const store::history_entry entry = history_entry_of(measured->summary, directory.string());
        const auto kept = into.keep(entry, report::summary_json(measured->summary));
        if (!kept) {
            // Of a database that takes nothing, for example, each would be waited for.
            if (++in_a_row == refusals_that_end_it) {
                return given_up(out, all.size(), directory, kept.error());
            }
            ++out.left_out;
            complain(not_taken(directory, kept.error()));
            continue;
        }
        in_a_row = 0;
        count(*kept, out);
        if (!entry.group.empty()) groups.insert(entry.group);
    }
    take_wholes(into, groups);
    return out;
}

}  // namespace lmstress::cli
