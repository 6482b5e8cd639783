// lmstress history: the runs that were made.

#include "cli/history_import.hpp"
#include "cli/history_place.hpp"
#include "cli/history_text.hpp"
#include "cli/options.hpp"
#include "cli/settings.hpp"
#include "report/summary_json.hpp"
#include "store/history.hpp"
#include "store/history_json.hpp"
#include "store/journal.hpp"
#include "wire/json_writer.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>

namespace lmstress::cli {
namespace {

namespace fs = std::filesystem;
using action = history_options::action;
using store::history_entry;

/// What an action has to say on stdout, in the one way in which it succeeds.
using answer = result<std::string>;

store::history_filter filter_of(const history_options& o) {
    store::history_filter f;
    if (!o.model.empty()) f.model = o.model;
    if (!o.tag.empty()) f.tag = o.tag;
    if (!o.kind.empty()) f.kind = store::run_kind_named(o.kind);
    f.limit = static_cast<std::int64_t>(o.limit);
    return f;
}

/// A number, `last`, or the id of a run: the newest of that id.
result<history_entry> find(store::history& in, const std::string& name) {
    store::history_filter f{.limit = 1};
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool is_number = ec == std::errc{} && end == name.data() + name.size();
    if (is_number) f.id = number;
    auto found = in.list(f);
    // An id may be all of digits.
    if (found && name != "last" && (!is_number || found->empty())) {
        found = in.list({.run_id = name, .limit = 1});
    }
    if (!found) return found.error();
    if (!found->empty()) return std::move(found->front());
    return error{errc::usage, "the history has no run " + name,
                 "lmstress history list tells which there are."};
}

result<std::vector<history_entry>> find_all(store::history& in,
                                            const std::vector<std::string>& names) {
    std::vector<history_entry> out;
    for (const std::string& name : names) {
        auto one = find(in, name);
        if (!one) return one.error();
        out.push_back(*std::move(one));
    }
    return out;
}

answer list(store::history& in, const history_options& o) {
    const auto runs = in.list(filter_of(o));
    if (!runs) return runs.error();
    const auto total = in.count(filter_of(o));
    if (!total) return total.error();
    return o.json ? store::history_list_json(*runs, *total, filter_of(o).limit)
                  : history_table(*runs, *total);
}

answer show(store::history& in, const history_options& o) {
    const auto run = find(in, o.runs.front());
    if (!run) return run.error();
    if (!o.json) return history_page(*run, fs::exists(run->directory));
    auto summary = in.summary_of(run->id);
    if (!summary) return summary.error();
    return *std::move(*summary);
}

/// One that nobody could see in a table.
bool is_blank(const std::string& tag) {
    return tag.find_first_not_of(" \t\r\n\v\f") == std::string::npos;
}

answer tag(store::history& in, const history_options& o) {
    for (const auto* tags : {&o.tags, &o.remove}) {
        if (std::none_of(tags->begin(), tags->end(), is_blank)) continue;
        return error{errc::usage, "history tag was given a tag that is empty or blank",
                     "A tag is a word that shows what the run is, for example before-update."};
    }
    auto run = find(in, o.runs.front());
    if (!run) return run.error();
    const auto done = in.tag(run->id, o.tags, o.remove);
    if (!done) return done.error();
    run = find(in, std::to_string(run->id));
    if (!run) return run.error();
    return fmt::format("{}: {}\n", run->id, run->tags.empty() ? "no tags" : joined_tags(run->tags));
}

answer forget(store::history& in, const history_options& o) {
    // All are there, or none goes.
    const auto runs = find_all(in, o.runs);
    if (!runs) return runs.error();
    std::string said;
    for (const history_entry& run : *runs) {
        const auto gone = in.forget(run.id);
        if (!gone) return gone.error();
        if (*gone) said += fmt::format("{} is forgotten, {} stays\n", run.id, run.directory);
    }
    return said;
}

answer save(store::history& in, const history_options& o) {
    store::history_filter f = filter_of(o);
    f.limit = 1'000'000'000;
    const auto runs = in.list(f);
    if (!runs) return runs.error();
    std::string lines;
    for (auto run = runs->rbegin(); run != runs->rend(); ++run) {
        const auto summary = in.summary_of(run->id);
        if (!summary) return summary.error();
        lines += store::history_line(*run, summary->value_or("null"));
    }
    if (o.file.empty() || o.file == "-") return lines;
    const auto written = store::write_file(o.file, lines);
    if (!written) return written.error();
    return fmt::format("{} written to {}\n", wire::plural(runs->size(), "run"), o.file);
}

answer take(store::history& in, const history_options& o) {
    const auto all = import_results(in, o.runs);
    if (!all) return all.error();
    if (all->added.empty() && all->moved + all->known + all->left_out == 0) {
        return error{errc::bad_file, "there is no result in " + o.runs.front() +
                                         ", nor anywhere below it: none has a run.jsonl"};
    }
    const std::string taken =
        fmt::format("{} added, {}{} brought up to date", wire::plural(all->added.size(), "run"),
                    all->moved > 0 ? fmt::format("{} moved, ", all->moved) : "", all->known);
    if (all->left_out == 0) return taken + '\n';
    return error{errc::output, fmt::format("{}, {} not taken", taken, all->left_out),
                 "Why stands above; lmstress history import takes what it can, as often as it is "
                 "asked."};
}

/// By the directories of the two, which hold what an interval is made of.
int compare_two(store::history& in, const history_options& o) {
    const auto runs = find_all(in, o.runs);
    if (!runs) return complain(runs.error());
    for (const history_entry& run : *runs) {
        if (fs::exists(run.directory)) continue;
        return complain({errc::bad_file,
                         fmt::format("the directory of run {} is gone: {}", run.id, run.directory),
                         "Its requests are what a comparison is made of; history show tells what "
                         "the history knows."});
    }
    compare_options all = o.comparison;
    all.a = runs->front().directory;
    all.b = runs->back().directory;
    return compare(all);
}

answer act(store::history& in, const history_options& o) {
    switch (o.what) {
        case action::list:
            return list(in, o);
        case action::show:
            return show(in, o);
        case action::tag:
            return tag(in, o);
        case action::forget:
            return forget(in, o);
        case action::save:
            return save(in, o);
        case action::take:
            return take(in, o);
        case action::compare:
            break;
    }
    return error{errc::internal, "no such action"};
}

}  // namespace

int history(const history_options& o) {
    const auto effective = settings_of_process(o.of);
    if (!effective) return complain(effective.error());
    const auto place = history_file(effective->values.output);
    if (!place) return complain(place.error());
    const std::string& file = *place;
    std::error_code ec;
    // To look at one that is not there is no reason to make it.
    if (o.what != action::take && !fs::exists(file, ec)) {
        if (o.what == action::list && !o.json) {
            const auto said = say("no run is in the history yet (" + file + ")\n");
            return said ? 0 : complain(said.error());
        }
        if (o.what != action::list && o.what != action::save) {
            return complain({errc::usage, "there is no history yet: " + file,
                             "Each lmstress run adds to it; history import DIR adds older ones."});
        }
    }
    const bool changes =
        o.what == action::take || o.what == action::tag || o.what == action::forget;
    auto opened = changes ? store::history::open(file) : store::history::open_to_read(file);
    if (!opened) return complain(opened.error());
    if (o.what == action::compare) return compare_two(*opened, o);
    const auto done = act(*opened, o);
    if (!done) return complain(done.error());
    const auto said = say(*done);
    return said ? 0 : complain(said.error());
}

}  // namespace lmstress::cli
