#include "cli/compared_plans.hpp"

#include "analyze/likeness.hpp"
#include "report/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::cli {
namespace {

std::string joined(const std::vector<std::string>& all) {
    return report::printable(fmt::format("{}", fmt::join(all, "; ")));
}

/// The end of an advice: nobody has to look for what was measured in vain.
std::string kept_in(const std::string& directory) {
    return directory.empty() ? "" : "; what was measured is in " + report::printable(directory);
}

bool wants_slots(const planned_levels& p) {
    return !p.slots && !p.load.arrivals.is_open() &&
           std::any_of(p.load.concurrency.begin(), p.load.concurrency.end(),
                       [](const stream_count& c) { return c.is_multiple; });
}

bool leaves_work_open(const side_plan& p) {
    return p.levels.apis.empty() || p.target.model.empty();
}

/// Which of its APIs and models a server takes for both sides is the same then.
bool are_of_one_server(const side_plan& a, const side_plan& b) {
    return a.target.url == b.target.url && a.target.api == b.target.api &&
           a.target.model == b.target.model && a.server.command == b.server.command;
}

bool wish_the_same(const server_wishes& a, const server_wishes& b) {
    return a.parallel == b.parallel && a.unified_kv == b.unified_kv &&
           a.context_length == b.context_length;
}

std::string wish_for(const std::string& setting, const server_wishes& w) {
    const auto text = [](const auto& wish) { return wish ? fmt::format("{}", *wish) : ""; };
    if (setting == "unified_kv") return text(w.unified_kv);
    return setting == "parallel" ? text(w.parallel) : text(w.context_length);
}

}  // namespace

result<void> check_plans(const side_plan& a, const side_plan& b, bool force,
                         const std::string& directory) {
    const auto apart = levels_apart(a.levels, b.levels);
    if (!apart.empty()) return no_common_level(apart, directory);
    const auto differ = analyze::unlikeness_of_plans(a.setup, b.setup);
    if (!differ.other_work.empty() && !force) return of_other_work(differ.other_work, directory);
    return {};
}

bool is_open_until_asked(const side_plan& a, const side_plan& b) {
    const bool one = are_of_one_server(a, b);
    if ((leaves_work_open(a) || leaves_work_open(b)) && !one) return true;
    if (!wants_slots(a.levels) && !wants_slots(b.levels)) return false;
    return !one || !wish_the_same(a.server, b.server);
}

result<void> check_set(const std::string& name, const side_plan& opened, const side_plan& other) {
    const bool of_others = !opened.loads_models && opened.target.url != other.target.url;
    if (of_others) return {};
    for (const server::unset_setting& setting : opened.unset) {
        const std::string wish = wish_for(setting.name, opened.server);
        if (wish == wish_for(setting.name, other.server)) continue;
        return error{errc::refused,
                     fmt::format("{} was not measured: server.{}={} cannot be set, as {}", name,
                                 setting.name, wish, setting.why),
                     "Set it in the LM Studio window and measure each side by itself, or compare "
                     "servers of your own (--server-command)."};
    }
    return {};
}

error of_other_work(const std::vector<std::string>& differences, const std::string& directory) {
    return {errc::usage, "A and B are not of the same work: " + joined(differences),
            "Measure both alike, or compare them all the same with --force" + kept_in(directory)};
}

error no_common_level(const std::vector<std::string>& levels, const std::string& directory) {
    return {errc::usage, "A and B have no level in common: " + joined(levels),
            "Give both the same API and the same load" + kept_in(directory)};
}

}  // namespace lmstress::cli
