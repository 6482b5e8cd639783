#include "cli/conclusion.hpp"
#include "cli/options.hpp"
#include "report/summary_json.hpp"
#include "report/table.hpp"
#include "store/journal.hpp"

#include <cstdio>

namespace lmstress::cli {

int report(const report_options& options) {
    const auto rebuilt = store::rebuild(options.directory);
    if (!rebuilt) return complain(rebuilt.error());
    if (rebuilt->skipped_lines > 0) {
        std::fprintf(
            stderr,
            "lmstress: passed over %llu line(s) of requests.jsonl: cut, unreadable or repeated\n",
            static_cast<unsigned long long>(rebuilt->skipped_lines));
    }
    const std::filesystem::path file = std::filesystem::path{options.directory} / "summary.json";
    const auto written = store::write_file(file, report::summary_json(rebuilt->summary));
    if (!written) return complain(written.error());
    const auto judged = keep_verdicts(rebuilt->summary, options.directory);
    if (!judged) return complain(judged.error());
    const auto said = say(report::table(rebuilt->summary, terminal_width()) +
                          "\nsummary: " + file.string() + '\n');
    if (!said) return complain(said.error());
    return 0;
}

}  // namespace lmstress::cli
