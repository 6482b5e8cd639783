#include "cli/sweep_outlook.hpp"

#include "cli/several_runs.hpp"
#include "report/time_text.hpp"
#include "wire/plural.hpp"
#include "workload/sweep_plan.hpp"

#include <fmt/format.h>

#include <vector>

namespace lmstress::cli {

std::string cell_text(const sweep_plan& plan, const sweep_cell& c) {
    return fmt::format("{}, {}, run {}", variant_name(plan.variants[c.variant]), plan.loads[c.load],
                       c.run + 1);
}

sweep_plan open_part(const sweep_plan& plan, const sweep_journal& journal) {
    sweep_plan out = plan;
    std::erase_if(out.cells, [&](const sweep_cell& c) { return journal.is_finished(c); });
    return out;
}

std::string outlook(const scenario& s, const sweep_plan& plan, const sweep_plan& open) {
    const std::string all = fmt::format(
        "{}: {} of the server, {}, {} of each; ", wire::plural(plan.cells.size(), "cell"),
        wire::plural(plan.variants.size(), "setting"), wire::plural(plan.loads.size(), "load"),
        wire::plural(s.sweep.runs, "run"));
    if (open.cells.empty()) return all + "all of them are there already.";
    const auto length = workload::length_of(s, open);
    const bool whole = open.cells.size() == plan.cells.size();
    return all +
           fmt::format("{}{}, and {} the server comes to a setting.",
                       whole ? std::string{} : fmt::format("{} left to do, ", open.cells.size()),
                       length ? "about " + report::time_text(*length) + " of measuring"
                              : "as long as their requests take, which the first cell will tell",
                       wire::plural(workload::changes_of(open), "time"));
}

void tell_lost(bool quiet, const sweep_plan& plan, const sweep_journal& journal) {
    for (const sweep_journal::finished_cell& f : journal.lost()) {
        tell(quiet, fmt::format("{}: its result in {} is not there, or not whole, any longer, so "
                                "it is measured again",
                                cell_text(plan, f.cell), f.directory));
    }
}

void tell_begin(bool quiet, const scenario& s, const sweep_plan& plan, const sweep_journal& journal,
                const std::filesystem::path& directory) {
    tell(quiet, outlook(s, plan, open_part(plan, journal)));
    if (!journal.model().empty()) tell(quiet, "the model is " + journal.model());
    tell_lost(quiet, plan, journal);
    if (!journal.finished().empty()) {
        const std::size_t n = journal.finished().size();
        tell(quiet, fmt::format("{} of these {} there already.", wire::plural(n, "cell"),
                                n == 1 ? "is" : "are"));
    }
    tell(quiet, "results: " + directory.string() +
                    " (after an interruption --resume with that directory goes on)");
}

}  // namespace lmstress::cli
