#include "cli/result_file.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>

namespace lmstress::cli {

namespace fs = std::filesystem;

namespace {

/// By which of them a directory is that of a result.
constexpr std::array<std::string_view, 6> telling = {
    "run.jsonl", "requests.jsonl", "summary.json", "sweep.jsonl", "sweep.json", "capacity.json"};
constexpr std::array<std::string_view, 3> others = {"first-failure.txt", "junit.xml", "server.log"};

bool holds_a_result(const fs::path& directory) {
    std::error_code ec;
    return std::any_of(telling.begin(), telling.end(),
                       [&](std::string_view name) { return fs::exists(directory / name, ec); });
}

}  // namespace

bool is_of_a_result(const fs::path& file) {
    std::error_code ec;
    const fs::path whole = fs::absolute(file, ec).lexically_normal();
    const std::string name = whole.filename().string();
    const bool known = std::find(telling.begin(), telling.end(), name) != telling.end() ||
                       std::find(others.begin(), others.end(), name) != others.end();
    return known && holds_a_result(whole.parent_path());
}

}  // namespace lmstress::cli
