#include "cli/found_program.hpp"

#include "workload/server_command.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace lmstress::cli {
namespace {

bool can_be_run(const std::string& path) {
    std::error_code ec;
    return std::filesystem::is_regular_file(path, ec) && ::access(path.c_str(), X_OK) == 0;
}

/// A name without a slash, as a shell looks for it. An empty place is the working directory.
bool is_in_path(const std::string& name) {
    const char* set = std::getenv("PATH");
    std::string_view places = set != nullptr ? set : "/bin:/usr/bin";
    for (;;) {
        const std::size_t end = places.find(':');
        const std::string_view place = places.substr(0, end);
        if (can_be_run((place.empty() ? "." : std::string{place}) + '/' + name)) return true;
        if (end == std::string_view::npos) return false;
        places.remove_prefix(end + 1);
    }
}

}  // namespace

result<void> find_program(const std::string& command) {
    if (command.empty()) return {};
    const auto words = workload::words_of_command(command);
    if (!words) return words.error();
    if (words->empty()) return {};
    const std::string& program = words->front();
    if (program.find('{') != std::string::npos) return {};
    const bool is_path = program.find('/') != std::string::npos;
    if (is_path ? can_be_run(program) : is_in_path(program)) return {};
    std::error_code ec;
    if (is_path && std::filesystem::exists(program, ec)) {
        return error{errc::usage, "--server-command cannot start " + program + ": it is no program",
                     "Name a file that may be executed."};
    }
    return error{errc::usage,
                 "--server-command cannot start " + program + ": there is no such program",
                 "Name a program by its path, or one that is in PATH."};
}

}  // namespace lmstress::cli
