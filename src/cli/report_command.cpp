// lmstress report: what results come to, in one format or another.

#include "cli/conclusion.hpp"
#include "cli/options.hpp"
#include "cli/report_source.hpp"
#include "cli/result_file.hpp"
#include "cli/source_names.hpp"
#include "report/csv.hpp"
#include "report/hlog.hpp"
#include "report/html.hpp"
#include "report/markdown.hpp"
#include "report/printable.hpp"
#include "report/prometheus.hpp"
#include "report/report_data.hpp"
#include "report/summary_json.hpp"
#include "report/table.hpp"
#include "report/trace_events.hpp"
#include "store/journal.hpp"
#include "web/pages.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <vector>

namespace lmstress::cli {

namespace fs = std::filesystem;

namespace {

using sources = std::vector<report::source>;

result<std::string> html_of(const sources& all) {
    const auto page = report::html_page(web::report_page(), report::report_json(all));
    if (page) return *page;
    return error{errc::usage, "this lmstress was built without its pages, and can make no --html",
                 "tools/setup web brings Node's packages for them; then build it again. --markdown "
                 "works without."};
}

/// A format, and where it goes.
struct output {
    const char* flag;
    const std::string* file;
    result<std::string> (*make)(const sources& all);
};

std::vector<output> outputs_of(const report_options& o) {
    const std::array all = {
        output{"--html", &o.html, html_of},
        output{"--markdown", &o.markdown,
               [](const sources& s) -> result<std::string> { return report::markdown(s); }},
        output{"--csv", &o.csv,
               [](const sources& s) -> result<std::string> { return report::csv(s); }},
        output{"--hlog", &o.hlog,
               [](const sources& s) -> result<std::string> { return report::hlog(s); }},
        output{"--trace", &o.trace,
               [](const sources& s) -> result<std::string> { return report::trace_json(s); }},
        output{"--prometheus", &o.prometheus,
               [](const sources& s) -> result<std::string> { return report::prometheus(s); }},
    };
    std::vector<output> wanted;
    for (const output& one : all) {
        if (!one.file->empty()) wanted.push_back(one);
    }
    return wanted;
}

/// Two that go to the same place would be one over the other, and one that goes over a file of a
/// result would destroy it.
result<void> check(const std::vector<output>& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::string& file = *wanted[i].file;
        if (file != "-" && is_of_a_result(file)) {
            return error{errc::usage,
                         std::string{wanted[i].flag} + ' ' + file +
                             " would be over a file of a "
                             "result, which is not written "
                             "over",
                         "Give it another name, or another directory."};
        }
        for (std::size_t k = 0; k < i; ++k) {
            if (*wanted[i].file != *wanted[k].file) continue;
            const std::string place = *wanted[i].file == "-" ? "stdout" : *wanted[i].file;
            return error{
                errc::usage,
                std::string{wanted[k].flag} + " and " + wanted[i].flag + " both go to " + place,
                "Give each its own file."};
        }
    }
    return {};
}

void tell_of_skipped(const report::source& s) {
    for (const report::source_run& run : s.runs) {
        if (run.skipped_lines == 0) continue;
        std::fprintf(stderr,
                     "lmstress: passed over %llu line(s) of requests.jsonl of %s: cut, unreadable "
                     "or repeated\n",
                     static_cast<unsigned long long>(run.skipped_lines),
                     report::printable(run.name).c_str());
    }
}

result<void> write(const output& one, const sources& all) {
    const auto text = one.make(all);
    if (!text) return text.error();
    if (*one.file == "-") return say(*text);
    const auto written = store::write_file(*one.file, *text);
    if (!written) return written.error();
    std::fprintf(stderr, "%s: %s\n", one.flag + 2, report::printable(*one.file).c_str());
    return {};
}

/// The table of one run, and its summary.json anew.
int rebuild(const fs::path& directory) {
    const auto rebuilt = store::rebuild(directory);
    if (!rebuilt) return complain(rebuilt.error());
    if (rebuilt->skipped_lines > 0) {
        std::fprintf(
            stderr,
            "lmstress: passed over %llu line(s) of requests.jsonl: cut, unreadable or repeated\n",
            static_cast<unsigned long long>(rebuilt->skipped_lines));
    }
    const fs::path file = directory / "summary.json";
    const auto written = store::write_file(file, report::summary_json(rebuilt->summary));
    if (!written) return complain(written.error());
    const auto judged = keep_verdicts(rebuilt->summary, directory);
    if (!judged) return complain(judged.error());
    const auto said = say(report::table(rebuilt->summary, terminal_width()) +
                          "\nsummary: " + file.string() + '\n');
    if (!said) return complain(said.error());
    return 0;
}

/// A directory that says of itself that it holds no other result is told of as a run, as ever.
bool is_run(const std::string& directory) {
    constexpr std::array of_others = {"sweep.json", "sweep.jsonl", "capacity.json",
                                      "capacity.jsonl", "comparison.json"};
    return std::none_of(of_others.begin(), of_others.end(), [&](const char* name) {
        std::error_code ec;
        return fs::exists(fs::path{directory} / name, ec);
    });
}

}  // namespace

int report(const report_options& options) {
    std::vector<output> wanted = outputs_of(options);
    if (wanted.empty() && options.directories.size() == 1 && is_run(options.directories[0])) {
        return rebuild(options.directories[0]);
    }
    const auto possible = check(wanted);
    if (!possible) return complain(possible.error());
    report_options as_markdown;
    as_markdown.markdown = "-";
    if (wanted.empty()) wanted = outputs_of(as_markdown);
    const auto names = source_names(options.directories);
    if (!names) return complain(names.error());
    sources all;
    for (std::size_t i = 0; i < options.directories.size(); ++i) {
        auto one = load_source(options.directories[i], (*names)[i]);
        if (!one) return complain(one.error());
        tell_of_skipped(*one);
        all.push_back(*std::move(one));
    }
    for (const output& one : wanted) {
        const auto written = write(one, all);
        if (!written) return complain(written.error());
    }
    return 0;
}

}  // namespace lmstress::cli
