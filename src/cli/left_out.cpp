#include "cli/left_out.hpp"

#include "store/journal.hpp"

#include <system_error>
#include <utility>

namespace lmstress::cli {
namespace {

constexpr int server_is_not_usable = 3;
constexpr int incomplete = 4;
constexpr const char* note = "left-out.txt";

/// Empty where it is a result.
std::string why_left_out(std::optional<int> exit_code) {
    if (!exit_code) return "it did not come to its end";
    switch (*exit_code) {
        case 1:
            return "its results could not be written";
        case 2:
            return "it ended with exit code 2";
        case server_is_not_usable:
            return "no request of it completed, or none over one of its APIs";
        case 130:
            return "it was interrupted";
        default:
            return {};
    }
}

}  // namespace

std::optional<left_out_run> left_out(const std::filesystem::path& directory,
                                     std::optional<int> exit_code) {
    std::string why = why_left_out(exit_code);
    if (why.empty()) return std::nullopt;
    return left_out_run{directory.string(), std::move(why), exit_code.value_or(incomplete)};
}

result<void> note_left_out(const left_out_run& run) {
    std::error_code ec;
    // Where it cannot be made, the file cannot be written either, and that says why.
    std::filesystem::create_directories(run.directory, ec);
    return store::write_file(std::filesystem::path{run.directory} / note, run.why + '\n');
}

std::optional<left_out_run> noted_left_out(const std::filesystem::path& directory) {
    std::error_code ec;
    if (!std::filesystem::exists(directory / note, ec)) return std::nullopt;
    auto why = store::read_file(directory / note);
    left_out_run out{directory.string(), why ? *std::move(why) : std::string{},
                     server_is_not_usable};
    while (out.why.ends_with('\n')) out.why.pop_back();
    if (out.why.empty()) out.why = "the comparison that measured it left it out";
    return out;
}

}  // namespace lmstress::cli
