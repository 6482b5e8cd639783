#include "cli/source_names.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <system_error>

namespace lmstress::cli {

namespace fs = std::filesystem;

namespace {

/// The parts of a directory, without a root and without what stands for others.
std::vector<std::string> parts_of(const std::string& directory) {
    std::error_code ec;
    fs::path whole = fs::weakly_canonical(directory, ec);
    if (ec) whole = fs::path{directory}.lexically_normal();
    std::vector<std::string> out;
    for (const fs::path& part : whole.relative_path()) {
        if (!part.empty()) out.push_back(part.string());
    }
    return out;
}

std::string last_of(const std::vector<std::string>& parts, std::size_t n) {
    std::string out;
    for (std::size_t i = parts.size() - std::min(n, parts.size()); i < parts.size(); ++i) {
        out += (out.empty() ? "" : "/") + parts[i];
    }
    return out;
}

}  // namespace

result<std::vector<std::string>> source_names(const std::vector<std::string>& directories) {
    std::vector<std::vector<std::string>> parts;
    for (const std::string& directory : directories) {
        parts.push_back(parts_of(directory));
        const auto same = std::find(parts.begin(), parts.end() - 1, parts.back());
        if (same == parts.end() - 1) continue;
        return error{errc::usage, directory + " stands there twice",
                     "Each result is in a report once."};
    }
    std::vector<std::string> out(parts.size());
    std::vector<std::size_t> open(parts.size());
    for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
    for (std::size_t n = 1; !open.empty(); ++n) {
        std::map<std::string, std::size_t> times;
        for (const std::size_t i : open) ++times[out[i] = last_of(parts[i], n)];
        std::erase_if(open,
                      [&](std::size_t i) { return times[out[i]] == 1 || n >= parts[i].size(); });
    }
    return out;
}

}  // namespace lmstress::cli
