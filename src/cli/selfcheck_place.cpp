#include "cli/selfcheck_place.hpp"

#include "cli/settings.hpp"
#include "store/journal.hpp"
#include "store/selfcheck_file.hpp"

#include <unistd.h>

#include <array>
#include <string_view>
#include <thread>

namespace lmstress::cli {
namespace {

/// Of the first processor, on Linux.
std::string cpu_name() {
    const auto info = store::read_file("/proc/cpuinfo");
    if (!info) return {};
    constexpr std::string_view key = "model name";
    const std::size_t at = info->find(key);
    if (at == std::string::npos) return {};
    const std::size_t begin = info->find_first_not_of("\t :", at + key.size());
    return begin == std::string::npos ? std::string{}
                                      : info->substr(begin, info->find('\n', begin) - begin);
}

}  // namespace

host_facts host_of_process() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) name[0] = '\0';
    return {.name = name.data(), .cpu = cpu_name(), .cores = std::thread::hardware_concurrency()};
}

std::string selfcheck_path(const std::vector<std::string>& variables) {
    return user_file("XDG_STATE_HOME", ".local/state", "lmstress/selfcheck.json", variables);
}

std::optional<selfcheck_note> last_selfcheck() {
    const std::string path = selfcheck_path(surroundings_of_process().variables);
    if (path.empty()) return std::nullopt;
    const auto content = store::read_file(path);
    if (!content) return std::nullopt;
    const host_facts host = host_of_process();
    return store::selfcheck_of(*content, host.name, host.cpu);
}

}  // namespace lmstress::cli
