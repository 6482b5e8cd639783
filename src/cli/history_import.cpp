#include "cli/history_import.hpp"

#include "cli/options.hpp"
#include "report/summary_json.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"

#include <algorithm>
#include <utility>

namespace lmstress::cli {

namespace fs = std::filesystem;

namespace {

/// The directories below, itself included, that hold a result, in the order of their names.
result<std::vector<fs::path>> results_below(const fs::path& top) {
    std::error_code ec;
    const fs::path base = fs::canonical(top, ec);
    if (ec) return error{errc::bad_file, "cannot read " + top.string() + ": " + ec.message()};
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

}  // namespace

result<imported> import_results(store::history& into, const fs::path& top) {
    const auto all = results_below(top);
    if (!all) return all.error();
    imported out;
    for (const fs::path& directory : *all) {
        const auto measured = store::rebuild(directory);
        if (!measured) {
            complain(measured.error());
            continue;
        }
        const auto there = into.id_of(directory.string());
        if (!there) return there.error();
        const auto kept = into.put(store::entry_of(measured->summary, directory.string()),
                                   report::summary_json(measured->summary));
        if (!kept) return kept.error();
        if (*there) {
            ++out.known;
        } else {
            out.added.push_back(*kept);
        }
    }
    return out;
}

}  // namespace lmstress::cli
