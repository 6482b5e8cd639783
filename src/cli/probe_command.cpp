#include "cli/ask_server.hpp"
#include "cli/options.hpp"
#include "report/printable.hpp"
#include "server/probe.hpp"

#include <fmt/format.h>

#include <array>

namespace lmstress::cli {
namespace {

using findings = std::vector<server::finding>;

std::string text_of(const findings& all) {
    constexpr std::array words = {"ok", "no", "unknown"};
    std::string out;
    for (const server::finding& f : all) {
        out += fmt::format("{:<9}{:<25}{}\n", words.at(static_cast<std::size_t>(f.is)), f.about,
                           report::printable(f.detail));
    }
    return out;
}

/// What keeps a run from working.
std::string obstacles_in(const findings& all) {
    std::string out;
    for (const server::finding& f : all) {
        if (f.needed && f.is == server::verdict::no) out += (out.empty() ? "" : ", ") + f.about;
    }
    return out;
}

}  // namespace

int probe(const probe_options& options) {
    const auto found =
        ask_server<findings>(options.server, [](server::way to) { return server::probe(to); });
    if (!found) {
        const errc code = found.error().code;
        // Nobody could be asked; a flag that makes no sense is another matter.
        if (code == errc::unreachable || code == errc::not_understood) {
            static_cast<void>(say(text_of(server::not_probed(found.error()))));
        }
        return complain(found.error());
    }
    const auto said = say(found->hidden.hidden_in(text_of(found->answer)));
    if (!said) return complain(said.error());
    const std::string obstacles = obstacles_in(found->answer);
    if (obstacles.empty()) return 0;
    return complain({errc::refused, "the server is not ready for a run: " + obstacles,
                     "What is wrong stands in the lines that say no."});
}

}  // namespace lmstress::cli
