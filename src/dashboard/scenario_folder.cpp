#include "dashboard/scenario_folder.hpp"

#include "store/journal.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace lmstress::dashboard {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 200;
constexpr std::uintmax_t largest_file = 1024UL * 1024;
constexpr int deepest = 3;

struct found_file {
    std::string id;
    fs::path path;
};

bool is_scenario(const fs::directory_entry& e) {
    std::error_code ec;
    const std::string extension = e.path().extension().string();
    if (extension != ".json" && extension != ".jsonc") return false;
    // No link: it may lead anywhere.
    return !e.is_symlink(ec) && e.is_regular_file(ec) && e.file_size(ec) <= largest_file;
}

std::vector<found_file> files_in(const fs::path& folder) {
    std::vector<found_file> out;
    std::error_code ec;
    const auto how = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at{folder, how, ec}, end; !ec && at != end;
         at.increment(ec)) {
        if (at.depth() >= deepest) at.disable_recursion_pending();
        if (!is_scenario(*at)) continue;
        out.push_back({at->path().lexically_relative(folder).generic_string(), at->path()});
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    if (out.size() > most_files) out.resize(most_files);
    return out;
}

}  // namespace

namespace {

/// Whether the comment goes on behind its first line, as far as the next one tells.
bool goes_on(std::string_view rest, bool of_lines) {
    const std::size_t begin = rest.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return false;
    const std::string_view next = rest.substr(begin, rest.find('\n', begin) - begin);
    if (of_lines && !next.starts_with("//")) return false;
    const std::size_t words = next.find_first_not_of(of_lines ? " \t\r/" : " \t\r*");
    return words != std::string_view::npos && !next.substr(words).starts_with('/');
}

/// So many bytes at most, and no letter in half.
std::size_t whole_letters(std::string_view text, std::size_t most) {
    std::size_t end = std::min(most, text.size());
    const auto goes_on_at = [&](std::size_t i) {
        return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80;
    };
    while (end > 0 && goes_on_at(end)) --end;
    return end;
}

}  // namespace

std::string title_of_scenario(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    text.remove_prefix(begin);
    if (!text.starts_with("//") && !text.starts_with("/*")) return {};
    const bool of_lines = text.starts_with("//");
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    bool more = goes_on(text.substr(line_end), of_lines);
    text = text.substr(2, line_end - 2);
    if (const std::size_t end = text.find("*/"); end != std::string_view::npos) {
        text = text.substr(0, end);
        more = false;
    }
    const std::size_t first = text.find_first_not_of(" \t\r*");
    if (first == std::string_view::npos) return {};
    text = text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
    constexpr std::size_t longest = 200;
    more = text.size() > longest ||
           (more && std::string_view{".?!:"}.find(text.back()) == std::string_view::npos);
    return std::string{text.substr(0, whole_letters(text, longest))} + (more ? " …" : "");
}

std::vector<offered_scenario> scenarios_in(const fs::path& folder, const scenario_reader& read) {
    std::vector<offered_scenario> out;
    for (const found_file& file : files_in(folder)) {
        scenario_facts facts = read(file.path);
        const auto content = store::read_file(file.path);
        out.push_back({.id = file.id,
                       .command = std::move(facts.command),
                       .title = content ? title_of_scenario(*content) : std::string{},
                       .problem = std::move(facts.problem)});
    }
    return out;
}

std::optional<fs::path> file_of_scenario(const fs::path& folder, const std::string& id) {
    for (found_file& file : files_in(folder)) {
        if (file.id == id) return std::move(file.path);
    }
    return std::nullopt;
}

}  // namespace lmstress::dashboard
