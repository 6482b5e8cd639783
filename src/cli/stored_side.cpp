#include "cli/stored_side.hpp"

#include "analyze/likeness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace lmstress::cli {

namespace fs = std::filesystem;

namespace {

bool is_there(const fs::path& file) {
    std::error_code ec;
    return fs::exists(file, ec);
}

/// A directory of many results that are not all of one setting. `below` is where they are.
struct kind_of_many {
    const char* file;
    const char* what;
    const char* below;
    const char* advice;
};
constexpr std::array many = {
    kind_of_many{"sweep.jsonl", "a sweep", "cells", "Name one of its runs, in cells/."},
    kind_of_many{"capacity.jsonl", "a capacity search", "steps",
                 "Name one of its runs, in steps/."},
    kind_of_many{"A", "a comparison", nullptr, "Name one of its runs, of one side, A or B."}};

/// By what its runs were made for, where they are no side.
result<void> refuse_many(const std::string& directory) {
    std::error_code ec;
    const fs::path whole = fs::canonical(directory, ec);
    for (const kind_of_many& kind : many) {
        if (is_there(whole / kind.file)) {
            return error{errc::usage,
                         fmt::format("{} is {}, which has many results", directory, kind.what),
                         kind.advice};
        }
        if (kind.below == nullptr || whole.filename() != kind.below) continue;
        if (!is_there(whole.parent_path() / kind.file)) continue;
        return error{
            errc::usage,
            fmt::format("{} holds the runs of {}, which are of different settings or loads",
                        directory, kind.what),
            "Name one of them: " + (fs::path{directory} / "001").string() + '.'};
    }
    return {};
}

std::vector<fs::path> directories_below(const fs::path& directory) {
    std::vector<fs::path> out;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator{directory, ec}) {
        std::error_code none;
        if (entry.is_directory(none)) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

bool holds_journal(const fs::path& directory) {
    return is_there(directory / "run.jsonl");
}

/// Two runs of other work, or of a server that was asked for other settings, are of two sides.
bool belong_together(const stored_run& one, const stored_run& other) {
    const auto differ = analyze::unlikeness_of(one.setup, other.setup);
    const auto is_setting = [](const std::string& what) { return what.starts_with("/server/"); };
    return differ.other_work.empty() &&
           std::none_of(differ.other_server.begin(), differ.other_server.end(), is_setting);
}

/// What there is to compare of the runs of a comparison, in their order.
class side_of_many {
  public:
    explicit side_of_many(const std::string& directory)
        : directory_(directory), side_{directory, {}, {}} {}

    result<void> take(const fs::path& one) {
        if (auto noted = noted_left_out(one)) return leave_out(*std::move(noted));
        // Killed before its first line was written, or damaged since.
        if (!holds_journal(one))
            return leave_out({one.string(), "it holds no run.jsonl", incomplete});
        auto run = load_run(one);
        if (!run) return run.error();
        if (auto reason = left_out(one, run->exit_code)) return leave_out(*std::move(reason));
        if (!side_.runs.empty() && !belong_together(side_.runs.front(), *run)) {
            return error{
                errc::usage,
                fmt::format("{} holds runs of different work or settings, as {} and {} are",
                            directory_, first_.string(), one.string()),
                "Name one of them, or put those of one setting into a directory of their "
                "own."};
        }
        if (side_.runs.empty()) first_ = one;
        side_.runs.push_back(*std::move(run));
        return {};
    }

    [[nodiscard]] result<compared_side> side() && {
        if (!side_.runs.empty()) return std::move(side_);
        const left_out_run& last = side_.left_out.back();
        return error{errc::usage,
                     fmt::format("{} has no run that can be compared: {} is left out, as {}",
                                 directory_, last.directory, last.why),
                     "Name a single run to compare it all the same, or measure anew."};
    }

  private:
    static constexpr int incomplete = 4;

    result<void> leave_out(left_out_run run) {
        side_.left_out.push_back(std::move(run));
        return {};
    }

    const std::string& directory_;
    compared_side side_;
    fs::path first_;
};

}  // namespace

result<compared_side> load_side(const std::string& directory) {
    const auto one_setting = refuse_many(directory);
    if (!one_setting) return one_setting.error();
    const auto below = directories_below(directory);
    const bool of_many =
        !holds_journal(directory) && std::any_of(below.begin(), below.end(), holds_journal);
    if (!of_many) {
        auto run = load_run(directory);
        if (!run) return run.error();
        if (const auto reason = noted_left_out(directory)) run->lost_server = reason->why;
        return compared_side{directory, {*std::move(run)}, {}};
    }
    side_of_many out{directory};
    for (const fs::path& one : below) {
        const auto taken = out.take(one);
        if (!taken) return taken.error();
    }
    return std::move(out).side();
}

}  // namespace lmstress::cli
