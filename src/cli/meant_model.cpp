#include "cli/meant_model.hpp"

#include "cli/ask_server.hpp"
#include "server/identify.hpp"

namespace lmstress::cli {

result<std::string> meant_model(const scenario& s) {
    if (!s.target.model.empty() || !s.server.command.empty()) return std::string{};
    const auto who = ask_server_of<server::identity>(s, [](server::way to) {
        return server::identify(to.time, to.transport, to.at, to.target);
    });
    if (!who) return who.error();
    return who->model;
}

}  // namespace lmstress::cli
