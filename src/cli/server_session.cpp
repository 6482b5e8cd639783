#include "cli/server_session.hpp"

#include "cli/options.hpp"
#include "cli/run_to_end.hpp"
#include "server/await_server.hpp"
#include "workload/scenario_json.hpp"

#include <utility>

namespace lmstress::cli {

/// A sentence beside the results, where there is one.
void server_session::note(const std::string& sentence, bool quiet) const {
    if (!sentence.empty() && !quiet) complain({errc::usage, hidden_.hidden_in(sentence)});
}

result<void> server_session::open(scenario& s, const how& h) {
    const auto found = find(s, h);
    return found ? bring_into_force(s, h) : found;
}

result<void> server_session::find(scenario& s, const how& h) {
    hidden_ = workload::secrets_of(s);
    auto at = find_address(context_, time_, s.target);
    if (!at) return at.error();
    at_ = *std::move(at);
    auto way = way_to_server::make(context_, time_, *at_, s.target);
    if (!way) return way.error();
    way_.emplace(*std::move(way));
    if (h.command.empty()) return {};
    const auto started = own_.start(time_, *way_, s, h.command, h.quiet);
    return started ? started : hidden_in(started.error(), hidden_);
}

result<void> server_session::bring_into_force(scenario& s, const how& h) {
    if (h.load) {
        const auto loaded = way_->load(s);
        if (!loaded) return hidden_in(loaded.error(), hidden_);
        note(*loaded, h.quiet);
    }
    auto who = way_->reach(s, h.needs, own_.said(), h.quiet);
    if (!who) return hidden_in(who.error(), hidden_);
    who_ = *std::move(who);
    for (const std::string& warning : who_->warnings) note(warning, h.quiet);
    return {};
}

std::optional<error> server_session::gone(const scenario& s) {
    const server::way to{time_, way_->transport(), *at_, s.target};
    if (run_to_end(context_, server::is_taken(to))) return std::nullopt;
    return hidden_in(
        {errc::unreachable,
         "the server at " + s.target.url + " is gone: it accepts no connection any longer",
         "Start it again; the same command with --resume and the directory of its "
         "results goes on."},
        hidden_);
}

void server_session::close(const scenario& s, bool unload, const std::filesystem::path& directory,
                           bool quiet) {
    if (unload) {
        const auto unloaded = way_->unload(s);
        note(unloaded ? *unloaded : unloaded.error().message, quiet);
    }
    note(own_.stop(directory, hidden_), quiet);
}

}  // namespace lmstress::cli
